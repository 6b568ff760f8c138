package org.imbrex.kernels.math;

import org.imbrex.kernels.math.Pairs.Pair;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/**
 * e^x and e^x - 1: x = k ln 2 + r with |r| at most ln 2 / 2, e^x = 2^k e^r (Cody and Waite 1980). Arguments are clamped
 * to where results end, and the power of two is multiplied in two halves, so that overflow, underflow and subnormal
 * results need no path of their own.
 */
final class Exponential {
    /** (e^r - 1 - r) / r^2, relative to e^r; then relative to e^r - 1, with the first term exact. */
    private static final double[] NEAR_F32 = {0x1.fffffcp-2, 0x1.555492p-3, 0x1.5558b4p-5, 0x1.1239ap-7, 0x1.6a495ep-10};

    private static final double[] TAIL_F32 = {
        0x1.0p-1, 0x1.555554p-3, 0x1.5554f8p-5, 0x1.1112d6p-7, 0x1.6d3a5ep-10, 0x1.9e77eep-13
    };
    private static final double[] TAIL_F64 = {
        0x1.0p-1,
        0x1.5555555555559p-3,
        0x1.5555555555558p-5,
        0x1.111111110f794p-7,
        0x1.6c16c16c180ecp-10,
        0x1.a01a01b125d6bp-13,
        0x1.a01a0199d5034p-16,
        0x1.71ddf0609e0d1p-19,
        0x1.27e4f0e9ec2eep-22,
        0x1.af7442890b9b1p-26,
        0x1.1f66ef489f821p-29
    };

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

    /**
     * e^x = 2^k (1 + r + rest).
     *
     * @param bits k plus {@link #magic}'s bits
     * @param rest below 0.07
     */
    private record Parts(Value bits, Value r, Value rest) {}

    /** Adding it to a float rounds that to an integer, which its last bits then hold. */
    private double magic() {
        return single ? 0x1.8p23 : 0x1.8p52;
    }

    private Parts parts(Value x, Value low) {
        Value shifted = code.fma(x, real(single ? 0x1.715476p0 : 0x1.71547652b82fep0), real(magic()));
        Value k = code.sub(shifted, real(magic()));
        // exact: both are multiples of ln 2's last place, and they nearly cancel
        Value first = code.fma(k, real(single ? -0x1.62e43p-1 : -0x1.62e42fefa39efp-1), x);
        Value ln2Low = real(single ? 0x1.05c61p-29 : -0x1.abc9e3b39803fp-56);
        Value r = code.fma(k, ln2Low, first);
        Value lost = code.fma(k, ln2Low, code.sub(first, r));
        Pair whole = low == null ? new Pair(r, lost) : pairs.fastSum(r, code.add(lost, low));
        Value square = code.mul(whole.hi(), whole.hi());
        // e^(hi + lo) - 1 - hi
        Value cross = code.fma(whole.hi(), whole.lo(), whole.lo());
        Value rest = code.fma(square, Polynomial.of(code, whole.hi(), TAIL_F32, TAIL_F64), cross);
        return new Parts(code.bitcast(shifted, type.bits()), whole.hi(), rest);
    }

    /** 2^(k + offset), for a result that is a normal number. */
    private Value powerOfTwo(Value bits, int offset) {
        int width = single ? 23 : 52;
        long one = single ? 127L << 23 : 1023L << 52;
        Value bias = code.integer(type.bits(), one + ((long) offset << width));
        return code.bitcast(code.add(code.shl(bits, width), bias), type);
    }

    /** Two powers of two whose product is 2^k, for any k within twice the exponents of normal numbers. */
    private Value[] halves(Value bits) {
        // the magic number's bits are even, and halved they are shifted out as well
        Value half = code.ushr(bits, 1);
        return new Value[] {powerOfTwo(half, 0), powerOfTwo(code.sub(bits, half), 0)};
    }

    Value exp(Value x) {
        Value clamped = clamp(x, single ? -105 : -746, single ? 89.5 : 710.5);
        if (!single) {
            return exp(clamped, null);
        }
        Value shifted = code.fma(clamped, real(0x1.715476p0), real(magic()));
        Value k = code.sub(shifted, real(magic()));
        Value first = code.fma(k, real(-0x1.62e43p-1), clamped);
        Value r = code.fma(k, real(0x1.05c61p-29), first);
        Value lost = code.fma(k, real(0x1.05c61p-29), code.sub(first, r));
        Value tail = code.add(r, code.fma(code.mul(r, r), Polynomial.of(code, r, NEAR_F32), lost));
        Value[] halves = halves(code.bitcast(shifted, type.bits()));
        return code.mul(code.fma(tail, halves[0], halves[0]), halves[1]);
    }

    private Value exp(Value clamped, Value low) {
        Parts parts = parts(clamped, low);
        Pair sum = pairs.fastSum(real(1), parts.r());
        Value p = code.add(sum.hi(), code.add(sum.lo(), parts.rest()));
        Value[] halves = halves(parts.bits());
        return code.mul(code.mul(p, halves[0]), halves[1]);
    }

    /** e^(x + low), for a low that is far below x; for pow. */
    Value exp(Pair x) {
        Value clamped = clamp(x.hi(), single ? -105 : -746, single ? 89.5 : 710.5);
        return exp(clamped, code.select(code.eq(clamped, x.hi()), x.lo(), real(0)));
    }

    /**
     * (e^x - 1) / 2^exponent as a pair, for an x of at most 89.7 or 711; the division keeps the largest results finite.
     */
    Pair expm1(Value x, int exponent) {
        Parts parts = parts(x, null);
        Value power = powerOfTwo(parts.bits(), -exponent);
        Value main = code.mul(power, parts.r());
        Pair whole = pairs.sum(power, real(-Math.scalb(1.0, -exponent)));
        Pair sum = pairs.fastSum(whole.hi(), main);
        return pairs.fastSum(sum.hi(), code.add(code.fma(power, parts.rest(), sum.lo()), whole.lo()));
    }

    /** e^x / 4 as a pair, for an x between 0 and 89.7 or 711. */
    Pair quarter(Value x) {
        Parts parts = parts(x, null);
        Value power = powerOfTwo(parts.bits(), -2);
        Pair sum = pairs.fastSum(real(1), parts.r());
        Pair whole = pairs.fastSum(sum.hi(), code.add(sum.lo(), parts.rest()));
        return new Pair(code.mul(power, whole.hi()), code.mul(power, whole.lo()));
    }

    Value expm1(Value x) {
        Value clamped = clamp(x, single ? -20 : -45, single ? 89 : 710);
        Value half = expm1(clamped, 1).hi();
        return passSmall(x, code.add(half, half));
    }

    /** x itself where it is so small that the result is x: keeps the sign of zero, and subnormals that were scaled. */
    Value passSmall(Value x, Value otherwise) {
        return code.select(code.lt(code.abs(x), real(single ? 0x1p-30 : 0x1p-60)), x, otherwise);
    }

    /** The nearest within limits; NaN passes. */
    Value clamp(Value x, double least, double most) {
        Value below = atMost(x, most);
        return code.select(code.lt(below, real(least)), real(least), below);
    }

    Value atMost(Value x, double most) {
        return code.select(code.lt(real(most), x), real(most), x);
    }

    private Value real(double value) {
        return code.real(type, value);
    }
}
