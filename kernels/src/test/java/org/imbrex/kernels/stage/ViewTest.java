package org.imbrex.kernels.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.imbrex.kernels.type.DType;
import org.junit.jupiter.api.Test;

class ViewTest {
    @Test
    void edgeModesMapAsNumpyPad() {
        // numpy.pad([0, 1, 2], 5, mode=...)
        assertThat(padded(EdgeMode.EDGE)).containsExactly(0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2);
        assertThat(padded(EdgeMode.WRAP)).containsExactly(1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1);
        assertThat(padded(EdgeMode.REFLECT)).containsExactly(1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1);
        assertThat(padded(EdgeMode.SYMMETRIC)).containsExactly(1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1);
        assertThat(padded(EdgeMode.CONSTANT)).containsExactly(-1, -1, -1, -1, -1, 0, 1, 2, -1, -1, -1, -1, -1);
    }

    private static long[] padded(EdgeMode mode) {
        long[] mapped = new long[13];
        for (int i = 0; i < mapped.length; i++) {
            mapped[i] = mode.map(i - 5, 3);
        }
        return mapped;
    }

    @Test
    void rangeHoldsEveryElementThatABoxReads() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            EdgeMode mode = EdgeMode.values()[random.nextInt(5)];
            long[] extents = {1 + random.nextInt(6), 1 + random.nextInt(6)};
            long[] strides = {random.nextInt(-9, 10), random.nextInt(-9, 10)};
            List<Shift> shifts = List.of(
                    new Shift(0, random.nextInt(-8, 9), extents[0]), new Shift(1, random.nextInt(-8, 9), extents[1]));
            View view = new View(0, DType.F32, 1000, strides, shifts, mode, 0);
            long[] lo = {random.nextInt((int) extents[0]), random.nextInt((int) extents[1])};
            long[] hi = {
                lo[0] + 1 + random.nextInt((int) (extents[0] - lo[0])),
                lo[1] + 1 + random.nextInt((int) (extents[1] - lo[1]))
            };
            long[] range = view.range(lo, hi);
            for (long i = lo[0]; i < hi[0]; i++) {
                for (long j = lo[1]; j < hi[1]; j++) {
                    long element = view.element(new long[] {i, j});
                    if (element != -1) {
                        assertThat(element).as("seed %d, %s", seed, view).isBetween(range[0], range[1]);
                    }
                }
            }
        }
    }
}
