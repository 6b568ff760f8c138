package org.imbrex.kernels.step;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.imbrex.kernels.opencl.BodyText;
import org.imbrex.kernels.opencl.BodyText.Rare;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.View;

/**
 * The rows of a part of a step in {@link StepInBoxes}' kernel. What has no neighbour beyond an edge is a function of
 * pointers, which the compiler may take to be apart; the ends of a row, and rows at an edge, are computed element by
 * element.
 */
final class StepRow {
    /** Elements that are computed without the seldom needed sides before looking whether one was needed. */
    private static final int BLOCK = 256;

    private final IterateStage stage;
    private final MapStage map;
    private final int part;
    private final int last;

    StepRow(IterateStage stage, int part) {
        this.stage = stage;
        this.map = stage.step().get(part);
        this.part = part;
        this.last = stage.domain().length - 1;
    }

    /** How a load moves along a row: 1 in fields and working memory. */
    private long step(int k) {
        View view = map.loads().get(k);
        int outer = stage.outer().indexOf(view);
        return outer < 0 || view.buffer() < stage.fields() ? 1 : stage.loads().get(outer).strides()[last];
    }

    private boolean isGiven(int k) {
        return step(k) != 0 && step(k) != 1;
    }

    private static String type(View view) {
        return SourceText.type(view.dtype());
    }

    /** The function that computes n elements of a row, whose first is at x0. */
    void function(SourceText out) {
        List<String> parameters = new ArrayList<>(List.of("const long n", "const long x0"));
        for (int axis = 0; axis < last; axis++) {
            parameters.add("const long i" + axis);
        }
        for (int k = 0; k < map.stores().size(); k++) {
            parameters.add("__global " + type(map.stores().get(k)) + " *restrict w" + k);
        }
        for (int k = 0; k < map.loads().size(); k++) {
            parameters.add("const __global " + type(map.loads().get(k)) + " *restrict r" + k);
            if (isGiven(k)) {
                parameters.add("const long step" + k);
            }
        }
        out.open("static inline void row%d(%s)", part, String.join(", ", parameters));
        if (BodyText.hasRare(map.body())) {
            out.open("for (long from = 0; from < n; from += %d)", BLOCK);
            out.line("const long to = min(n, from + %d);", BLOCK);
            out.line("int any = 0;");
            loop(out, "from", "to", Rare.LEFT_OUT);
            out.open("if (any)");
            loop(out, "from", "to", Rare.BRANCH);
            out.close();
            out.close();
        } else {
            loop(out, "0", "n", Rare.BRANCH);
        }
        out.close();
        out.line("");
    }

    private void loop(SourceText out, String from, String to, Rare rare) {
        out.open("for (long x = %s; x < %s; x++)", from, to);
        List<String> results = BodyText.write(
                out, map.body(), k -> SourceText.loaded(map.loads().get(k).dtype(), element(k)), this::rowIndex, rare);
        for (int k = 0; k < results.size(); k++) {
            out.line("w%d[x] = %s;", k, SourceText.stored(map.stores().get(k).dtype(), results.get(k)));
        }
        out.close();
    }

    private String element(int k) {
        return "r" + k + (step(k) == 0 ? "[0]" : step(k) == 1 ? "[x]" : "[x * step" + k + "]");
    }

    private String rowIndex(int axis) {
        return axis == last ? "(x0 + x)" : "i" + axis;
    }

    /** The loops over a box's rows, in the kernel. */
    void rows(SourceText out) {
        List<String> inside = new ArrayList<>(List.of("1"));
        for (int axis = 0; axis < last; axis++) {
            out.open("for (long i%1$d = f%1$d; i%1$d < e%1$d; i%1$d++)", axis);
            inside.add("i%1$d >= c%1$d && i%1$d < d%1$d".formatted(axis));
        }
        out.line("const int inside = %s;", String.join(" && ", inside));
        out.line("const long c = inside ? c%1$d : e%1$d;", last);
        out.line("const long d = inside ? d%1$d : e%1$d;", last);
        out.open("for (long i%1$d = f%1$d; i%1$d < e%1$d; i%1$d++)", last);
        out.open("if (i%d == c)", last);
        out.line("i%d = d;", last);
        out.open("if (d == e%d)", last);
        out.line("break;");
        out.close();
        out.close();
        border(out);
        out.close();
        out.open("if (d > c)");
        List<String> arguments = new ArrayList<>(List.of("d - c", "c"));
        for (int axis = 0; axis < last; axis++) {
            arguments.add("i" + axis);
        }
        IntFunction<String> first = axis -> axis == last ? "c" : "i" + axis;
        for (int k = 0; k < map.stores().size(); k++) {
            arguments.add(at("w" + k, first));
        }
        for (int k = 0; k < map.loads().size(); k++) {
            View view = map.loads().get(k);
            arguments.add(at("r" + k, axis -> "(" + first.apply(axis) + " + " + IterateStage.shift(view, axis) + ")"));
            if (isGiven(k)) {
                arguments.add("r" + k + "_" + last);
            }
        }
        out.line("row%d(%s);", part, String.join(", ", arguments));
        out.close();
        for (int axis = 0; axis < last; axis++) {
            out.close();
        }
    }

    private String at(String name, IntFunction<String> index) {
        StringBuilder text = new StringBuilder(name).append(" + ").append(name).append("_at");
        for (int axis = 0; axis <= last; axis++) {
            text.append(" + ").append(index.apply(axis)).append(" * ").append(name).append('_').append(axis);
        }
        return text.toString();
    }

    private void border(SourceText out) {
        String[] reads = new String[map.loads().size()];
        for (int k = 0; k < reads.length; k++) {
            View view = map.loads().get(k);
            List<String> known = new ArrayList<>();
            String[] index = new String[last + 1];
            for (int axis = 0; axis <= last; axis++) {
                index[axis] = "i" + axis;
            }
            for (Shift shift : view.shifts()) {
                String name = "m" + k + "_" + shift.axis();
                out.line("const long %s = beyond_%s(i%d + %d, n%d);", name, view.mode().text(), shift.axis(), shift.by(),
                        shift.axis());
                index[shift.axis()] = name;
                known.add(name + " >= 0");
            }
            String value = SourceText.loaded(view.dtype(), "*(" + at("r" + k, axis -> index[axis]) + ")");
            reads[k] = view.mode() == EdgeMode.CONSTANT && !known.isEmpty()
                    ? String.join(" && ", known) + " ? " + value + " : "
                            + SourceText.constant(view.dtype().scalar(), view.fill())
                    : value;
        }
        List<String> results = BodyText.write(out, map.body(), k -> reads[k], axis -> "i" + axis, Rare.BRANCH);
        for (int k = 0; k < results.size(); k++) {
            out.line("*(%s) = %s;", at("w" + k, axis -> "i" + axis),
                    SourceText.stored(map.stores().get(k).dtype(), results.get(k)));
        }
    }
}
