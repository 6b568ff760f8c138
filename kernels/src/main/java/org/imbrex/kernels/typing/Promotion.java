package org.imbrex.kernels.typing;

import org.imbrex.kernels.type.DType;

/** NumPy 2's promotion (NEP 50) over our dtypes. */
final class Promotion {
    private Promotion() {}

    /** The dtype that holds both, as NumPy's {@code promote_types}. */
    static DType of(DType a, DType b) {
        if (a == b || b == DType.BOOL) {
            return a;
        }
        if (a == DType.BOOL) {
            return b;
        }
        if (a.isFloat() || b.isFloat()) {
            boolean f32Holds = fitsF32(a) && fitsF32(b);
            return f32Holds ? DType.F32 : DType.F64;
        }
        if (a == DType.U8 || b == DType.U8) {
            DType signed = a == DType.U8 ? b : a;
            return signed == DType.I8 ? DType.I16 : signed;
        }
        return a.bytes() > b.bytes() ? a : b;
    }

    private static boolean fitsF32(DType dtype) {
        return switch (dtype) {
            case F32, BOOL, I8, U8, I16 -> true;
            case I32, I64, F64 -> false;
        };
    }

    /** The dtype of an array of {@code strong} with a literal of kind BOOL, I64 or F64: the array's where it can be. */
    static DType weak(DType strong, DType literal) {
        return switch (literal) {
            case BOOL -> strong;
            case I64 -> strong == DType.BOOL ? DType.I64 : strong;
            default -> strong.isFloat() ? strong : DType.F64;
        };
    }

    /** Whether an integer has a place in a dtype. */
    static boolean holds(DType dtype, long value) {
        return switch (dtype) {
            case I8 -> value == (byte) value;
            case I16 -> value == (short) value;
            case I32 -> value == (int) value;
            case U8 -> value >= 0 && value <= 255;
            case BOOL -> value == 0 || value == 1;
            case I64, F32, F64 -> true;
        };
    }
}
