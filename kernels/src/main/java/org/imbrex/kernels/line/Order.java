package org.imbrex.kernels.line;

import org.imbrex.kernels.type.DType;

/** Elements as integers that are ordered as {@link org.imbrex.kernels.stage.Line} orders elements. */
final class Order {
    private static final int NAN_32 = 0x7fc00000;
    private static final long NAN_64 = 0x7ff8000000000000L;

    private Order() {}

    /** The signed key of an element's bits in its scalar type. */
    static long key(DType dtype, long bits) {
        return switch (dtype) {
            case F32 -> key32((int) bits);
            case F64 -> key64(bits);
            default -> bits;
        };
    }

    /** As {@link #key}, with one key for both zeros. */
    static long rank(DType dtype, long bits) {
        return switch (dtype) {
            case F32 -> key32((int) bits == Integer.MIN_VALUE ? 0 : (int) bits);
            case F64 -> key64(bits == Long.MIN_VALUE ? 0 : bits);
            default -> bits;
        };
    }

    /** The signed key of a float's bits; one for every NaN. */
    static int key32(int bits) {
        int plain = (bits & 0x7fffffff) > 0x7f800000 ? NAN_32 : bits;
        return plain ^ (plain >> 31 & 0x7fffffff);
    }

    /** The bits that a key stands for: the same transformation. */
    static int bits32(int key) {
        return key ^ (key >> 31 & 0x7fffffff);
    }

    /** The signed key of a double's bits; one for every NaN. */
    static long key64(long bits) {
        long plain = (bits & Long.MAX_VALUE) > 0x7ff0000000000000L ? NAN_64 : bits;
        return plain ^ (plain >> 63 & Long.MAX_VALUE);
    }

    static long bits64(long key) {
        return key ^ (key >> 63 & Long.MAX_VALUE);
    }
}
