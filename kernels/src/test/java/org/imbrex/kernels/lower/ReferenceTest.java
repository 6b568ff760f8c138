package org.imbrex.kernels.lower;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.junit.jupiter.api.Test;

/** The oracle against what one can work out by hand. */
class ReferenceTest {
    @Test
    void mapReadsNeighboursWithFillAndNarrowsOnStore() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 100, (byte) 50, (byte) -128);
            MemorySegment out = arena.allocate(3);
            Code code = new Code();
            View x = new View(0, DType.I8, 0, new long[] {1});
            View next = new View(
                    0, DType.I8, 0, new long[] {1}, List.of(new Shift(0, 1, 3)), EdgeMode.CONSTANT, 7);
            MapStage stage = new MapStage(
                    new long[] {3},
                    List.of(x, next),
                    code.body(code.add(code.load(ScalarType.I32, 0), code.load(ScalarType.I32, 1))),
                    List.of(new View(1, DType.I8, 0, new long[] {1})));
            run(stage, new long[] {in.address(), in.address()}, out.address());
            assertThat(out.toArray(ValueLayout.JAVA_BYTE)).containsExactly((byte) 150, (byte) -78, (byte) -121);
        }
    }

    @Test
    void sumFollowsTheTree() {
        int n = 300;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(4L * n, 4);
            float[] x = new float[n];
            for (int i = 0; i < n; i++) {
                x[i] = 1f / (i + 1);
                in.setAtIndex(ValueLayout.JAVA_FLOAT, i, x[i]);
            }
            MemorySegment out = arena.allocate(4, 4);
            run(sum(n), new long[] {in.address()}, out.address());
            float expected = (leaf(x, 0) + leaf(x, 128)) + leaf(x, 256);
            assertThat(out.get(ValueLayout.JAVA_FLOAT, 0)).isEqualTo(expected);

            MemorySegment partial = arena.allocate(4, 4);
            Lowerings.reference(sum(n))
                    .run(new Tile(0, new long[0], new long[0], 2, 3), new long[] {in.address()}, new long[] {
                        partial.address()
                    });
            assertThat(partial.get(ValueLayout.JAVA_FLOAT, 0)).isEqualTo(leaf(x, 256));
        }
    }

    private static ReduceStage sum(int n) {
        Code body = new Code();
        Code epilogue = new Code();
        return new ReduceStage(
                new long[] {n},
                0,
                1,
                List.of(new View(0, DType.F32, 0, new long[] {1})),
                body.body(body.load(ScalarType.F32, 0)),
                List.of(Combine.SUM),
                epilogue.body(epilogue.load(ScalarType.F32, 0)),
                List.of(new View(1, DType.F32, 0, new long[0])));
    }

    private static float leaf(float[] x, int from) {
        float[] lanes = new float[8];
        for (int i = from; i < Math.min(x.length, from + 128); i++) {
            lanes[i % 8] += x[i];
        }
        return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
    }

    @Test
    void productAddsBlocksOfFusedMultiplyAdds() {
        int k = 300;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = arena.allocate(8L * k, 8);
            MemorySegment b = arena.allocate(8L * k, 8);
            double first = 0;
            double second = 0;
            for (int i = 0; i < k; i++) {
                double x = Math.sqrt(i + 1);
                double y = 1 / x - 0.1;
                a.setAtIndex(ValueLayout.JAVA_DOUBLE, i, x);
                b.setAtIndex(ValueLayout.JAVA_DOUBLE, i, y);
                if (i < 256) {
                    first = Math.fma(x, y, first);
                } else {
                    second = Math.fma(x, y, second);
                }
            }
            MemorySegment c = arena.allocate(8, 8);
            MatMulStage stage = new MatMulStage(
                    new long[] {1, 1},
                    k,
                    new View(0, DType.F64, 0, new long[] {k, 1}),
                    new View(1, DType.F64, 0, new long[] {1, 1}),
                    new View(2, DType.F64, 0, new long[] {1, 1}));
            run(stage, new long[] {a.address(), b.address()}, c.address());
            assertThat(c.get(ValueLayout.JAVA_DOUBLE, 0)).isEqualTo(first + second);
        }
    }

    private static void run(Stage stage, long[] loads, long store) {
        long[] hi = stage.domain();
        Lowering kernel = Lowerings.reference(stage);
        assertThat(kernel.hash()).hasSize(64);
        kernel.run(new Tile(0, new long[hi.length], hi, 0, stage.leaves()), loads, new long[] {store});
    }
}
