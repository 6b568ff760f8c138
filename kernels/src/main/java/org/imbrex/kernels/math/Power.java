package org.imbrex.kernels.math;

import org.imbrex.kernels.math.Pairs.Pair;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/** x^y = e^(y log x), the exponent as a pair; special values as in C99, annex F. */
final class Power {
    private Power() {}

    static Value pow(Code code, Value x, Value y) {
        ScalarType type = x.type();
        boolean single = type == ScalarType.F32;
        Pairs pairs = new Pairs(code);
        Value zero = code.real(type, 0);
        Value one = code.real(type, 1);
        Value infinity = Functions.infinity(code, x);
        Value size = code.abs(x);

        Value ordinary = code.and(code.lt(zero, size), code.lt(size, infinity));
        Value base = code.select(ordinary, size, one);
        // beyond this the result is 0, 1 or infinity whatever y is, and products stay finite
        Value most = code.real(type, single ? 0x1p34 : 0x1p66);
        Value clamped = code.select(code.lt(code.abs(y), most), y, Rounding.copySign(code, most, y));
        Pair exponent = pairs.mul(new Logarithm(code, type).pair(base), clamped);
        Value power = new Exponential(code, type).exp(exponent);

        // 0 and infinity: to the power y they give 0 or infinity
        Value rises = code.ne(
                code.convert(code.lt(zero, y), ScalarType.I32), code.convert(code.lt(size, one), ScalarType.I32));
        Value extreme = code.select(rises, infinity, zero);
        Value magnitude = code.select(ordinary, power, extreme);

        Value whole = Rounding.trunc(code, y);
        Value isWhole = code.eq(whole, y);
        Value half = code.mul(y, code.real(type, 0.5));
        Value isOdd = code.and(isWhole, code.ne(Rounding.trunc(code, half), half));
        Value isNegative = code.lt(
                code.bitcast(x, type.bits()), code.integer(type.bits(), 0));
        Value signed = code.select(code.and(isNegative, isOdd), code.neg(magnitude), magnitude);
        Value noRoot = code.and(code.and(code.lt(x, zero), code.lt(size, infinity)), code.not(isWhole));
        Value result = code.select(noRoot, code.real(type, Double.NaN), signed);

        // infinite exponents; then NaN, which only 1 and the exponent 0 overcome
        Value isInfinite = code.eq(code.abs(y), infinity);
        Value limit = code.select(code.eq(size, one), one, extreme);
        Value limited = code.select(isInfinite, limit, result);
        Value unordered = code.or(code.isNaN(x), code.isNaN(y));
        Value known = code.select(unordered, code.real(type, Double.NaN), limited);
        return code.select(code.or(code.eq(x, one), code.eq(y, zero)), one, known);
    }
}
