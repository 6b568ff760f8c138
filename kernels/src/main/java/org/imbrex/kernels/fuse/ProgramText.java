package org.imbrex.kernels.fuse;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.Shape;

/** A program as text: equal programs, and only those, have equal texts. */
public final class ProgramText {
    private ProgramText() {}

    /** All of it, bodies included. */
    public static String of(Program program) {
        StringBuilder text = new StringBuilder();
        for (int number = 0; number < program.buffers().size(); number++) {
            Program.Buffer buffer = program.buffers().get(number);
            text.append('b').append(number).append(": ").append(buffer.dtype()).append(buffer.shape());
            if (number < program.inputs().size()) {
                text.append(" input ").append(program.inputs().get(number));
                text.append(" strides ").append(Arrays.toString(buffer.strides()));
            }
            text.append('\n');
        }
        for (Stage stage : program.stages()) {
            text.append(of(stage));
        }
        return text.append("results ").append(program.results()).append('\n').toString();
    }

    /** One stage: its index space, its views, its bodies. */
    public static String of(Stage stage) {
        StringBuilder text = new StringBuilder();
        switch (stage) {
            case MapStage map -> {
                text.append("map ").append(new Shape(map.domain())).append('\n');
                views(text, "load", map.loads());
                text.append(map.body().text());
            }
            case ReduceStage reduce -> {
                text.append("reduce ").append(new Shape(reduce.extents()));
                text.append(" axes ").append(reduce.from()).append(':').append(reduce.to());
                text.append(' ').append(reduce.combines()).append('\n');
                views(text, "load", reduce.loads());
                text.append(reduce.body().text()).append("epilogue\n").append(reduce.epilogue().text());
            }
            case MatMulStage product -> {
                text.append("matmul ").append(new Shape(product.domain()));
                text.append(" inner ").append(product.inner()).append('\n');
                views(text, "load", product.loads());
                if (!product.isPlain()) {
                    text.append("epilogue\n").append(product.epilogue().text());
                }
            }
            case IterateStage iterate -> {
                text.append("iterate ").append(new Shape(iterate.domain()));
                text.append(" steps ").append(iterate.steps());
                text.append(" fields ").append(iterate.fields()).append(" next ").append(iterate.next()).append('\n');
                views(text, "load", iterate.loads());
                iterate.step().forEach(part -> text.append(of(part)));
            }
            case LineStage lines -> {
                text.append("lines ").append(new Shape(lines.domain())).append(" axis ").append(lines.axis());
                text.append(' ').append(lines.line()).append(" of ").append(lines.dtype()).append('\n');
                views(text, "load", lines.inputs());
                lines.carry().ifPresent(carry -> views(text, "carry", List.of(carry)));
                text.append(lines.body().text());
            }
        }
        views(text, "store", stage.stores());
        return text.toString();
    }

    /** What a reader wants to know of it: a line a buffer, a line a stage, bodies by their counts of operations. */
    public static String summary(Program program) {
        StringBuilder text = new StringBuilder();
        for (int number = 0; number < program.buffers().size(); number++) {
            Program.Buffer buffer = program.buffers().get(number);
            boolean isInput = number < program.inputs().size();
            boolean isPlain = !isInput || Arrays.equals(buffer.strides(), buffer.shape().strides());
            text.append('b').append(number).append(": ").append(buffer.dtype()).append(buffer.shape());
            text.append(isInput ? " input " + program.inputs().get(number) : "");
            text.append(isPlain ? "" : " with strides " + Arrays.toString(buffer.strides()));
            text.append(program.results().contains(number) ? " result" : "").append('\n');
        }
        for (int number = 0; number < program.stages().size(); number++) {
            text.append('s').append(number).append(": ");
            summary(text, program.stages().get(number));
            text.append('\n');
        }
        return text.toString();
    }

    private static void summary(StringBuilder text, Stage stage) {
        List<Body> bodies = switch (stage) {
            case MapStage map -> {
                text.append("map ").append(new Shape(map.domain()));
                yield List.of(map.body());
            }
            case ReduceStage reduce -> {
                text.append("reduce ").append(new Shape(reduce.extents())).append(" over axes ");
                text.append(reduce.from()).append(':').append(reduce.to()).append(" by ").append(reduce.combines());
                yield List.of(reduce.body(), reduce.epilogue());
            }
            case MatMulStage product -> {
                text.append("matmul ").append(new Shape(product.domain()));
                text.append(" over ").append(product.inner());
                yield List.of(product.epilogue());
            }
            case IterateStage iterate -> {
                text.append("iterate ").append(new Shape(iterate.domain()));
                text.append(", ").append(iterate.steps()).append(" steps");
                yield iterate.step().stream().map(MapStage::body).toList();
            }
            case LineStage lines -> {
                text.append(lines.line().text()).append(' ').append(new Shape(lines.extents()));
                text.append(" along axis ").append(lines.axis());
                yield List.of(lines.body());
            }
        };
        text.append(", ").append(views(stage.loads())).append(" -> ").append(views(stage.stores()));
        Map<Op, Integer> counts = new EnumMap<>(Op.class);
        for (Body body : bodies) {
            body.instrs().forEach(instr -> counts.merge(instr.op(), 1, Integer::sum));
        }
        counts.remove(Op.LOAD);
        counts.remove(Op.CONST);
        counts.forEach((op, count) -> text.append(", ").append(count).append(' ').append(op));
    }

    private static String views(List<View> views) {
        return views.isEmpty()
                ? "nothing"
                : views.stream().map(ProgramText::view).collect(Collectors.joining(" "));
    }

    private static String view(View view) {
        if (view.shifts().isEmpty()) {
            return "b" + view.buffer();
        }
        long[] by = new long[view.strides().length];
        view.shifts().forEach(shift -> by[shift.axis()] = shift.by());
        return "b" + view.buffer() + Arrays.toString(by) + view.mode().text();
    }

    private static void views(StringBuilder text, String how, List<View> views) {
        for (int slot = 0; slot < views.size(); slot++) {
            text.append(how).append(' ').append(slot).append(": ").append(views.get(slot)).append('\n');
        }
    }

    /** SHA-256 of the text, in hex. */
    static String id(Program program) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(of(program).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
