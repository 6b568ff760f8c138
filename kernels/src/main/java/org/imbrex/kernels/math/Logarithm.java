package org.imbrex.kernels.math;

import java.util.Arrays;
import org.imbrex.kernels.math.Pairs.Pair;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/**
 * log, log1p, log2, log10: x = 2^k (1 + f) with f between -1/3 and 1/3 in f32, between sqrt(1/2) - 1 and
 * sqrt(2) - 1 in f64.
 * f32 takes log(1 + f) = f + f^2 Q(f), f64 the form of fdlibm's e_log.c, f - (f^2/2 - s (f^2/2 + R)), s = f / (2 + f).
 */
final class Logarithm {
    /** Relative to log(1 + f); the first term is exact. */
    private static final double[] LOG_F32 = {
        -0x1.0p-1,
        0x1.555506p-2,
        -0x1.fffef6p-3,
        0x1.99d066p-3,
        -0x1.559cdep-3,
        0x1.1ed342p-3,
        -0x1.f32996p-4,
        0x1.1e7972p-3,
        -0x1.07d32ep-3
    };

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

    /** (log(1 + f) / s - 2 - 2/3 z) / z^2, with z = s^2. */
    private static final double[] PAIR_F32 = {0x1.99999ap-2, 0x1.24928ep-2, 0x1.c6c0d8p-3, 0x1.8797f2p-3};

    private static final double[] PAIR_F64 = {
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
    private final ScalarType integer;
    private final boolean single;
    private final int width;

    Logarithm(Code code, ScalarType type) {
        this.code = code;
        this.type = type;
        this.integer = type.bits();
        this.single = type == ScalarType.F32;
        this.width = single ? 23 : 52;
    }

    /** x = 2^k (1 + f). */
    private record Split(Value k, Value f) {}

    private Split split(Value x) {
        Value isSubnormal = code.lt(x, real(single ? 0x1p-126 : 0x1p-1022));
        Value scaled = code.select(isSubnormal, code.mul(x, real(single ? 0x1p24 : 0x1p54)), x);
        Value exponent = exponent(scaled);
        Value m = code.bitcast(code.sub(code.bitcast(scaled, integer), exponent), type);
        Value k = number(exponent);
        Value shift = code.select(isSubnormal, real(single ? 24 : 54), real(0));
        return new Split(code.sub(k, shift), code.sub(m, real(1)));
    }

    /** k in the place of a float's exponent: what to take from the bits of a positive float to get 1 + f. */
    private Value exponent(Value x) {
        Value least = code.bitcast(real(single ? 0x1.555556p-1 : 0x1.6a09e667f3bcdp-1), integer);
        Value above = code.sub(code.bitcast(x, integer), least);
        return code.and(above, code.integer(integer, -1L << width));
    }

    /** From its place in the exponent to a float. */
    private Value number(Value exponent) {
        if (single) {
            return code.mul(code.convert(exponent, type), real(0x1p-23));
        }
        // vectors seldom convert 64-bit integers; here k + 1024 become the last bits of 2^52
        Value biased = code.ushr(code.add(exponent, code.i64(1024L << width)), width);
        Value bits = code.or(biased, code.bitcast(real(0x1p52), integer));
        return code.sub(code.bitcast(bits, type), real(0x1p52 + 1024));
    }

    /** log(1 + f) in two parts: f - f^2/2 rounded, and the rest, with what rounding lost. */
    private Pair near(Value f) {
        Value square = code.mul(f, f);
        Value half = code.mul(real(0.5), square);
        Pair first = new Pairs(code).fastSum(f, code.neg(half));
        Value lost = code.fma(real(-0.5), code.fma(f, f, code.neg(square)), first.lo());
        if (single) {
            double[] cubes = Arrays.copyOfRange(LOG_F32, 1, LOG_F32.length);
            return new Pair(first.hi(), code.fma(code.mul(square, f), Polynomial.of(code, f, cubes), lost));
        }
        Value s = code.div(f, code.add(real(2), f));
        Value z = code.mul(s, s);
        Value series = code.mul(z, Polynomial.of(code, z, LOG_F64));
        return new Pair(first.hi(), code.fma(s, code.add(half, series), lost));
    }

    Value log(Value x) {
        Split split = split(x);
        if (single) {
            Value m = code.fma(code.mul(split.f(), split.f()), Polynomial.of(code, split.f(), LOG_F32), split.f());
            return special(x, code.fma(split.k(), real(0x1.62e43p-1), m), real(0));
        }
        return special(x, natural(split.k(), near(split.f())), real(0));
    }

    /** k ln 2 + m. */
    private Value natural(Value k, Pair m) {
        Value low = code.fma(k, real(single ? -0x1.05c61p-29 : 0x1.ef35793c7673p-45), m.lo());
        return code.fma(k, real(single ? 0x1.62e43p-1 : 0x1.62e42fefa38p-1), code.add(m.hi(), low));
    }

    /** At zero minus infinity, below it NaN, at infinity infinity. */
    private Value special(Value x, Value usual, Value zero) {
        Value finite = code.select(code.lt(x, Functions.infinity(code, x)), usual, x);
        Value positive = code.select(code.lt(zero, x), finite, real(Double.NaN));
        return code.select(code.eq(x, zero), real(Double.NEGATIVE_INFINITY), positive);
    }

    /** With u = 1 + x rounded giving k only: f = 2^-k x + (2^-k - 1), of which no digit of x is lost. */
    Value log1p(Value x) {
        Value u = code.add(real(1), x);
        Value exponent = exponent(u);
        Value scaled = code.bitcast(code.sub(code.bitcast(x, integer), exponent), type);
        // 2^-k with two added to its exponent, that it may be as small as the least normal
        Value power = code.bitcast(code.sub(code.bitcast(real(4), integer), exponent), type);
        Pair f = new Pairs(code).fastSum(code.fma(power, real(0.25), real(-1)), scaled);
        Value lost = code.fma(code.neg(f.hi()), f.lo(), f.lo());
        Pair m = near(f.hi());
        Value usual = natural(number(exponent), new Pair(m.hi(), code.add(m.lo(), lost)));
        return code.select(code.eq(x, real(0)), x, special(x, usual, real(-1)));
    }

    Value log2(Value x) {
        Split split = split(x);
        Value result = scaled(
                split,
                split.k(),
                real(0),
                single ? 0x1.715476p0 : 0x1.71547652b82fep0,
                single ? 0x1.4ae0cp-26 : 0x1.777d0ffda0d24p-56);
        return special(x, result, real(0));
    }

    Value log10(Value x) {
        Split split = split(x);
        // the first part of log10 2 is short: its products with k are exact
        Value high = code.mul(split.k(), real(single ? 0x1.3442p-2 : 0x1.34413509f78p-2));
        Value low = code.mul(split.k(), real(single ? -0x1.95ec1p-19 : 0x1.fef311f12b358p-46));
        Value result = scaled(
                split,
                high,
                low,
                single ? 0x1.bcb7b2p-2 : 0x1.bcb7b1526e50ep-2,
                single ? -0x1.5b235ep-27 : 0x1.95355baaafad3p-57);
        return special(x, result, real(0));
    }

    /** base + low + log(1 + f) times a factor in two parts; base is 0 or larger than the product. */
    private Value scaled(Split split, Value base, Value low, double factorHigh, double factorLow) {
        Pairs pairs = new Pairs(code);
        Pair m = near(split.f());
        Pair product = pairs.product(m.hi(), real(factorHigh));
        Value small = code.fma(m.hi(), real(factorLow), code.add(product.lo(), low));
        Value rest = code.fma(m.lo(), real(factorHigh), small);
        Pair sum = pairs.fastSum(base, product.hi());
        return code.add(sum.hi(), code.add(sum.lo(), rest));
    }

    /**
     * log x as a pair, for a positive finite x, with an error below 2^-65 of it (2^-33 in f32): log(1 + f) = 2 s + s z (2/3
     * + z P(z)) with z = s^2, each product with what it loses.
     */
    Pair pair(Value x) {
        Pairs pairs = new Pairs(code);
        Split split = split(x);
        Value f = split.f();
        Value divisor = code.add(real(2), f);
        Value lost = code.sub(f, code.sub(divisor, real(2)));
        Value inverse = code.div(real(1), divisor);
        Value s = code.mul(f, inverse);
        Value minus = code.neg(s);
        Value sLow = code.mul(code.fma(minus, lost, code.fma(minus, divisor, f)), inverse);
        Pair z = pairs.mul(new Pair(s, sLow), new Pair(s, sLow));
        Value more = code.mul(z.hi(), Polynomial.of(code, z.hi(), PAIR_F32, PAIR_F64));
        Pair thirds = pairs.fastSum(real(single ? 0x1.555556p-1 : 0x1.5555555555555p-1), more);
        Value thirdsLow = code.add(thirds.lo(), real(single ? -0x1.555556p-26 : 0x1.5555555555555p-55));
        Pair cubes = pairs.mul(pairs.mul(z, new Pair(thirds.hi(), thirdsLow)), new Pair(s, sLow));
        Pair sum = pairs.fastSum(code.add(s, s), cubes.hi());
        Value low = code.add(code.add(sum.lo(), cubes.lo()), code.add(sLow, sLow));
        // the first part of ln 2 is short: its products with k are exact
        Pair whole = pairs.fastSum(code.mul(split.k(), real(single ? 0x1.62e4p-1 : 0x1.62e42fefa38p-1)), sum.hi());
        Pair ln2Low = pairs.product(split.k(), real(single ? 0x1.7f7d1cp-20 : 0x1.ef35793c7673p-45));
        Pair upper = pairs.sum(whole.hi(), ln2Low.hi());
        return pairs.fastSum(upper.hi(), code.add(code.add(upper.lo(), whole.lo()), code.add(ln2Low.lo(), low)));
    }

    private Value real(double value) {
        return code.real(type, value);
    }
}
