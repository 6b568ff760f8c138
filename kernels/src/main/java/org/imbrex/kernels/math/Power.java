package org.imbrex.kernels.math;

import java.util.Optional;
import java.util.OptionalLong;
import org.imbrex.kernels.math.Pairs.Pair;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/**
 * x^y = e^(y log x), the exponent as a pair; special values as in C99, annex F. Constant exponents that formulas are full
 * of have ways of their own: as in NumPy, x^2 is a product, x^0.5 the square root and x^-1 the reciprocal.
 */
final class Power {
    private Power() {}

    static Value pow(Code code, Value x, Value y) {
        OptionalLong bits = code.constant(y);
        if (bits.isPresent()) {
            boolean single = y.type() == ScalarType.F32;
            double exponent =
                    single ? Float.intBitsToFloat((int) bits.getAsLong()) : Double.longBitsToDouble(bits.getAsLong());
            Optional<Value> direct = direct(code, x, exponent);
            if (direct.isPresent()) {
                return direct.get();
            }
        }
        return general(code, x, y);
    }

    private static Optional<Value> direct(Code code, Value x, double exponent) {
        if (exponent == 0.5) {
            return Optional.of(code.sqrt(x));
        }
        if (exponent == -1) {
            return Optional.of(code.div(code.real(x.type(), 1), x));
        }
        if (exponent == 1) {
            return Optional.of(x);
        }
        if (exponent == 2) {
            return Optional.of(code.mul(x, x));
        }
        if (exponent == 3 || exponent == 4) {
            Pairs.Pair square = new Pairs(code).product(x, x);
            Value by = exponent == 3 ? x : square.hi();
            Value plain = code.mul(square.hi(), by);
            // of (h + l)^2 the cross term counts twice
            Value low = code.mul(exponent == 3 ? square.lo() : code.add(square.lo(), square.lo()), by);
            Value exact = code.fma(square.hi(), by, low);
            Value finite = code.lt(code.abs(plain), Functions.infinity(code, x));
            return Optional.of(code.select(finite, exact, plain));
        }
        return Optional.empty();
    }

    private static Value general(Code code, Value x, Value y) {
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
        Value rises = code.xor(code.lt(zero, y), code.lt(size, one));
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
