package org.imbrex.kernels.opencl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.View;

/** Views read at any index, neighbours and edges and all: the text to which {@code View.element} is the model. */
public final class Views {
    private final List<View> views;
    private final Pointers pointers;
    private final boolean specialise;
    private final int[] set;
    private final List<long[]> sets = new ArrayList<>();

    public Views(OpenClTarget target, List<View> views, Pointers pointers) {
        this.views = views;
        this.pointers = pointers;
        this.specialise = target.specialise();
        this.set = new int[views.size()];
        for (int k = 0; k < set.length; k++) {
            set[k] = -1;
            for (int known = 0; known < sets.size() && target.specialise(); known++) {
                if (Arrays.equals(sets.get(known), views.get(k).strides())) {
                    set[k] = known;
                }
            }
            if (set[k] < 0) {
                set[k] = sets.size();
                sets.add(views.get(k).strides());
            }
        }
    }

    /** The functions that it calls: for each edge mode the index within [0, n) that it reads for i. */
    public static String functions(List<View> views) {
        StringBuilder text = new StringBuilder();
        for (EdgeMode mode : EdgeMode.values()) {
            if (views.stream().anyMatch(view -> view.mode() == mode && !view.shifts().isEmpty())) {
                text.append("static inline long beyond_").append(mode.text()).append("(long i, long n) {\n");
                text.append("    if (i >= 0 && i < n) {\n        return i;\n    }\n");
                text.append(switch (mode) {
                            case EDGE -> "    return i < 0 ? 0 : n - 1;\n";
                            case CONSTANT -> "    return -1;\n";
                            case WRAP -> "    const long m = i % n;\n    return m < 0 ? m + n : m;\n";
                            case REFLECT ->
                                "    if (n == 1) {\n        return 0;\n    }\n" + mirrored("2 * n - 2", "p - m");
                            case SYMMETRIC -> mirrored("2 * n", "p - 1 - m");
                        })
                        .append("}\n\n");
            }
        }
        return text.toString();
    }

    private static String mirrored(String period, String back) {
        return "    const long p = " + period + ";\n    const long r = i % p;\n"
                + "    const long m = r < 0 ? r + p : r;\n    return m < n ? m : " + back + ";\n";
    }

    /** The names of its numbers, in the order of {@link #values}. */
    public List<String> numbers() {
        List<String> names = new ArrayList<>();
        for (int k = 0; k < views.size(); k++) {
            View view = views.get(k);
            names.add("start" + k);
            for (Shift shift : view.shifts()) {
                names.add("by" + k + "_" + shift.axis());
                names.add("end" + k + "_" + shift.axis());
            }
            if (hasFill(view)) {
                names.add("fill" + k);
            }
        }
        for (int s = 0; s < sets.size(); s++) {
            for (int axis = 0; axis < sets.get(s).length; axis++) {
                names.add("t" + s + "_" + axis);
            }
        }
        return names;
    }

    public long[] values() {
        return values(new long[views.size()]);
    }

    /** @param further what to add to each view's offset */
    public long[] values(long[] further) {
        List<Long> values = new ArrayList<>();
        for (int k = 0; k < further.length; k++) {
            View view = views.get(k);
            values.add(view.offset() + further[k]);
            for (Shift shift : view.shifts()) {
                values.add(shift.by());
                values.add(shift.extent());
            }
            if (hasFill(view)) {
                values.add(view.fill());
            }
        }
        for (long[] strides : sets) {
            for (long stride : strides) {
                values.add(stride);
            }
        }
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    /** For each number the pointer whose element 0 it counts from, or -1. */
    public int[] relative() {
        List<Integer> relative = new ArrayList<>();
        for (int k = 0; k < views.size(); k++) {
            relative.add(pointers.position(k));
            int others = 2 * views.get(k).shifts().size() + (hasFill(views.get(k)) ? 1 : 0);
            for (int other = 0; other < others; other++) {
                relative.add(-1);
            }
        }
        int rest = numbers().size() - relative.size();
        for (int other = 0; other < rest; other++) {
            relative.add(-1);
        }
        return relative.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean hasFill(View view) {
        return view.mode() == EdgeMode.CONSTANT && !view.shifts().isEmpty();
    }

    /** What an index adds to a view's element. Steps of 0 and 1 are written out, so that compilers see them. */
    private List<String> term(int k, int axis, String index) {
        long stride = views.get(k).strides()[axis];
        if (specialise && stride == 0) {
            return List.of();
        }
        return List.of(specialise && stride == 1 ? index : index + " * t" + set[k] + "_" + axis);
    }

    /** The expression of the element that a view without neighbours reads. */
    public String element(int k, IntFunction<String> indices) {
        List<String> terms = new ArrayList<>(List.of("start" + k));
        for (int axis = 0; axis < views.get(k).strides().length; axis++) {
            terms.addAll(term(k, axis, indices.apply(axis)));
        }
        return String.join(" + ", terms);
    }

    /** Writes what finds a view's element; returns the expression of its value. */
    public String read(SourceText out, int k, IntFunction<String> indices) {
        View view = views.get(k);
        List<String> terms = new ArrayList<>();
        terms.add("start" + k);
        List<String> inside = new ArrayList<>();
        for (int axis = 0; axis < view.strides().length; axis++) {
            String index = indices.apply(axis);
            for (Shift shift : view.shifts()) {
                if (shift.axis() == axis) {
                    String name = "m" + k + "_" + axis;
                    out.line("const long %s = beyond_%s(%s + by%d_%d, end%d_%d);", name, view.mode().text(), index, k,
                            axis, k, axis);
                    index = name;
                    inside.add(name + " >= 0");
                }
            }
            terms.addAll(term(k, axis, index));
        }
        String value = pointers.load(k, String.join(" + ", terms));
        if (!hasFill(view)) {
            return value;
        }
        String fill = switch (view.dtype().scalar()) {
            case BOOL -> "(fill" + k + " != 0)";
            case I32 -> "(int)fill" + k;
            case I64 -> "fill" + k;
            case F32 -> "as_float((int)fill" + k + ")";
            case F64 -> "as_double(fill" + k + ")";
        };
        return String.join(" && ", inside) + " ? " + value + " : " + fill;
    }
}
