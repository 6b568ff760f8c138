package org.imbrex.kernels.math;

import org.imbrex.kernels.math.Pairs.Pair;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/**
 * sinh, cosh, tanh of |x| by t = e^x - 1, which is precise for small arguments too: sinh x = (t + t / (t + 1)) / 2,
 * tanh x = u / (u + 2) with u = e^2x - 1 (as in fdlibm's e_sinh.c, s_tanh.c, without their cases).
 */
final class Hyperbolic {
    private final Code code;
    private final ScalarType type;
    private final boolean single;
    private final Pairs pairs;
    private final Exponential exponential;

    Hyperbolic(Code code, ScalarType type) {
        this.code = code;
        this.type = type;
        this.single = type == ScalarType.F32;
        this.pairs = new Pairs(code);
        this.exponential = new Exponential(code, type);
    }

    Value sinh(Value x) {
        Value size = exponential.atMost(code.abs(x), most());
        Pair t = exponential.expm1(size, 2);
        Pair quotient = quotient(t, 0.25, 0.25);
        Pair sum = pairs.fastSum(t.hi(), quotient.hi());
        Value half = code.add(sum.hi(), code.add(sum.lo(), code.add(t.lo(), quotient.lo())));
        Value result = Rounding.withSign(code, code.add(half, half), x);
        return exponential.passSmall(x, result);
    }

    Value cosh(Value x) {
        Pair e = exponential.quarter(exponential.atMost(code.abs(x), most()));
        Value inverse = code.div(code.real(type, 0.0625), e.hi());
        Pair sum = pairs.fastSum(e.hi(), inverse);
        Value half = code.add(sum.hi(), code.add(sum.lo(), e.lo()));
        return code.add(half, half);
    }

    Value tanh(Value x) {
        Value size = exponential.atMost(code.abs(x), single ? 10 : 20);
        Pair t = exponential.expm1(code.add(size, size), 0);
        return Rounding.withSign(code, pairs.value(quotient(t, 2, 1)), x);
    }

    /** scale t / (t + more). */
    private Pair quotient(Pair t, double more, double scale) {
        Pair whole = pairs.sum(t.hi(), code.real(type, more));
        Value divisor = whole.hi();
        Value inverse = code.div(code.real(type, scale), divisor);
        Value quotient = code.mul(t.hi(), inverse);
        // what is left of scale t - quotient (divisor + lost)
        Value lost = code.add(whole.lo(), t.lo());
        Value low = scale == 1 ? t.lo() : code.mul(code.real(type, scale), t.lo());
        Value high = scale == 1 ? t.hi() : code.mul(code.real(type, scale), t.hi());
        Value rest = code.add(code.fma(code.neg(quotient), divisor, high), low);
        Value left = code.fma(code.neg(quotient), lost, rest);
        Value unit = scale == 1 ? inverse : code.mul(code.real(type, 1 / scale), inverse);
        return new Pair(quotient, code.mul(left, unit));
    }

    /** Above it sinh and cosh are infinite. */
    private double most() {
        return single ? 89.7 : 710.6;
    }
}
