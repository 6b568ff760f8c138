package org.imbrex.runtime.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.opencl.OpenClTarget.Style;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.junit.jupiter.api.Test;

/**
 * Products in each of their kernels give the reference's bits, at every size around their blocks. Texts hold no extents,
 * so all shapes of one layout share a kernel.
 */
class OpenClProductsTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", 1);
    private static final List<DType> ALL = List.of(DType.F32, DType.F64, DType.I32, DType.I64);

    /** Which of a, b and c have their last two axes the other way around in memory. */
    private record Layout(boolean a, boolean b, boolean c) {}

    private static final Layout PLAIN = new Layout(false, false, false);
    private static final List<Layout> LAYOUTS = List.of(
            PLAIN, new Layout(true, false, false), new Layout(false, true, true), new Layout(true, true, false));

    /** Rows, inner, cols: blocks of 6 or 12 rows, 16 to 64 columns and 256 of k, more rows and columns than one packing. */
    private static final long[][] SHAPES = {
        {1, 1, 1}, {5, 0, 9}, {6, 256, 16}, {7, 257, 17}, {13, 300, 33}, {12, 512, 32}, {3, 520, 70}, {2, 5, 3}, {70, 40, 5},
        {530, 3, 40}, {40, 3, 530}, {523, 2, 521}, {31, 600, 64}
    };
    private static final long[][] FEW = {{1, 1, 1}, {5, 0, 9}, {7, 257, 17}, {13, 300, 33}, {70, 40, 5}, {140, 17, 20}};
    private static final long[][] VECTORS = {
        {1, 0, 5}, {1, 1, 1}, {1, 700, 300}, {1, 256, 31}, {1, 257, 8}, {1, 9, 2100}, {1, 15, 1500}
    };

    private static long[] strides(long outer, long inner, boolean turned, int batch) {
        long[] strides = new long[batch + 2];
        strides[batch] = turned ? 1 : inner;
        strides[batch + 1] = turned ? outer : 1;
        for (int axis = 0; axis < batch; axis++) {
            strides[axis] = (axis + 1) * (outer * inner + 3); // not as dense as could be
        }
        return strides;
    }

    private static MemorySegment memory(Arena arena, DType dtype, long elements, Random random) {
        MemorySegment memory = arena.allocate(Math.max(1, elements) * dtype.bytes(), 64);
        for (long i = 0; i < elements; i++) {
            double value = random.nextInt(5000) == 0 ? Double.NEGATIVE_INFINITY : random.nextGaussian();
            long bits = switch (dtype) {
                case F32 -> Float.floatToRawIntBits((float) value);
                case F64 -> Double.doubleToRawLongBits(value);
                default -> random.nextLong();
            };
            Elements.write(dtype, memory.address() + i * dtype.bytes(), bits);
        }
        return memory;
    }

    private static void check(OpenClFixture f, DType dtype, Layout layout, long[] shape, long... batches) {
        Random random = new Random(SEED);
        int batch = batches.length;
        long rows = shape[0];
        long inner = shape[1];
        long cols = shape[2];
        long[] domain = java.util.Arrays.copyOf(batches, batch + 2);
        domain[batch] = rows;
        domain[batch + 1] = cols;
        View a = new View(0, dtype, 1, strides(rows, inner, layout.a, batch));
        View b = new View(1, dtype, 2, strides(inner, cols, layout.b, batch));
        View c = new View(2, dtype, 3, strides(rows, cols, layout.c, batch));
        long room = 8;
        for (long extent : batches) {
            room += 4 * extent;
        }
        try (Arena arena = Arena.ofShared()) {
            MatMulStage stage = new MatMulStage(domain, inner, a, b, c);
            List<MemorySegment> loads = List.of(
                    memory(arena, dtype, room * (rows * inner + 4), random),
                    memory(arena, dtype, room * (inner * cols + 4), random));
            String name = "%s %s %d x %d x %d".formatted(dtype, layout, rows, inner, cols);
            LoweringContract.check(
                    new Case(name, stage, loads, new long[] {room * (rows * cols + 4)}, arena), f.runner(stage), random);
        }
    }

    private static void checkAll(UnaryOperator<OpenClOptions> options, DType dtype, long[][] shapes, List<Layout> layouts) {
        try (OpenClFixture f = new OpenClFixture(options)) {
            for (Layout layout : layouts) {
                for (long[] shape : shapes) {
                    check(f, dtype, layout, shape);
                }
                check(f, dtype, layout, new long[] {9, 20, 11}, 3, 2);
            }
        }
    }

    private static List<Layout> layouts(DType dtype) {
        return dtype == DType.F32 ? LAYOUTS : List.of(PLAIN);
    }

    @Test
    void panelsGiveTheReferencesBits() {
        for (DType dtype : ALL) {
            checkAll(o -> o.withTarget(Style.LOOPS, true), dtype, SHAPES, layouts(dtype));
        }
        checkAll(o -> o.withTarget(Style.LOOPS, false), DType.F64, SHAPES, LAYOUTS);
    }

    @Test
    void panelsOfAnyVectorWidthGiveTheReferencesBits() {
        for (int vectorBytes : new int[] {8, 64}) {
            checkAll(
                    o -> o.withTarget(Style.LOOPS, true).withLimits(64, vectorBytes, 1 << 15), DType.F32, SHAPES,
                    List.of(PLAIN));
        }
    }

    @Test
    void matricesTimesVectorsGiveTheReferencesBits() {
        for (DType dtype : ALL) {
            try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(Style.LOOPS, true))) {
                for (Layout layout : layouts(dtype)) {
                    for (long[] shape : VECTORS) {
                        check(f, dtype, layout, shape);
                        check(f, dtype, layout, new long[] {shape[2], shape[1], shape[0]});
                    }
                    check(f, dtype, layout, new long[] {1, 30, 20}, 3, 2);
                }
            }
        }
    }

    /** A processor's driver is slow at kernels with barriers, to compile and to run. */
    @Test
    void groupsOfAnySizeGiveTheReferencesBits() {
        checkGroups(DType.F32, 256, 1 << 16, PLAIN);
        checkGroups(DType.F64, 256, 1 << 16, LAYOUTS.getLast());
        checkGroups(DType.I32, 64, 3 << 10, PLAIN);
        checkGroups(DType.I64, 1, 1 << 10, PLAIN);
    }

    private static void checkGroups(DType dtype, int groupItems, long localBytes, Layout layout) {
        checkAll(
                o -> o.withTarget(Style.ITEMS, true).withLimits(groupItems, 32, localBytes), dtype, FEW, List.of(layout));
        // without extents to go by, the largest squares that fit
        checkAll(
                o -> o.withTarget(Style.ITEMS, false).withLimits(groupItems, 32, localBytes), dtype, FEW, List.of(layout));
    }
}
