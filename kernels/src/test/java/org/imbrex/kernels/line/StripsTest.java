package org.imbrex.kernels.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.type.DType;
import org.junit.jupiter.api.Test;

/** Strips have the reference's bits; elsewhere they are in use only once they are compiled. */
class StripsTest {
    private static final double[] SPECIAL = {
        0.0, -0.0, Double.POSITIVE_INFINITY, Double.NaN, Double.MIN_VALUE, -Double.MAX_VALUE
    };

    /** The line's bits, every NaN alike. */
    private static long[] bits(DType dtype, MemorySegment memory, int count) {
        long[] bits = new long[count];
        for (int i = 0; i < count; i++) {
            bits[i] = dtype == DType.F32
                    ? Float.floatToIntBits(memory.getAtIndex(ValueLayout.JAVA_FLOAT, i))
                    : Double.doubleToLongBits(memory.getAtIndex(ValueLayout.JAVA_DOUBLE, i));
        }
        return bits;
    }

    private static void put(DType dtype, MemorySegment memory, long[] bits) {
        for (int i = 0; i < bits.length; i++) {
            if (dtype == DType.F32) {
                memory.setAtIndex(ValueLayout.JAVA_INT, i, (int) bits[i]);
            } else {
                memory.setAtIndex(ValueLayout.JAVA_LONG, i, bits[i]);
            }
        }
    }

    private static void same(int n, DType dtype, boolean inverse, boolean special, boolean inPlace, int threads) {
        Line.Fourier line = new Line.Fourier(n, inverse ? Line.Fourier.Kind.IFFT : Line.Fourier.Kind.FFT);
        Random random = new Random(n);
        boolean floats = dtype == DType.F32;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment in = arena.allocate(2L * n * dtype.bytes(), 64);
            for (int i = 0; i < 2 * n; i++) {
                double value = special && random.nextInt(n) < 2 ? SPECIAL[random.nextInt(6)] : random.nextGaussian();
                if (floats) {
                    in.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
                } else {
                    in.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
                }
            }
            MemorySegment expected = arena.allocate(in.byteSize(), 64);
            put(dtype, expected, FourierReference.apply(line, dtype, bits(dtype, in, 2 * n)));
            MemorySegment out = inPlace ? in : arena.allocate(in.byteSize(), 64);
            long planes = arena.allocate(16L * n, 64).address();
            new Strips(n)
                    .run(in.address(), floats, out.address(), floats, planes, inverse, inverse ? 1.0 / n : 1, threads);
            assertThat(bits(dtype, out, 2 * n))
                    .as(line + " of " + dtype + " by " + threads)
                    .isEqualTo(bits(dtype, expected, 2 * n));
        }
    }

    @Test
    void everyLengthHasTheReferencesBits() {
        assumeThat(Strips.takes(256)).as("vectors of four doubles").isTrue();
        for (int n = 256; n <= 1 << 14; n *= 2) {
            for (DType dtype : new DType[] {DType.F32, DType.F64}) {
                for (boolean inverse : new boolean[] {false, true}) {
                    same(n, dtype, inverse, false, false, 1);
                    same(n, dtype, inverse, true, true, 1);
                }
            }
        }
    }

    @Test
    void longLinesAreSharedOut() {
        assumeThat(Strips.takes(256)).as("vectors of four doubles").isTrue();
        for (int n = 1 << 16; n <= 1 << 18; n *= 2) {
            same(n, DType.F64, n == 1 << 17, false, n == 1 << 18, 1);
            same(n, DType.F64, n == 1 << 17, true, n == 1 << 17, 3);
        }
    }
}
