package org.imbrex.kernels.math;

import java.util.Arrays;
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
    /** (atan t - t) / t^3 in t^2, for t up to 1. */
    private static final double[] ATAN_F32 = {
        -0x1.55553ep-2,
        0x1.9991e6p-3,
        -0x1.2420b6p-3,
        0x1.c08f66p-4,
        -0x1.58155ep-4,
        0x1.da5ed4p-5,
        -0x1.fdfc1cp-6,
        0x1.64c1cep-7,
        -0x1.d4984ap-10
    };

    private static final double[] ATAN_F64 = {
        -0x1.555555555551dp-2,
        0x1.9999999994b2ap-3,
        -0x1.249249235b8ddp-3,
        0x1.c71c7177f1d86p-4,
        -0x1.745d112838a0ep-4,
        0x1.3b1360a94707cp-4,
        -0x1.110e21d2aa6f8p-4,
        0x1.e1b97f3da4f64p-5,
        -0x1.ae55096997cb9p-5,
        0x1.82bb6365a8f4dp-5,
        -0x1.5952abd1e9b9ep-5,
        0x1.2b8aa9f506f5cp-5,
        -0x1.e7f86ec5a95ebp-6,
        0x1.65cb8622058a2p-6,
        -0x1.c2ff51fdfd16cp-7,
        0x1.d14dfd9d85a16p-8,
        -0x1.73a83b984ef2fp-9,
        0x1.aac07ebff3d86p-11,
        -0x1.37417a0ff51ecp-13,
        0x1.af3c2a9a965ccp-17
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

    /** t = |x| or 1 / |x|; the polynomial reaches to 1. */
    Value atan(Value x) {
        Value size = code.abs(x);
        Value steep = code.lt(real(1), size);
        // beyond it the result is pi/2
        Value most = real(single ? 0x1p40 : 0x1p80);
        Value divisor = code.select(steep, code.select(code.lt(most, size), most, size), real(1));
        Value inverse = code.div(real(1), divisor);
        Value t = code.select(steep, inverse, size);
        Value lost = code.mul(code.fma(code.neg(inverse), divisor, real(1)), inverse);
        Series series = series(t, lost);
        Value near = code.add(t, code.fma(series.cube(), series.factor(), series.low()));
        Pair difference = pairs.fastSum(halfPi().hi(), code.neg(t));
        Value low = code.sub(code.add(difference.lo(), halfPi().lo()), series.low());
        Value far = code.add(difference.hi(), code.fma(code.neg(series.cube()), series.factor(), low));
        return Rounding.withSign(code, code.select(steep, far, near), x);
    }

    /** atan(t + lost) - t = cube factor + low. */
    private record Series(Value cube, Value factor, Value low) {}

    private Series series(Value t, Value lost) {
        Value z = code.mul(t, t);
        // about 1 / (1 + z)
        Value low = code.fma(code.mul(lost, real(-0.5)), z, lost);
        Value cube = code.mul(t, z);
        double[] terms = single ? ATAN_F32 : ATAN_F64;
        Value inner = Polynomial.of(code, z, Arrays.copyOfRange(terms, 1, terms.length));
        Value factor = code.fma(z, inner, real(terms[0]));
        Value factorLost = code.fma(z, inner, code.sub(real(terms[0]), factor));
        Value squareLost = code.fma(t, t, code.neg(z));
        Value cubeLost = code.fma(t, squareLost, code.fma(t, z, code.neg(cube)));
        return new Series(cube, factor, code.fma(cube, factorLost, code.fma(cubeLost, factor, low)));
    }

    /** t = the smaller of |x|, |y| by the larger, as a pair. */
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
        Value tiny = code.lt(large, real(1));
        Value scale = code.select(
                huge,
                real(single ? 0x1p-20 : 0x1p-100),
                code.select(tiny, real(single ? 0x1p86 : 0x1p570), real(1)));
        Value d = code.mul(large, scale);
        Value n = code.mul(little, scale);

        Value inverse = code.div(real(1), d);
        Value quotient = code.mul(n, inverse);
        Pair t = pairs.fastSum(quotient, code.mul(code.fma(code.neg(quotient), d, n), inverse));
        Series series = series(t.hi(), t.lo());

        // from the multiple of pi/2 that it is nearest to, forwards or backwards
        Value left = code.lt(code.bitcast(x, type.bits()), code.integer(type.bits(), 0));
        Value back = code.xor(swap, left);
        Value step = code.select(back, code.neg(t.hi()), t.hi());
        Value cube = code.select(back, code.neg(series.cube()), series.cube());
        Value low = code.select(back, code.neg(series.low()), series.low());
        Pair halfPi = halfPi();
        Value base = code.select(swap, halfPi.hi(), code.select(left, twice(halfPi.hi()), real(0)));
        Value baseLow = code.select(swap, halfPi.lo(), code.select(left, twice(halfPi.lo()), real(0)));
        Pair sum = pairs.fastSum(base, step);
        Value rest = code.add(sum.lo(), code.add(baseLow, low));
        Value result = code.add(sum.hi(), code.fma(cube, series.factor(), rest));
        Value unordered = code.or(code.isNaN(x), code.isNaN(y));
        return code.select(unordered, real(Double.NaN), Rounding.withSign(code, result, y));
    }

    private Value twice(Value x) {
        return code.add(x, x);
    }

    private Pair halfPi() {
        return new Pair(
                real(single ? 0x1.921fb6p0 : 0x1.921fb54442d18p0), real(single ? -0x1.777a5cp-25 : 0x1.1a62633145c07p-54));
    }

    private Value real(double value) {
        return code.real(type, value);
    }
}
