package org.imbrex.kernels.scalar;

/**
 * What each primitive operation means, on raw bits. This is the oracle: constant folding and the reference lowering
 * both call it, and every other lowering must give the same bits (NaN payloads apart).
 *
 * <p>Raw bits: BOOL 0 or 1; I32 and F32 in the low 32 bits, sign-extended; I64 and F64 as they are.
 */
public final class Semantics {
    private Semantics() {}

    public static float f32(long bits) {
        return Float.intBitsToFloat((int) bits);
    }

    public static double f64(long bits) {
        return Double.longBitsToDouble(bits);
    }

    public static long bits(float value) {
        return Float.floatToRawIntBits(value);
    }

    public static long bits(double value) {
        return Double.doubleToRawLongBits(value);
    }

    private static long bits(boolean value) {
        return value ? 1 : 0;
    }

    /**
     * The result of an operation with arguments.
     *
     * @param type the result's type
     * @param from the first argument's type
     */
    public static long apply(Op op, ScalarType type, ScalarType from, long a, long b, long c) {
        return switch (op) {
            case CONST, LOAD, INDEX -> throw new IllegalArgumentException(op + " has no arguments");
            case EQ, NE, LT, LE -> bits(compare(op, from, a, b));
            case SELECT -> a != 0 ? b : c;
            case CONVERT -> convert(from, type, a);
            case BITCAST -> a;
            default ->
                switch (type) {
                    case BOOL -> bool(op, a, b);
                    case I32 -> i32(op, (int) a, (int) b);
                    case I64 -> i64(op, a, b);
                    case F32 -> bits(f32(op, f32(a), f32(b), f32(c)));
                    case F64 -> bits(f64(op, f64(a), f64(b), f64(c)));
                };
        };
    }

    private static boolean compare(Op op, ScalarType type, long a, long b) {
        return switch (type) {
            case F32 -> compare(op, f32(a), f32(b));
            case F64 -> compare(op, f64(a), f64(b));
            default ->
                switch (op) {
                    case EQ -> a == b;
                    case NE -> a != b;
                    case LT -> a < b;
                    default -> a <= b;
                };
        };
    }

    private static boolean compare(Op op, double a, double b) {
        return switch (op) {
            case EQ -> a == b;
            case NE -> a != b;
            case LT -> a < b;
            default -> a <= b;
        };
    }

    private static long bool(Op op, long a, long b) {
        return switch (op) {
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case NOT -> a ^ 1;
            default -> throw unknown(op, ScalarType.BOOL);
        };
    }

    private static int i32(Op op, int a, int b) {
        return switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case REM -> a % b;
            case NEG -> -a;
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case NOT -> ~a;
            case SHL -> a << b;
            case SHR -> a >> b;
            case USHR -> a >>> b;
            default -> throw unknown(op, ScalarType.I32);
        };
    }

    private static long i64(Op op, long a, long b) {
        return switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case REM -> a % b;
            case NEG -> -a;
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case NOT -> ~a;
            case SHL -> a << b;
            case SHR -> a >> b;
            case USHR -> a >>> b;
            default -> throw unknown(op, ScalarType.I64);
        };
    }

    private static float f32(Op op, float a, float b, float c) {
        return switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case NEG -> -a;
            case ABS -> Math.abs(a);
            case SQRT -> (float) Math.sqrt(a);
            case FMA -> Math.fma(a, b, c);
            default -> throw unknown(op, ScalarType.F32);
        };
    }

    private static double f64(Op op, double a, double b, double c) {
        return switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case NEG -> -a;
            case ABS -> Math.abs(a);
            case SQRT -> Math.sqrt(a);
            case FMA -> Math.fma(a, b, c);
            default -> throw unknown(op, ScalarType.F64);
        };
    }

    private static long convert(ScalarType from, ScalarType to, long a) {
        return switch (to) {
            case BOOL ->
                switch (from) {
                    case F32 -> bits(f32(a) != 0);
                    case F64 -> bits(f64(a) != 0);
                    default -> bits(a != 0);
                };
            case I32 ->
                switch (from) {
                    case F32 -> (int) f32(a);
                    case F64 -> (int) f64(a);
                    default -> (int) a;
                };
            case I64 ->
                switch (from) {
                    case F32 -> (long) f32(a);
                    case F64 -> (long) f64(a);
                    default -> a;
                };
            case F32 ->
                switch (from) {
                    case F32 -> a;
                    case F64 -> bits((float) f64(a));
                    default -> bits((float) a);
                };
            case F64 ->
                switch (from) {
                    case F32 -> bits((double) f32(a));
                    case F64 -> a;
                    default -> bits((double) a);
                };
        };
    }

    private static IllegalArgumentException unknown(Op op, ScalarType type) {
        return new IllegalArgumentException(op + " is not an operation on " + type);
    }
}
