package org.imbrex.kernels.math;

import org.imbrex.kernels.math.Pairs.Pair;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/**
 * sin, cos, tan: x = k pi/2 + r with |r| at most pi/4, r as a pair. For arguments that are not large, pi/2 in three
 * parts (Cody and Waite 1980) with fma; for large ones {@link PayneHanek}.
 */
final class Trigonometry {
    /** (1 - sin(r) / r) / z, (cos r - 1 + z / 2) / z^2, with z = r^2. */
    private static final double[] SIN_F32 = {0x1.555546p-3, -0x1.110774p-7, 0x1.9951eap-13};

    private static final double[] SIN_F64 = {
        0x1.5555555555548p-3,
        -0x1.111111110f730p-7,
        0x1.a01a019be9208p-13,
        -0x1.71de355529a6cp-19,
        0x1.ae5e4b81f4bc6p-26,
        -0x1.5d8b54da35dd4p-33
    };
    private static final double[] COS_F32 = {0x1.55554ap-5, -0x1.6c0c1ap-10, 0x1.99e0eep-16};
    private static final double[] COS_F64 = {
        0x1.555555555554cp-5,
        -0x1.6c16c16c15210p-10,
        0x1.a01a019cbcd91p-16,
        -0x1.27e4f810456bfp-22,
        0x1.1ee9ef5285b27p-29,
        -0x1.8fb00161bd285p-37
    };
    /** The first two parts are positive, so that a zero keeps its sign. */
    private static final double[] HALF_PI_F32 = {0x1.921fb4p0, 0x1.4442d2p-24, -0x1.ee59dap-50};
    private static final double[] HALF_PI_F64 = {0x1.921fb54442d18p0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110};

    private final Code code;
    private final ScalarType type;
    private final ScalarType integer;
    private final boolean single;
    private final Pairs pairs;

    Trigonometry(Code code, ScalarType type) {
        this.code = code;
        this.type = type;
        this.integer = type.bits();
        this.single = type == ScalarType.F32;
        this.pairs = new Pairs(code);
    }

    /**
     * x = k pi/2 + r - minusLow: the sign of the low part is turned, so that zeros keep theirs.
     *
     * @param quadrant k in its low two bits
     */
    record Reduced(Value r, Value minusLow, Value quadrant) {}

    private Reduced reduce(Value x) {
        Value isLarge = code.le(real(single ? 0x1p15 : 0x1p24), code.abs(x));
        Reduced usual = codyWaite(x);
        Reduced large = new PayneHanek(code, type).reduce(x);
        return new Reduced(
                code.rare(isLarge, large.r(), usual.r()),
                code.rare(isLarge, large.minusLow(), usual.minusLow()),
                code.rare(isLarge, large.quadrant(), usual.quadrant()));
    }

    private Reduced codyWaite(Value x) {
        double[] parts = single ? HALF_PI_F32 : HALF_PI_F64;
        Value magic = real(single ? 0x1.8p23 : 0x1.8p52);
        Value shifted = code.fma(x, real(single ? 0x1.45f306p-1 : 0x1.45f306dc9c883p-1), magic);
        Value k = code.sub(shifted, magic);
        // exact: both are multiples of the first part's last place, and they nearly cancel
        Value first = code.fma(k, real(-parts[0]), x);
        Pair second = pairs.product(k, real(parts[1]));
        Value r = code.sub(first, second.hi());
        // exact too: where first is the smaller, it has so few digits that r is exact
        Value lost = code.add(code.sub(r, first), second.hi());
        Value minusLow = code.add(lost, code.fma(k, real(parts[2]), second.lo()));
        return new Reduced(r, minusLow, code.bitcast(shifted, integer));
    }

    Value sin(Value x) {
        Reduced reduced = reduce(x);
        return wave(reduced, reduced.quadrant());
    }

    Value cos(Value x) {
        Reduced reduced = reduce(x);
        return wave(reduced, code.add(reduced.quadrant(), code.integer(integer, 1)));
    }

    /** sin(quadrant pi/2 + r). */
    private Value wave(Reduced reduced, Value quadrant) {
        Value odd = code.ne(code.and(quadrant, code.integer(integer, 1)), code.integer(integer, 0));
        Value square = square(reduced);
        Pair sine = sine(reduced, square);
        Value size = code.select(odd, cosine(reduced, square), code.sub(sine.hi(), sine.lo()));
        Value sign = code.shl(code.and(quadrant, code.integer(integer, 2)), single ? 30 : 62);
        return code.bitcast(code.xor(code.bitcast(size, integer), sign), type);
    }

    /** (r + low)^2. */
    private Value square(Reduced reduced) {
        Value r = reduced.r();
        return code.fma(r, r, code.mul(code.mul(r, real(-2)), reduced.minusLow()));
    }

    /** sin r = r - (r^3 S - low), as a difference. */
    private Pair sine(Reduced reduced, Value square) {
        Value series = Polynomial.of(code, square, SIN_F32, SIN_F64);
        return new Pair(
                reduced.r(), code.fma(code.mul(reduced.r(), square), series, reduced.minusLow()));
    }

    private Value cosine(Reduced reduced, Value square) {
        if (single) {
            Value series = Polynomial.of(code, square, COS_F32);
            return code.fma(code.fma(series, square, real(-0.5)), square, real(1));
        }
        return pairs.value(cosinePair(reduced));
    }

    /** cos r = 1 - r^2/2 + (r^4 C - r low), with what the square and the difference lose, after fdlibm's k_cos.c. */
    private Pair cosinePair(Reduced reduced) {
        Value r = reduced.r();
        Pair square = pairs.product(r, r);
        Value half = code.mul(real(0.5), square.hi());
        Value first = code.sub(real(1), half);
        Value lost = code.sub(code.sub(real(1), first), half);
        // r low - lost square / 2
        Value small = code.fma(r, reduced.minusLow(), code.mul(real(-0.5), square.lo()));
        Value fourths = code.fma(
                code.mul(square.hi(), square.hi()),
                Polynomial.of(code, square.hi(), COS_F32, COS_F64),
                small);
        return new Pair(first, code.add(lost, fourths));
    }

    Value tan(Value x) {
        Reduced reduced = reduce(x);
        Pair difference = sine(reduced, square(reduced));
        Pair cosine = cosinePair(reduced);
        Pair s = pairs.fastSum(difference.hi(), code.neg(difference.lo()));
        Pair c = pairs.fastSum(cosine.hi(), cosine.lo());
        Value odd = code.ne(
                code.and(reduced.quadrant(), code.integer(integer, 1)), code.integer(integer, 0));
        Value top = code.select(odd, code.neg(c.hi()), s.hi());
        Value topLow = code.select(odd, code.neg(c.lo()), s.lo());
        Value bottom = code.select(odd, s.hi(), c.hi());
        Value bottomLow = code.select(odd, s.lo(), c.lo());
        Value inverse = code.div(real(1), bottom);
        Value quotient = code.mul(top, inverse);
        Value minus = code.neg(quotient);
        Value rest = code.fma(minus, bottomLow, code.add(code.fma(minus, bottom, top), topLow));
        Value result = code.fma(rest, inverse, quotient);
        return code.select(code.eq(x, real(0)), x, result);
    }

    private Value real(double value) {
        return code.real(type, value);
    }
}
