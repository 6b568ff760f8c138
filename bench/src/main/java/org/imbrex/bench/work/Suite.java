package org.imbrex.bench.work;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;

/** The works, in the order in which they run: those that share inputs follow each other. */
public final class Suite {
    /** One explicit heat step, in the order of additions that the C loop has too. */
    private static final String HEAT = "u+0.1*((at(u,-1,0)+at(u,1,0))+(at(u,0,-1)+at(u,0,1))-4*u)";

    private final double scale;
    private final List<Work> works = new ArrayList<>();

    private Suite(double scale) {
        this.scale = scale;
    }

    /** @param scale of the number of elements, 1 for the suite as published */
    public static List<Work> works(double scale) {
        Suite suite = new Suite(scale);
        suite.elementwise();
        suite.grids();
        suite.blocks();
        suite.order();
        suite.products();
        suite.transforms();
        return List.copyOf(suite.works);
    }

    /** So many elements of an axis at this scale: a multiple of 64. */
    private long scaled(long extent, int axes) {
        return scale == 1 ? extent : Math.max(64, Math.round(extent * Math.pow(scale, 1.0 / axes)) / 64 * 64);
    }

    private void elementwise() {
        long n = scaled(20_000_000, 1);
        Map<String, ArrayType> three = inputs("a", f32(n), "b", f32(n), "c", f32(n));
        memory("fma3", "a*b+c", three, 16 * n, false);
        memory("sqrt-exp", "sqrt(a*a+b*b)/(1+exp(-c))", three, 16 * n, false);
        memory("sin-axpy", "2*a+b*sin(c)", three, 16 * n, false);
        Map<String, ArrayType> one = inputs("a", f32(n));
        memory("sum", "sum(a)", one, 4 * n, true);
        memory("mean", "mean(a)", one, 4 * n, true);
        memory("min", "min(a)", one, 4 * n, true);
    }

    private void grids() {
        long side = scaled(4096, 2);
        long points = side * side;
        Map<String, ArrayType> grid = inputs("u", f32(side, side));
        memory("mean-axis0", "mean(u, axis=0)", grid, 4 * points, true);
        memory("mean-axis1", "mean(u, axis=1)", grid, 4 * points, true);
        memory("var-axis0", "var(u, axis=0)", grid, 4 * points, true);
        add("heat5", "heat5", HEAT, grid, Unit.GPOINTS, points, 8 * points, 0, false);
        add("heat5-64steps", "heat5-64steps", "iterate(" + HEAT + ", steps=64)", grid, Unit.GPOINTS, 64 * points,
                64 * 8 * points, 0, false);
    }

    private void blocks() {
        long rows = scaled(8_000_000, 1);
        String expression = "mean(blocks(x, 8), axis=1)";
        memory("blockmean", expression, inputs("x", f64(rows, 3)), 27 * rows, true);
        add("blockmean-seed", "blockmean", expression, inputs("x", f64(1000, 3)), Unit.MICROS, 1, 27_000, 0, true);
    }

    private void order() {
        long n = scaled(1 << 24, 1);
        Map<String, ArrayType> one = inputs("s", f32(n));
        add("sort", "sort", "sort(s)", one, Unit.MELEMENTS, n, 8 * n, 0, false);
        add("quantile", "quantile", "quantile(s, 0.9)", one, Unit.MELEMENTS, n, 4 * n, 0, true);
    }

    private void products() {
        for (DType dtype : List.of(DType.F32, DType.F64)) {
            for (long extent : new long[] {256, 512, 1536, 2048}) {
                long n = scaled(extent, 3);
                add("matmul-" + dtype + "-" + extent, "matmul", "p @ q",
                        inputs("p", array(dtype, n, n), "q", array(dtype, n, n)), Unit.GFLOPS, 2.0 * n * n * n,
                        3.0 * dtype.bytes() * n * n, 2.0 * n * n * n, false);
            }
        }
        long n = scaled(8192, 2);
        add("matvec", "matvec", "m @ v", inputs("m", f32(n, n), "v", f32(n)), Unit.GBYTES, 4.0 * n * n, 4.0 * n * n,
                2.0 * n * n, true);
    }

    private void transforms() {
        for (int log : new int[] {10, 12, 14, 16, 18, 20, 22}) {
            int k = scale == 1 ? log : Math.max(4, log / 2);
            long n = 1L << k;
            // the usual count of a radix-2 transform
            double flops = 5.0 * n * k;
            add("fft-2^" + log, "fft", "fft(z)", inputs("z", f64(n, 2)), Unit.GFLOPS, flops, 32.0 * n, flops, false);
        }
    }

    private void memory(String name, String expression, Map<String, ArrayType> inputs, double bytes, boolean reads) {
        add(name, name, expression, inputs, Unit.GBYTES, bytes, bytes, 0, reads);
    }

    private void add(String name, String family, String expression, Map<String, ArrayType> inputs, Unit unit,
            double amount, double bytes, double flops, boolean reads) {
        ArrayType first = inputs.values().iterator().next();
        works.add(new Work(name, family, first.dtype(), size(first.shape()), expression, inputs, unit, amount, bytes, flops,
                reads));
    }

    private static String size(Shape shape) {
        StringBuilder text = new StringBuilder();
        for (int axis = 0; axis < shape.rank(); axis++) {
            text.append(axis == 0 ? "" : "x").append(shape.extent(axis));
        }
        return text.toString();
    }

    private static ArrayType f32(long... extents) {
        return array(DType.F32, extents);
    }

    private static ArrayType f64(long... extents) {
        return array(DType.F64, extents);
    }

    private static ArrayType array(DType dtype, long... extents) {
        return new ArrayType(dtype, Shape.of(extents));
    }

    private static Map<String, ArrayType> inputs(Object... namesAndTypes) {
        Map<String, ArrayType> inputs = new LinkedHashMap<>();
        for (int k = 0; k < namesAndTypes.length; k += 2) {
            inputs.put((String) namesAndTypes[k], (ArrayType) namesAndTypes[k + 1]);
        }
        return inputs;
    }
}
