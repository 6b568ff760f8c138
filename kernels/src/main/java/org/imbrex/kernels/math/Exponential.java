package org.imbrex.kernels.math;

import org.imbrex.kernels.math.Pairs.Pair;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/**
 * exp, expm1, sinh, cosh, tanh: x = k ln 2 + r with |r| at most ln 2 / 2, e^x = 2^k e^r (Cody and Waite 1980). Where a
 * plain float would lose more than a unit in the last place, e^r is a pair.
 */
final class Exponential {
    private static final double[] EXP_F32 = {
        0x1.0p-1, 0x1.555556p-3, 0x1.5554e8p-5, 0x1.1110ep-7, 0x1.6d43bp-10, 0x1.a1256cp-13
    };
    private static final double[] EXP_F64 = {
        0x1.0p-1,
        0x1.5555555555555p-3,
        0x1.5555555555557p-5,
        0x1.1111111111111p-7,
        0x1.6c16c16c15a48p-10,
        0x1.a01a01a01969bp-13,
        0x1.a01a01a9f72adp-16,
        0x1.71de3a5aaefb9p-19,
        0x1.27e4d3f50d87fp-22,
        0x1.ae642c5c1fa33p-26,
        0x1.1f7f6aa421dd8p-29,
        0x1.61bff1c64f494p-33
    };
    private static final double[] SINH_F32 = {0x1.555556p-3, 0x1.1110ep-7, 0x1.a12a34p-13};
    private static final double[] SINH_F64 = {
        0x1.5555555555555p-3,
        0x1.1111111111111p-7,
        0x1.a01a01a0195e9p-13,
        0x1.71de3a5af8595p-19,
        0x1.ae642ad7b698cp-26,
        0x1.61c2b89c2d16dp-33
    };
    private static final double[] TANH_F32 = {
        -0x1.555556p-2, 0x1.111108p-3, -0x1.ba11fep-5, 0x1.6491a4p-6, -0x1.011b94p-7
    };
    private static final double[] TANH_F64 = {
        -0x1.5555555555555p-2,
        0x1.1111111111111p-3,
        -0x1.ba1ba1ba1b9e9p-5,
        0x1.664f4882bdec3p-6,
        -0x1.226e355cd0ff9p-7,
        0x1.d6d3cfeb86dbbp-9,
        -0x1.7da3366bfb793p-10,
        0x1.35529f09e8f99p-11,
        -0x1.f4a1dd066e027p-13,
        0x1.8bc98c1b1eb1fp-14,
        -0x1.f800bc3a6828cp-16
    };
    /** Below it sinh and tanh are polynomials. */
    private static final double SMALL = 0.35;

    private final Code code;
    private final ScalarType type;
    private final boolean single;
    private final Pairs pairs;

    Exponential(Code code, ScalarType type) {
        this.code = code;
        this.type = type;
        this.single = type == ScalarType.F32;
        this.pairs = new Pairs(code);
    }

    /** x = k ln 2 + r: r as a float and what is left of it, k as a float and as an integer's low bits. */
    private record Reduced(Value r, Value rest, Value k, Value bits) {}

    private Reduced reduce(Value x, boolean exactly) {
        Value shifter = code.real(type, single ? 0x1.8p23 : 0x1.8p52);
        Value shifted = code.fma(x, code.real(type, single ? 0x1.715476p0 : 0x1.71547652b82fep0), shifter);
        Value k = code.sub(shifted, shifter);
        Value minus = code.neg(k);
        // exact: both are multiples of ln 2's last place, and they nearly cancel
        Value first = code.fma(minus, code.real(type, single ? 0x1.62e43p-1 : 0x1.62e42fefa39efp-1), x);
        Value ln2Low = code.real(type, single ? -0x1.05c61p-29 : 0x1.abc9e3b39803fp-56);
        Value bits = code.bitcast(shifted, type.bits());
        if (!exactly) {
            Value r = code.fma(minus, ln2Low, first);
            // f32 does without what this rounding lost: it is an eighth of a unit
            Value lost = single ? real(0) : code.fma(minus, ln2Low, code.sub(first, r));
            return new Reduced(r, lost, k, bits);
        }
        Pair second = pairs.product(minus, ln2Low);
        Pair sum = pairs.sum(first, second.hi());
        Value third = code.mul(minus, code.real(type, single ? -0x1.950d88p-54 : 0x1.7b57a079a1934p-111));
        Value rest = code.add(sum.lo(), code.add(second.lo(), third));
        return new Reduced(sum.hi(), rest, k, bits);
    }

    /** p * 2^k for a p near 1 and the k that {@code bits} holds in its low bits; k within the exponents of normals. */
    private Value scale(Value p, Value bits) {
        int width = single ? 23 : 52;
        return code.mul(p, code.bitcast(
                code.add(code.shl(bits, width), code.bitcast(code.real(type, 1), type.bits())), type));
    }

    /** As {@link #scale}, for any k between -2 and 2 times the smallest normal's: in two steps, rounding once. */
    private Value scaleFar(Value p, Value bits) {
        int width = single ? 32 - 12 : 64 - 13;
        Value k = code.shr(code.shl(bits, width), width);
        Value half = code.shr(k, 1);
        return scale(scale(p, half), code.sub(k, half));
    }

    Value exp(Value x) {
        Reduced reduced = reduce(x, false);
        Value sum = code.add(one(), tail(reduced));
        double far = single ? 87 : 708;
        Value isFar = code.not(code.lt(code.abs(x), real(far)));
        return code.rare(isFar, farExp(x), scale(sum, reduced.bits()));
    }

    /** r + r^2/2 + … */
    private Value tail(Reduced reduced) {
        Value r = reduced.r();
        Value square = code.mul(r, r);
        Value series = Polynomial.of(code, r, EXP_F32, EXP_F64);
        return single ? code.fma(square, series, r) : code.add(r, code.fma(square, series, reduced.rest()));
    }

    private Value farExp(Value x) {
        double most = single ? 89.5 : 710.5;
        double least = single ? -104.5 : -745.5;
        Value clamped = clamp(x, least, most);
        Reduced reduced = reduce(clamped, false);
        Value result = scaleFar(code.add(one(), tail(reduced)), reduced.bits());
        return code.select(code.isNaN(x), x, result);
    }

    private Value clamp(Value x, double least, double most) {
        Value above = code.select(code.lt(real(most), x), real(most), x);
        return code.select(code.lt(above, real(least)), real(least), above);
    }

    /** e^(x + low) as 2^k times a pair. */
    private record Scaled(Pair p, Value k, Value bits) {}

    private Scaled pair(Value x, Value low) {
        Reduced reduced = reduce(x, true);
        Pair whole = pairs.sum(reduced.r(), code.add(reduced.rest(), low));
        Value r = whole.hi();
        Value rest = whole.lo();
        // e^(r + rest) = 1 + r + (rest + r^2 P(r) + r rest)
        Value square = code.mul(r, r);
        Value squareLow = code.fma(r, r, code.neg(square));
        double[] all = single ? EXP_F32 : EXP_F64;
        double[] more = java.util.Arrays.copyOfRange(all, 1, all.length);
        Value cubes = code.mul(square, code.mul(r, Polynomial.of(code, r, more)));
        Pair half = new Pair(code.mul(square, real(0.5)), code.mul(squareLow, real(0.5)));
        Pair first = pairs.fastSum(one(), r);
        Pair second = pairs.fastSum(first.hi(), half.hi());
        Value small = code.add(
                code.add(first.lo(), second.lo()),
                code.add(cubes, code.add(half.lo(), code.fma(rest, r, rest))));
        return new Scaled(pairs.fastSum(second.hi(), small), reduced.k(), reduced.bits());
    }

    /** e^(x + low), with x + low to about twice the type's precision; for pow. */
    Value exp(Pair x) {
        double most = single ? 89.5 : 710.5;
        double least = single ? -104.5 : -746.5;
        Value clamped = clamp(x.hi(), least, most);
        Value low = code.select(code.eq(clamped, x.hi()), x.lo(), real(0));
        Scaled scaled = pair(clamped, low);
        Value p = pairs.value(scaled.p());
        double near = single ? 86 : 707;
        Value isFar = code.not(code.lt(code.abs(x.hi()), real(near)));
        Value result = code.rare(isFar, scaleFar(p, scaled.bits()), scale(p, scaled.bits()));
        return code.select(code.isNaN(x.hi()), x.hi(), result);
    }

    Value expm1(Value x) {
        double most = single ? 89 : 710;
        double least = single ? -20 : -45;
        Value clamped = clamp(x, least, most);
        Reduced reduced = reduce(clamped, true);
        Value r = reduced.r();
        // q = e^r - 1 as a pair
        Value square = code.mul(r, r);
        Value tail = code.fma(
                square, Polynomial.of(code, r, EXP_F32, EXP_F64), code.fma(reduced.rest(), r, reduced.rest()));
        Pair q = pairs.fastSum(r, tail);
        // 2^k q + 2^k - 1, by halves so that 2^k stays finite where the result is
        Value scale = scaleFar(real(0.5), reduced.bits());
        Pair grown = pairs.sum(scale, code.mul(q.hi(), scale));
        Pair less = pairs.sum(grown.hi(), real(-0.5));
        Value low = code.add(grown.lo(), less.lo());
        Value result = code.add(less.hi(), code.fma(q.lo(), scale, low));
        Value doubled = code.add(result, result);
        // the sign of zero, and what is so small that the result is x
        Value tiny = code.lt(code.abs(x), real(single ? 0x1p-30 : 0x1p-60));
        return code.select(code.or(tiny, code.isNaN(x)), x, doubled);
    }

    Value sinh(Value x) {
        Value size = code.abs(x);
        Value square = code.mul(x, x);
        Value small = code.fma(
                code.mul(x, square), Polynomial.of(code, square, SINH_F32, SINH_F64), x);
        Pair halves = halves(size, true);
        Value large = Rounding.copySign(code, pairs.value(halves), x);
        return code.select(code.lt(size, real(SMALL)), small, code.select(code.isNaN(x), x, large));
    }

    Value cosh(Value x) {
        Value result = pairs.value(halves(code.abs(x), false));
        return code.select(code.isNaN(x), x, result);
    }

    /** (e^x - e^-x) / 2, or their sum's half, for x of at least 0. */
    private Pair halves(Value x, boolean minus) {
        double most = single ? 90.5 : 711.5;
        Scaled e = pair(clamp(x, 0, most), real(0));
        Pair inverse = pairs.div(pairs.of(one()), e.p());
        Value bits = e.bits();
        Value one = code.integer(type.bits(), 1);
        Value down = code.sub(code.integer(type.bits(), 0), bits);
        Pair grown = new Pair(
                scaleFar(e.p().hi(), code.sub(bits, one)), scaleFar(e.p().lo(), code.sub(bits, one)));
        Pair shrunk = new Pair(
                scaleFar(inverse.hi(), code.sub(down, one)), scaleFar(inverse.lo(), code.sub(down, one)));
        Pair sum = pairs.add(grown, minus ? pairs.neg(shrunk) : shrunk);
        Value infinite = code.eq(grown.hi(), Functions.infinity(code, x));
        return new Pair(
                code.select(infinite, grown.hi(), sum.hi()), code.select(infinite, real(0), sum.lo()));
    }

    Value tanh(Value x) {
        Value size = code.abs(x);
        Value square = code.mul(x, x);
        Value small = code.fma(
                code.mul(x, square), Polynomial.of(code, square, TANH_F32, TANH_F64), x);
        // 1 - 2 / (e^2x + 1)
        Value twice = clamp(code.add(size, size), 0, single ? 40 : 90);
        Scaled e = pair(twice, real(0));
        Pair grown = new Pair(scale(e.p().hi(), e.bits()), scale(e.p().lo(), e.bits()));
        Pair divisor = pairs.add(grown, one());
        Pair quotient = pairs.div(pairs.of(real(2)), divisor);
        Value large = pairs.value(pairs.add(pairs.neg(quotient), one()));
        Value signed = Rounding.copySign(code, large, x);
        Value passes = code.or(code.isNaN(x), code.eq(x, real(0)));
        return code.select(passes, x, code.select(code.lt(size, real(SMALL)), small, signed));
    }

    private Value one() {
        return real(1);
    }

    private Value real(double value) {
        return code.real(type, value);
    }
}
