package org.imbrex.kernels.math;

import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/**
 * Rounding to integers, exact, with the sign of zero kept.
 *
 * <p>Adding 2^23 (2^52 in f64) to a smaller magnitude leaves no place for a fraction, so the addition itself rounds to
 * an integer, half to even.
 */
final class Rounding {
    private Rounding() {}

    /** To the nearest integer, half to even. */
    static Value round(Code code, Value x) {
        Value size = code.abs(x);
        Value large = code.real(x.type(), x.type() == ScalarType.F32 ? 0x1p23 : 0x1p52);
        Value rounded = code.sub(code.add(size, large), large);
        return code.select(code.lt(size, large), withSign(code, rounded, x), x);
    }

    static Value floor(Code code, Value x) {
        Value near = round(code, x);
        return code.select(code.lt(x, near), code.sub(near, code.real(x.type(), 1)), near);
    }

    static Value ceil(Code code, Value x) {
        Value near = round(code, x);
        Value up = code.select(code.lt(near, x), code.add(near, code.real(x.type(), 1)), near);
        return code.select(code.isNaN(x), x, copySign(code, up, x));
    }

    static Value trunc(Code code, Value x) {
        Value size = code.abs(x);
        Value large = code.real(x.type(), x.type() == ScalarType.F32 ? 0x1p23 : 0x1p52);
        Value near = code.sub(code.add(size, large), large);
        Value down = code.select(code.lt(size, near), code.sub(near, code.real(x.type(), 1)), near);
        return code.select(code.lt(size, large), withSign(code, down, x), x);
    }

    /** The magnitude of one value with the sign of another. */
    static Value copySign(Code code, Value magnitude, Value sign) {
        return withSign(code, code.abs(magnitude), sign);
    }

    /** As {@link #copySign}, for a magnitude that has no sign yet. */
    static Value withSign(Code code, Value magnitude, Value sign) {
        ScalarType bits = magnitude.type().bits();
        Value mask = code.integer(bits, bits == ScalarType.I32 ? Integer.MIN_VALUE : Long.MIN_VALUE);
        Value signBit = code.and(code.bitcast(sign, bits), mask);
        return code.bitcast(code.or(code.bitcast(magnitude, bits), signBit), magnitude.type());
    }
}
