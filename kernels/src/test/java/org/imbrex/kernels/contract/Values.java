package org.imbrex.kernels.contract;

import java.util.Arrays;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;

/**
 * An array as a test sees it.
 *
 * @param bits the raw bits of each element in the dtype's scalar type, in row-major order
 */
public record Values(ArrayType type, long[] bits) {

    /** Fails where the two differ, NaN payloads apart, and tells the first difference. */
    public void checkEqual(Values found, String what) {
        if (!type.equals(found.type)) {
            throw new AssertionError(what + ": expected " + type + ", found " + found.type);
        }
        for (int i = 0; i < bits.length; i++) {
            if (!isSame(type.dtype(), bits[i], found.bits[i])) {
                throw new AssertionError(what + ": at element " + i + " of " + type + " expected "
                        + text(type.dtype(), bits[i]) + ", found " + text(type.dtype(), found.bits[i]));
            }
        }
    }

    /** Equal bits, or both NaN. */
    static boolean isSame(DType dtype, long a, long b) {
        return a == b || (isNaN(dtype, a) && isNaN(dtype, b));
    }

    static boolean isNaN(DType dtype, long bits) {
        return dtype.isFloat() && Double.isNaN(real(dtype, bits));
    }

    /** The value, rounded to nearest for a large i64. */
    static double real(DType dtype, long bits) {
        return switch (dtype) {
            case F32 -> Semantics.f32(bits);
            case F64 -> Semantics.f64(bits);
            default -> bits;
        };
    }

    private static String text(DType dtype, long bits) {
        return (dtype.isFloat() ? real(dtype, bits) + " = " : "") + "0x" + Long.toHexString(bits);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Values v && type.equals(v.type) && Arrays.equals(bits, v.bits);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bits);
    }
}
