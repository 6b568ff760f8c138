package org.imbrex.kernels.math;

import org.imbrex.kernels.math.Pairs.Pair;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/**
 * log, log1p, log2, log10 and, through a pair, pow: x = 2^k m with m between sqrt(1/2) and sqrt(2), s = (m - 1) / (m +
 * 1), log m = 2 s + s^3 (2/3 + …); the plain ones in the form of fdlibm's e_log.c and s_log1p.c.
 */
final class Logarithm {
    private static final double[] LOG_F32 = {0x1.555556p-1, 0x1.9999ecp-2, 0x1.245c38p-2, 0x1.ddd172p-3};
    private static final double[] LOG_F64 = {
        0x1.5555555555555p-1,
        0x1.9999999999998p-2,
        0x1.249249249295dp-2,
        0x1.c71c71c64bff9p-3,
        0x1.745d17d3a387ap-3,
        0x1.3b137b1bd652bp-3,
        0x1.111d2b673d7e2p-3,
        0x1.debe214e33b96p-4,
        0x1.e6b660fec7379p-4
    };
    private static final double[] TAIL_F32 = {0x1.99999ap-2, 0x1.24928ep-2, 0x1.c6c0d8p-3, 0x1.8797f2p-3};
    private static final double[] TAIL_F64 = {
        0x1.999999999999ap-2,
        0x1.2492492492491p-2,
        0x1.c71c71c71cfdep-3,
        0x1.745d174512f5ep-3,
        0x1.3b13b1bcae4fap-3,
        0x1.1110df9bb9145p-3,
        0x1.e1f80050fe02dp-4,
        0x1.ac4a0689e4f11p-4,
        0x1.b8d8d83f51283p-4
    };

    private final Code code;
    private final ScalarType type;
    private final boolean single;
    private final Pairs pairs;

    Logarithm(Code code, ScalarType type) {
        this.code = code;
        this.type = type;
        this.single = type == ScalarType.F32;
        this.pairs = new Pairs(code);
    }

    /** x = 2^k m, for a positive finite x. */
    private record Split(Value k, Value m) {}

    private Split split(Value x) {
        int width = single ? 23 : 52;
        ScalarType integer = type.bits();
        Value isSubnormal = code.lt(x, real(single ? 0x1p-126 : 0x1p-1022));
        Value scaled = code.rare(isSubnormal, code.mul(x, real(single ? 0x1p24 : 0x1p54)), x);
        Value shift = code.rare(isSubnormal, real(single ? 24 : 54), real(0));
        Value one = code.bitcast(real(1), integer);
        Value root = code.bitcast(real(single ? 0x1.6a09e6p-1 : 0x1.6a09e667f3bcdp-1), integer);
        Value moved = code.add(code.bitcast(scaled, integer), code.sub(one, root));
        Value mask = code.integer(integer, (1L << width) - 1);
        Value m = code.bitcast(code.add(code.and(moved, mask), root), type);
        Value exponent = code.sub(code.shr(moved, width), code.integer(integer, single ? 127 : 1023));
        return new Split(code.sub(number(exponent), shift), m);
    }

    /** A small integer as a float, by adding it to the last places of a large one. */
    private Value number(Value integer) {
        Value large = real(single ? 0x1.8p23 : 0x1.8p52);
        Value bits = code.add(integer, code.bitcast(large, type.bits()));
        return code.sub(code.bitcast(bits, type), large);
    }

    Value log(Value x) {
        Split split = split(x);
        Value f = code.sub(split.m(), real(1));
        return special(x, plain(split.k(), f, real(0)), real(0));
    }

    /** log(2^k (1 + f)) + correction. */
    private Value plain(Value k, Value f, Value correction) {
        Value s = code.div(f, code.add(real(2), f));
        Value z = code.mul(s, s);
        Value half = code.mul(real(0.5), code.mul(f, f));
        Value series = code.mul(z, Polynomial.of(code, z, LOG_F32, LOG_F64));
        Value low = code.fma(k, real(single ? 0x1.7f7d1cp-20 : 0x1.ef35793c7673p-45), correction);
        Value small = code.fma(s, code.add(half, series), low);
        Value high = real(single ? 0x1.62e4p-1 : 0x1.62e42fefa38p-1);
        return code.sub(code.mul(k, high), code.sub(code.sub(half, small), f));
    }

    /** At 0 minus infinity, below it NaN, at infinity infinity. */
    private Value special(Value x, Value usual, Value zero) {
        Value infinity = Functions.infinity(code, x);
        Value inside = code.and(code.lt(zero, x), code.lt(x, infinity));
        Value atZero = code.select(code.eq(x, zero), code.neg(infinity), real(Double.NaN));
        Value outside = code.select(code.eq(x, infinity), infinity, atZero);
        return code.select(inside, usual, outside);
    }

    Value log1p(Value x) {
        Value one = real(1);
        Value u = code.add(one, x);
        Split split = split(u);
        Value close = code.and(
                code.lt(real(single ? -0x1.2bec34p-2 : -0.29289), x), code.lt(x, real(0.41421)));
        Value rest = pairs.sum(one, x).lo();
        Value isLarge = code.lt(real(single ? 0x1p100 : 0x1p1000), u);
        Value correction = code.select(isLarge, real(0), code.div(rest, u));
        Value f = code.select(close, x, code.sub(split.m(), one));
        Value k = code.select(close, real(0), split.k());
        Value result = plain(k, f, code.select(close, real(0), correction));
        Value tiny = code.lt(code.abs(x), real(single ? 0x1p-30 : 0x1p-60));
        return code.select(tiny, x, special(x, result, real(-1)));
    }

    Value log2(Value x) {
        Split split = split(x);
        Pair m = pairs.mul(ofM(split.m()), pairs.constant(
                x, single ? 0x1.715476p0 : 0x1.71547652b82fep0, single ? 0x1.4ae0cp-26 : 0x1.777d0ffda0d24p-56));
        return special(x, pairs.value(pairs.add(m, split.k())), real(0));
    }

    Value log10(Value x) {
        Split split = split(x);
        Pair m = pairs.mul(ofM(split.m()), pairs.constant(
                x, single ? 0x1.bcb7b2p-2 : 0x1.bcb7b1526e50ep-2, single ? -0x1.5b235ep-27 : 0x1.95355baaafad3p-57));
        Pair k = pairs.mul(
                pairs.constant(
                        x,
                        single ? 0x1.344136p-2 : 0x1.34413509f79ffp-2,
                        single ? -0x1.ec10cp-27 : -0x1.9dc1da994fd21p-59),
                split.k());
        return special(x, pairs.value(pairs.add(k, m)), real(0));
    }

    /** log x as a pair, for a positive finite x. */
    Pair pair(Value x) {
        Split split = split(x);
        Pair ln2 = pairs.constant(
                x, single ? 0x1.62e43p-1 : 0x1.62e42fefa39efp-1, single ? -0x1.05c61p-29 : 0x1.abc9e3b39803fp-56);
        return pairs.add(pairs.mul(ln2, split.k()), ofM(split.m()));
    }

    /** log m = 2 s + (2/3) s^3 in pairs, and the rest, s^5 times a polynomial, which is below 2^-12 of it. */
    private Pair ofM(Value m) {
        Value one = real(1);
        Pair s = pairs.div(pairs.of(code.sub(m, one)), pairs.sum(m, one));
        Pair z = pairs.mul(s, s);
        Pair cube = pairs.mul(z, s);
        Pair second = pairs.mul(cube, pairs.constant(
                m, single ? 0x1.555556p-1 : 0x1.5555555555555p-1, single ? -0x1.555556p-26 : 0x1.5555555555555p-55));
        Value rest = code.mul(
                code.mul(cube.hi(), z.hi()), Polynomial.of(code, z.hi(), TAIL_F32, TAIL_F64));
        Pair twice = new Pair(code.add(s.hi(), s.hi()), code.add(s.lo(), s.lo()));
        return pairs.add(twice, pairs.add(second, rest));
    }

    private Value real(double value) {
        return code.real(type, value);
    }
}
