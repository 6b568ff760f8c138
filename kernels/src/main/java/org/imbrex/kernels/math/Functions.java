package org.imbrex.kernels.math;

import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/** The elementwise functions of the expression language in a kernel's terms. */
public final class Functions {
    private Functions() {}

    /**
     * Appends the function's code.
     *
     * @param args all of one scalar type, but for the condition of WHERE, which is BOOL; integer arithmetic is that of
     *     the scalar type, so narrow integers are wrapped by the caller
     * @return BOOL for comparisons and ISNAN, ISINF, ISFINITE; else of the arguments' type
     */
    public static Value apply(Code code, Function function, Value... args) {
        Value a = args[0];
        Value b = args.length > 1 ? args[1] : a;
        Value c = args.length > 2 ? args[2] : a;
        boolean floats = a.type().isFloat();
        return switch (function) {
            case ADD -> code.add(a, b);
            case SUB -> code.sub(a, b);
            case MUL -> code.mul(a, b);
            case DIV -> code.div(a, b);
            case FMA -> code.fma(a, b, c);
            case NEG -> code.neg(a);
            case FLOORDIV -> floats ? Remainder.floorDiv(code, a, b) : IntegerMath.floorDiv(code, a, b);
            case MOD -> floats ? Remainder.mod(code, a, b) : IntegerMath.mod(code, a, b);
            case EQ, NE, LT, LE, GT, GE -> compare(code, function, a, b);
            case AND -> code.and(a, b);
            case OR -> code.or(a, b);
            case XOR -> code.xor(a, b);
            case INVERT -> code.not(a);
            case WHERE -> code.select(a, b, c);
            case MINIMUM -> minimum(code, a, b);
            case MAXIMUM -> maximum(code, a, b);
            case CLIP -> minimum(code, maximum(code, a, b), c);
            case ABS -> floats ? code.abs(a) : code.select(code.lt(a, zero(code, a)), code.neg(a), a);
            case SIGN -> sign(code, a);
            case SQRT -> code.sqrt(a);
            case FLOOR -> Rounding.floor(code, a);
            case CEIL -> Rounding.ceil(code, a);
            case ROUND -> Rounding.round(code, a);
            case TRUNC -> Rounding.trunc(code, a);
            case ISNAN -> code.isNaN(a);
            case ISINF -> code.eq(code.abs(a), infinity(code, a));
            case ISFINITE -> code.lt(code.abs(a), infinity(code, a));
            case POW -> floats ? Transcendental.apply(code, function, a, b) : IntegerMath.pow(code, a, b);
            default -> Transcendental.apply(code, function, args);
        };
    }

    private static Value compare(Code code, Function function, Value a, Value b) {
        if (a.type() == ScalarType.BOOL) {
            return switch (function) {
                case EQ -> code.not(code.xor(a, b));
                case NE -> code.xor(a, b);
                case LT -> code.and(code.not(a), b);
                case LE -> code.or(code.not(a), b);
                case GT -> code.and(a, code.not(b));
                default -> code.or(a, code.not(b));
            };
        }
        return switch (function) {
            case EQ -> code.eq(a, b);
            case NE -> code.ne(a, b);
            case LT -> code.lt(a, b);
            case LE -> code.le(a, b);
            case GT -> code.gt(a, b);
            default -> code.ge(a, b);
        };
    }

    /** The smaller; a NaN on either side wins, as in NumPy. */
    private static Value minimum(Code code, Value a, Value b) {
        if (a.type() == ScalarType.BOOL) {
            return code.and(a, b);
        }
        Value first = code.lt(a, b);
        return code.select(a.type().isFloat() ? code.or(first, code.isNaN(a)) : first, a, b);
    }

    private static Value maximum(Code code, Value a, Value b) {
        if (a.type() == ScalarType.BOOL) {
            return code.or(a, b);
        }
        Value first = code.lt(b, a);
        return code.select(a.type().isFloat() ? code.or(first, code.isNaN(a)) : first, a, b);
    }

    private static Value sign(Code code, Value a) {
        Value zero = zero(code, a);
        Value one = a.type().isFloat() ? code.real(a.type(), 1) : code.integer(a.type(), 1);
        Value below = code.select(code.lt(a, zero), code.neg(one), code.select(code.eq(a, zero), zero, a));
        return code.select(code.lt(zero, a), one, below);
    }

    static Value zero(Code code, Value like) {
        return code.constant(like.type(), 0);
    }

    static Value infinity(Code code, Value like) {
        return code.real(like.type(), Double.POSITIVE_INFINITY);
    }
}
