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
    private static final double[] SIN_F32 = {-0x1.555556p-3, 0x1.11110ep-7, -0x1.a013a4p-13, 0x1.6dbcfcp-19};
    private static final double[] SIN_F64 = {
        -0x1.5555555555555p-3,
        0x1.111111111111p-7,
        -0x1.a01a01a01992fp-13,
        0x1.71de3a545f836p-19,
        -0x1.ae645410e937bp-26,
        0x1.61217d9252c03p-33,
        -0x1.ab16f5caa198ap-41
    };
    private static final double[] COS_F32 = {0x1.555554p-5, -0x1.6c12dp-10, 0x1.9bd786p-16};
    private static final double[] COS_F64 = {
        0x1.5555555555555p-5,
        -0x1.6c16c16c16963p-10,
        0x1.a01a019f4ddfdp-16,
        -0x1.27e4fa16cc2d1p-22,
        0x1.1eeb67d026ec6p-29,
        -0x1.907cd8ff5ede7p-37
    };

    private final Code code;
    private final ScalarType type;
    private final boolean single;
    private final Pairs pairs;

    Trigonometry(Code code, ScalarType type) {
        this.code = code;
        this.type = type;
        this.single = type == ScalarType.F32;
        this.pairs = new Pairs(code);
    }

    /** @param quadrant k in its low two bits */
    record Reduced(Pair r, Value quadrant) {}

    private Reduced reduce(Value x) {
        Value size = code.abs(x);
        Value isLarge = code.not(code.lt(size, real(single ? 0x1p15 : 0x1p24)));
        Reduced usual = codyWaite(x);
        Reduced large = new PayneHanek(code, type).reduce(x);
        return new Reduced(
                new Pair(
                        code.rare(isLarge, large.r().hi(), usual.r().hi()),
                        code.rare(isLarge, large.r().lo(), usual.r().lo())),
                code.rare(isLarge, large.quadrant(), usual.quadrant()));
    }

    private Reduced codyWaite(Value x) {
        Value shifter = real(single ? 0x1.8p23 : 0x1.8p52);
        Value shifted = code.fma(x, real(single ? 0x1.45f306p-1 : 0x1.45f306dc9c883p-1), shifter);
        Value minus = code.neg(code.sub(shifted, shifter));
        // exact: both are multiples of the first part's last place, and they nearly cancel
        Value first = code.fma(minus, real(single ? 0x1.921fb6p0 : 0x1.921fb54442d18p0), x);
        Value part2 = real(single ? -0x1.777a5cp-25 : 0x1.1a62633145c07p-54);
        Value part3 = real(single ? -0x1.ee59dap-50 : -0x1.f1976b7ed8fbcp-110);
        Pair second = pairs.product(minus, part2);
        Pair sum = pairs.sum(first, second.hi());
        Value rest = code.add(sum.lo(), code.fma(minus, part3, second.lo()));
        return new Reduced(pairs.fastSum(sum.hi(), rest), code.bitcast(shifted, type.bits()));
    }

    Value sin(Value x) {
        // the sign of zero, and small arguments whose cube underflows, pass through
        Value result = wave(reduce(x), false);
        return code.select(code.eq(x, real(0)), x, result);
    }

    Value cos(Value x) {
        return wave(reduce(x), true);
    }

    /** sin or cos of k pi/2 + r, by quadrant. */
    private Value wave(Reduced reduced, boolean cosine) {
        ScalarType integer = type.bits();
        Value one = code.integer(integer, 1);
        Value quadrant = cosine ? code.add(reduced.quadrant(), one) : reduced.quadrant();
        Value odd = code.ne(code.and(quadrant, one), code.integer(integer, 0));
        Pair sine = sine(reduced.r());
        Pair other = cosine(reduced.r());
        Value size = code.select(odd, pairs.value(other), pairs.value(sine));
        Value sign = code.shl(code.and(quadrant, code.integer(integer, 2)), single ? 30 : 62);
        return code.bitcast(code.xor(code.bitcast(size, integer), sign), type);
    }

    /** sin r = r + (r^3 S + rest (1 - r^2/2)); the two terms that are left to add. */
    private Pair sine(Pair r) {
        Value z = code.mul(r.hi(), r.hi());
        Value cubes = code.mul(code.mul(r.hi(), z), Polynomial.of(code, z, SIN_F32, SIN_F64));
        Value rest = code.fma(code.mul(real(-0.5), z), r.lo(), r.lo());
        return new Pair(r.hi(), code.add(cubes, rest));
    }

    /** cos r = 1 - r^2/2 + (r^4 C - r rest), the first difference with what it loses, as in fdlibm's k_cos.c. */
    private Pair cosine(Pair r) {
        Value z = code.mul(r.hi(), r.hi());
        Value half = code.mul(real(0.5), z);
        Value one = real(1);
        Value first = code.sub(one, half);
        Value lost = code.sub(code.sub(one, first), half);
        // what z lost when it was rounded, halved, and r times what r lost
        Value squareLost = code.fma(r.hi(), r.hi(), code.neg(z));
        Value small = code.fma(r.hi(), r.lo(), code.mul(real(0.5), squareLost));
        Value fourths = code.fma(code.mul(z, z), Polynomial.of(code, z, COS_F32, COS_F64), code.neg(small));
        return new Pair(first, code.add(lost, fourths));
    }

    Value tan(Value x) {
        Reduced reduced = reduce(x);
        ScalarType integer = type.bits();
        Pair sine = sine(reduced.r());
        Pair cosine = cosine(reduced.r());
        Pair s = pairs.fastSum(sine.hi(), sine.lo());
        Pair c = pairs.fastSum(cosine.hi(), cosine.lo());
        Value odd = code.ne(
                code.and(reduced.quadrant(), code.integer(integer, 1)), code.integer(integer, 0));
        Pair top = new Pair(code.select(odd, code.neg(c.hi()), s.hi()), code.select(odd, code.neg(c.lo()), s.lo()));
        Pair bottom = new Pair(code.select(odd, s.hi(), c.hi()), code.select(odd, s.lo(), c.lo()));
        Value result = pairs.value(pairs.div(top, bottom));
        return code.select(code.eq(x, real(0)), x, result);
    }

    private Value real(double value) {
        return code.real(type, value);
    }
}
