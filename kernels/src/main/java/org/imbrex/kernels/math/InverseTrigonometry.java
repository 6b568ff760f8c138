package org.imbrex.kernels.math;

import org.imbrex.kernels.math.Pairs.Pair;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/** asin, acos, atan, atan2: reduced to where a polynomial serves, with what the reduction loses carried along. */
final class InverseTrigonometry {
    private static final double[] ASIN_F32 = {
        0x1.555554p-3, 0x1.33343p-4, 0x1.6d5bbap-5, 0x1.fd8da2p-6, 0x1.18f91ep-6, 0x1.13fed4p-5
    };
    private static final double[] ASIN_F64 = {
        0x1.5555555555555p-3,
        0x1.3333333333388p-4,
        0x1.6db6db6dac1ep-5,
        0x1.f1c71c7a52ba3p-6,
        0x1.6e8ba123e494cp-6,
        0x1.1c4efce23019fp-6,
        0x1.c990ad3d8fdcap-7,
        0x1.7b027ee1dd585p-7,
        0x1.3b49de7121487p-7,
        0x1.31622469ce5adp-7,
        0x1.8f193743418ffp-9,
        0x1.406192d124629p-6,
        -0x1.3b416bb7d9257p-6,
        0x1.e529c6fce9bb4p-6
    };
    private static final double[] ATAN_F32 = {
        -0x1.555556p-2, 0x1.99997cp-3, -0x1.248a16p-3, 0x1.c57b8p-4, -0x1.6142fep-4, 0x1.9d8478p-5
    };
    private static final double[] ATAN_F64 = {
        -0x1.5555555555555p-2,
        0x1.9999999999953p-3,
        -0x1.249249248d7d1p-3,
        0x1.c71c71c3035c8p-4,
        -0x1.745d165db0b8dp-4,
        0x1.3b1392d24f335p-4,
        -0x1.110e878213482p-4,
        0x1.e19a07798598ep-5,
        -0x1.ac7a3950dffbap-5,
        0x1.74dc387c1a6f4p-5,
        -0x1.1b2f96cc7eca8p-5,
        0x1.0aca40aeebcep-6
    };

    private final Code code;
    private final ScalarType type;
    private final boolean single;
    private final Pairs pairs;

    InverseTrigonometry(Code code, ScalarType type) {
        this.code = code;
        this.type = type;
        this.single = type == ScalarType.F32;
        this.pairs = new Pairs(code);
    }

    /** asin of a small s, as s and what is to be added to it. */
    private record Small(Value s, Value rest) {}

    /** Of |x| where that is at most 1/2, else of sqrt((1 - |x|) / 2). */
    private Small small(Value size, Value isLarge) {
        Value half = code.mul(code.sub(real(1), size), real(0.5));
        Value z = code.select(isLarge, half, code.mul(size, size));
        Value root = code.sqrt(half);
        Value lost = code.div(code.fma(code.neg(root), root, half), code.add(root, root));
        Value rootLost = code.select(code.eq(half, real(0)), real(0), lost);
        Value s = code.select(isLarge, root, size);
        Value series = code.mul(code.mul(s, z), Polynomial.of(code, z, ASIN_F32, ASIN_F64));
        return new Small(s, code.add(series, code.select(isLarge, rootLost, real(0))));
    }

    Value asin(Value x) {
        Value size = code.abs(x);
        Value isLarge = code.lt(real(0.5), size);
        Small small = small(size, isLarge);
        Value near = code.add(small.s(), small.rest());
        // pi/2 - 2 asin(s)
        Pair difference = pairs.sum(halfPi().hi(), code.mul(small.s(), real(-2)));
        Value rest = code.sub(code.add(difference.lo(), halfPi().lo()), code.add(small.rest(), small.rest()));
        Value far = code.add(difference.hi(), rest);
        return Rounding.copySign(code, code.select(isLarge, far, near), x);
    }

    Value acos(Value x) {
        Value size = code.abs(x);
        Value isLarge = code.lt(real(0.5), size);
        Value negative = code.lt(x, real(0));
        Small small = small(size, isLarge);
        Value twice = code.add(small.s(), small.s());
        Value twiceRest = code.add(small.rest(), small.rest());
        Value nearOne = code.add(twice, twiceRest);
        Pair pi = new Pair(code.add(halfPi().hi(), halfPi().hi()), code.add(halfPi().lo(), halfPi().lo()));
        Pair fromPi = pairs.sum(pi.hi(), code.neg(twice));
        Value nearMinusOne = code.add(fromPi.hi(), code.sub(code.add(fromPi.lo(), pi.lo()), twiceRest));
        Value s = code.select(negative, code.neg(small.s()), small.s());
        Value rest = code.select(negative, code.neg(small.rest()), small.rest());
        Pair fromHalf = pairs.sum(halfPi().hi(), code.neg(s));
        Value middle = code.add(fromHalf.hi(), code.sub(code.add(fromHalf.lo(), halfPi().lo()), rest));
        return code.select(isLarge, code.select(negative, nearMinusOne, nearOne), middle);
    }

    Value atan(Value x) {
        return atan2(x, real(1));
    }

    /** With the larger of |x|, |y| as divisor, and u = t or (t - 1) / (t + 1), so that |u| is at most sqrt(2) - 1. */
    Value atan2(Value y, Value x) {
        Value a = code.abs(x);
        Value b = code.abs(y);
        Value infinity = Functions.infinity(code, x);
        Value swap = code.lt(a, b);
        Value large = code.select(swap, b, a);
        Value little = code.select(swap, a, b);
        // both infinite, both zero: as 1 and 1, as 1 and 0
        Value isInfinite = code.eq(large, infinity);
        Value isZero = code.eq(large, real(0));
        Value both = code.and(isInfinite, code.eq(little, infinity));
        little = code.select(isInfinite, code.select(both, real(1), real(0)), little);
        large = code.select(code.or(isInfinite, isZero), real(1), large);
        Value huge = code.lt(real(single ? 0x1p120 : 0x1p1000), large);
        Value tiny = code.lt(large, real(single ? 0x1p-60 : 0x1p-500));
        Value scale = code.select(
                huge,
                real(single ? 0x1p-20 : 0x1p-100),
                code.select(tiny, real(single ? 0x1p86 : 0x1p570), real(1)));
        Value d = code.mul(large, scale);
        Value n = code.mul(little, scale);

        Value steep = code.lt(code.mul(d, real(0.41421356237309503)), n);
        Pair top = pairs.sum(n, code.neg(code.select(steep, d, real(0))));
        Pair bottom = pairs.sum(d, code.select(steep, n, real(0)));
        Value u = code.div(top.hi(), bottom.hi());
        Value rest = code.sub(
                code.add(code.fma(code.neg(u), bottom.hi(), top.hi()), top.lo()), code.mul(u, bottom.lo()));
        Value lost = code.div(rest, bottom.hi());
        Value z = code.mul(u, u);
        Value series = code.fma(
                code.mul(u, z), Polynomial.of(code, z, ATAN_F32, ATAN_F64), code.fma(lost, code.neg(z), lost));

        // multiple of pi/4, and whether u counts from it backwards
        Value left = code.lt(
                code.bitcast(x, type.bits()), code.integer(type.bits(), 0));
        Value quarter = code.select(steep, real(1), real(0));
        Value inner = code.select(swap, code.sub(real(2), quarter), quarter);
        Value eighths = code.select(left, code.sub(real(4), inner), inner);
        Value back = code.ne(
                code.convert(swap, ScalarType.I32), code.convert(left, ScalarType.I32));
        Value minus = code.select(back, real(-1), real(1));
        Pair base = new Pair(
                multiple(eighths, single ? 0x1.921fb6p-1 : 0x1.921fb54442d18p-1, single ? 0x1.2d97c8p1 : 0x1.2d97c7f3321d2p1),
                multiple(
                        eighths,
                        single ? -0x1.777a5cp-26 : 0x1.1a62633145c07p-55,
                        single ? -0x1.99bc5cp-28 : 0x1.a79394c9e8a0ap-54));
        Pair sum = pairs.sum(base.hi(), code.mul(minus, u));
        Value result = code.add(sum.hi(), code.add(code.fma(minus, series, base.lo()), sum.lo()));
        Value signed = Rounding.copySign(code, result, y);
        Value unordered = code.or(code.isNaN(x), code.isNaN(y));
        return code.select(unordered, real(Double.NaN), signed);
    }

    /** k pi/4's part for k from 0 to 4: powers of two times pi/4 are exact, 3 pi/4 has its own. */
    private Value multiple(Value k, double one, double three) {
        return code.select(code.eq(k, real(3)), real(three), code.mul(k, real(one)));
    }

    private Pair halfPi() {
        return new Pair(
                real(single ? 0x1.921fb6p0 : 0x1.921fb54442d18p0), real(single ? -0x1.777a5cp-25 : 0x1.1a62633145c07p-54));
    }

    private Value real(double value) {
        return code.real(type, value);
    }
}
