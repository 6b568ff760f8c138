package org.imbrex.kernels.math;

import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/** Floor division and remainder of floats as NumPy has them: the remainder is exact and has the divisor's sign. */
final class Remainder {
    private Remainder() {}

    static Value mod(Code code, Value a, Value b) {
        Value zero = Functions.zero(code, a);
        Value truncated = truncated(code, a, b);
        Value other = code.xor(code.lt(truncated, zero), code.lt(b, zero));
        Value moved = code.select(other, code.add(truncated, b), truncated);
        return code.select(code.eq(truncated, zero), Rounding.copySign(code, zero, b), moved);
    }

    static Value floorDiv(Code code, Value a, Value b) {
        Value zero = Functions.zero(code, a);
        Value one = code.real(a.type(), 1);
        Value truncated = truncated(code, a, b);
        Value quotient = code.div(code.sub(a, truncated), b);
        Value other = code.and(
                code.ne(truncated, zero),
                code.xor(code.lt(truncated, zero), code.lt(b, zero)));
        Value moved = code.select(other, code.sub(quotient, one), quotient);
        Value floor = Rounding.floor(code, moved);
        Value half = code.real(a.type(), 0.5);
        Value near = code.select(code.lt(half, code.sub(moved, floor)), code.add(floor, one), floor);
        Value plain = code.div(a, b);
        Value signedZero = Rounding.copySign(code, zero, plain);
        Value result = code.select(code.eq(moved, zero), signedZero, near);
        return code.select(code.eq(b, zero), plain, result);
    }

    /**
     * C's fmod: a - trunc(a / b) * b, exact.
     *
     * <p>While the quotient is below 2^22 (2^51) the rounded quotient's integer part is right or one too large, and
     * the fused a - q * b is exact. Larger quotients are brought down first by remainders of b * 2^(22 k): a mod b is
     * (a mod (b * 2^n)) mod b.
     */
    private static Value truncated(Code code, Value a, Value b) {
        boolean single = a.type() == ScalarType.F32;
        int bits = single ? 22 : 51;
        Value size = code.abs(a);
        Value divisor = code.abs(b);
        Value many = code.ge(code.div(size, divisor), code.real(a.type(), Math.scalb(1.0, bits)));
        // quotients reach 2^(emax - emin): 2^277 in f32, 2^2098 in f64
        int steps = single ? 277 / bits + 1 : 2098 / bits + 1;
        Value[] divisors = new Value[steps + 1];
        divisors[0] = divisor;
        for (int k = 1; k <= steps; k++) {
            divisors[k] = code.mul(divisors[k - 1], code.real(a.type(), Math.scalb(1.0, bits)));
        }
        Value reduced = size;
        for (int k = steps; k > 0; k--) {
            reduced = step(code, reduced, divisors[k]);
        }
        Value rest = step(code, code.rare(many, reduced, size), divisor);
        Value nan = code.real(a.type(), Double.NaN);
        Value infinity = Functions.infinity(code, a);
        Value wrong = code.or(
                code.not(code.lt(size, infinity)),
                code.not(code.lt(Functions.zero(code, a), divisor)));
        return code.select(wrong, nan, Rounding.copySign(code, rest, a));
    }

    /** size mod divisor, for a quotient below 2^22 (2^51); size itself where it is smaller. */
    private static Value step(Code code, Value size, Value divisor) {
        Value quotient = Rounding.floor(code, code.div(size, divisor));
        Value rest = code.fma(code.neg(quotient), divisor, size);
        Value mended = code.select(code.lt(rest, Functions.zero(code, rest)), code.add(rest, divisor), rest);
        return code.select(code.lt(size, divisor), size, mended);
    }
}
