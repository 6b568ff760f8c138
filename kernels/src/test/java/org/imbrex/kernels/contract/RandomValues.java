package org.imbrex.kernels.contract;

import java.util.Random;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.type.DType;

/** Elements by chance: ordinary ones, and, where asked for, those at which arithmetic goes wrong. */
final class RandomValues {
    private static final float[] F32 = {
        0f, -0f, 1f, -1f, 0.5f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE,
        -Float.MIN_VALUE, Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE, 0x1p31f, -0x1p31f, 0x1p63f, 3e9f, 88.8f,
        16777217f, 1e-40f
    };
    private static final double[] F64 = {
        0d, -0d, 1d, -1d, 0.5, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE,
        -Double.MIN_VALUE, Double.MIN_NORMAL, Double.MAX_VALUE, -Double.MAX_VALUE, 0x1p31, -0x1p31 - 0.5, 0x1p63,
        -0x1p63, 0x1p53 + 2, 1e-310, 709.9, Float.MAX_VALUE * 1.5, 1e-46
    };
    private static final long[] INTEGERS = {
        0, 1, -1, 2, -2, 127, -128, 255, 256, 32767, -32768, 65535, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 32,
        (1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE
    };

    private RandomValues() {}

    /** Raw bits in the dtype's scalar type, of a value that the dtype holds. */
    static long bits(Random random, DType dtype, boolean special) {
        long bits = bits(random, dtype.scalar(), special);
        return switch (dtype) {
            case I8 -> (byte) bits;
            case U8 -> bits & 0xff;
            case I16 -> (short) bits;
            default -> bits;
        };
    }

    static long bits(Random random, ScalarType type, boolean special) {
        boolean odd = special && random.nextInt(4) == 0;
        return switch (type) {
            case BOOL -> random.nextInt(2);
            case I32 -> (int) integer(random, odd);
            case I64 -> integer(random, odd);
            case F32 ->
                odd
                        ? Semantics.bits(F32[random.nextInt(F32.length)])
                        : Semantics.bits((random.nextFloat() - 0.5f) * Math.scalb(1f, random.nextInt(12)));
            case F64 ->
                odd
                        ? Semantics.bits(F64[random.nextInt(F64.length)])
                        : Semantics.bits((random.nextDouble() - 0.5) * Math.scalb(1d, random.nextInt(12)));
        };
    }

    private static long integer(Random random, boolean odd) {
        return odd ? INTEGERS[random.nextInt(INTEGERS.length)] : random.nextLong() >> (40 + random.nextInt(24));
    }
}
