package org.imbrex.kernels.math;

import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/** Division and powers of integers as NumPy has them: division floors, and gives 0 where the divisor is 0. */
final class IntegerMath {
    private IntegerMath() {}

    static Value floorDiv(Code code, Value a, Value b) {
        Value zero = Functions.zero(code, a);
        Value safe = safe(code, b);
        Value quotient = code.div(a, safe);
        Value rest = code.sub(a, code.mul(quotient, safe));
        Value floor = code.select(below(code, rest, b), code.sub(quotient, code.integer(a.type(), 1)), quotient);
        Value negated = code.select(code.eq(b, code.integer(a.type(), -1)), code.neg(a), floor);
        return code.select(code.eq(b, zero), zero, negated);
    }

    static Value mod(Code code, Value a, Value b) {
        Value zero = Functions.zero(code, a);
        Value safe = safe(code, b);
        Value rest = code.rem(a, safe);
        Value moved = code.select(below(code, rest, b), code.add(rest, b), rest);
        Value unit = code.or(code.eq(b, zero), code.eq(b, code.integer(a.type(), -1)));
        return code.select(unit, zero, moved);
    }

    /** Division is never asked for 0 nor -1: the first traps, the second overflows. */
    private static Value safe(Code code, Value b) {
        Value one = code.integer(b.type(), 1);
        Value unit = code.or(code.eq(b, Functions.zero(code, b)), code.eq(b, code.integer(b.type(), -1)));
        return code.select(unit, one, b);
    }

    /** Whether a truncated quotient lies above the floor: a rest whose sign is not the divisor's. */
    private static Value below(Code code, Value rest, Value b) {
        Value zero = Functions.zero(code, rest);
        return code.and(code.ne(rest, zero), code.lt(code.xor(rest, b), zero));
    }

    /** By squaring; wraps. A negative power gives the truncated reciprocal: 0, but for the bases 1 and -1. */
    static Value pow(Code code, Value base, Value exponent) {
        ScalarType type = base.type();
        Value zero = code.integer(type, 0);
        Value one = code.integer(type, 1);
        Value result = one;
        Value square = base;
        int bits = type == ScalarType.I32 ? 31 : 63;
        for (int bit = 0; bit < bits; bit++) {
            Value set = code.ne(code.and(code.ushr(exponent, bit), one), zero);
            result = code.select(set, code.mul(result, square), result);
            square = code.mul(square, square);
        }
        Value isOdd = code.ne(code.and(exponent, one), zero);
        Value minus = code.integer(type, -1);
        Value reciprocal = code.select(
                code.eq(base, one), one, code.select(code.eq(base, minus), code.select(isOdd, minus, one), zero));
        return code.select(code.lt(exponent, zero), reciprocal, result);
    }
}
