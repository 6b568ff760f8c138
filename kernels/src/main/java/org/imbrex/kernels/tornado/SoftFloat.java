package org.imbrex.kernels.tornado;

import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/**
 * Fused multiply-add and the views of a float's bits, in terms of addition, multiplication, comparison and conversion
 * alone, as TornadoVM has neither. NaNs come out as NaNs, their payloads apart.
 *
 * <p>Sums and products are kept with their errors (Knuth's two-sum, Dekker's product), as in Boldo and Melquiond,
 * "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd" (2008); what they reach by
 * rounding to odd is reached here by looking at ties, where alone the last rounding can go wrong.
 */
final class SoftFloat {
    private static final double SPLIT = 0x1p27 + 1;
    private static final double LEAST_NORMAL = 0x1p-1022;
    private static final double LEAST = 0x1p-1074;

    private final Code code;

    private SoftFloat(Code code) {
        this.code = code;
    }

    /** The body of {@code a * b + c}, rounded once. */
    static Body fma(ScalarType type) {
        Code code = new Code();
        Value a = code.load(type, 0);
        Value b = code.load(type, 1);
        Value c = code.load(type, 2);
        SoftFloat soft = new SoftFloat(code);
        return code.body(type == ScalarType.F32 ? soft.fma32(a, b, c) : soft.fma64(a, b, c));
    }

    /** The body that gives the bits of a float, or the float of bits. */
    static Body bitcast(ScalarType from) {
        Code code = new Code();
        Value a = code.load(from, 0);
        SoftFloat soft = new SoftFloat(code);
        return code.body(
                switch (from) {
                    case F32 -> soft.bits32(a);
                    case F64 -> soft.bits64(a);
                    case I32 -> soft.float32(a);
                    default -> soft.float64(a);
                });
    }

    private Value f64(double value) {
        return code.f64(value);
    }

    // ---- sums with their errors

    private record Sum(Value value, Value error) {}

    private Sum sum(Value a, Value b) {
        Value s = code.add(a, b);
        Value part = code.sub(s, a);
        return new Sum(s, code.add(code.sub(a, code.sub(s, part)), code.sub(b, part)));
    }

    private Value same(Value isNegative, Value other) {
        return code.not(code.xor(isNegative, other));
    }

    private Value isNegative(Value a) {
        return code.lt(a, f64(0));
    }

    private Value isZero(Value a) {
        return code.eq(a, f64(0));
    }

    // ---- fma

    /** In float64 the product is exact; its sum is rounded twice, which goes wrong only where that is a tie. */
    private Value fma32(Value a, Value b, Value c) {
        Value product = code.mul(code.convert(a, ScalarType.F64), code.convert(b, ScalarType.F64));
        Sum s = sum(product, code.convert(c, ScalarType.F64));
        Value near = code.convert(s.value, ScalarType.F32);
        Value nearest = code.convert(near, ScalarType.F64);
        Value rest = code.sub(s.value, nearest);
        Value mirrored = code.add(nearest, code.add(rest, rest));
        Value other = code.convert(mirrored, ScalarType.F32);
        Value isTie = code.and(
                code.and(code.eq(code.convert(other, ScalarType.F64), mirrored), code.ne(mirrored, nearest)),
                code.ne(s.error, f64(0)));
        Value beyond = code.and(isTie, same(isNegative(s.error), isNegative(rest)));
        // half-way between the largest float and what would follow it, and less than that
        Value half = f64(0x1.ffffffp127);
        Value isLargest = code.and(
                code.and(code.eq(code.abs(s.value), half), code.ne(s.error, f64(0))),
                code.xor(isNegative(s.error), isNegative(s.value)));
        Value largest =
                code.select(isNegative(s.value), code.f32(-Float.MAX_VALUE), code.f32(Float.MAX_VALUE));
        return code.select(isLargest, largest, code.select(beyond, other, near));
    }

    /** A value rounded to float64, and the sign of what was left: a float64, not its value. */
    private record Rounded(Value value, Value rest) {}

    /**
     * Factors are scaled to between 2^-400 and 2^400 where the product's halves could overflow or lose bits, and the
     * addend as the product: where it cannot be, the one is so much larger that of the other only the sign matters.
     */
    private Value fma64(Value a, Value b, Value c) {
        Value plain = code.mul(a, b);
        Value size = code.abs(plain);
        Value isHuge = code.not(code.lt(code.abs(c), f64(0x1p1020)));
        Value far = code.or(isHuge, code.not(code.and(
                code.and(code.lt(code.abs(a), f64(0x1p990)), code.lt(code.abs(b), f64(0x1p990))),
                code.and(code.lt(size, f64(0x1p1000)), code.lt(f64(0x1p-960), size)))));
        Value upA = code.and(far, code.lt(code.abs(a), f64(0x1p-300)));
        Value upB = code.and(far, code.lt(code.abs(b), f64(0x1p-300)));
        Value downA = code.and(far, code.not(code.lt(code.abs(a), f64(0x1p300))));
        Value downB = code.and(far, code.not(code.lt(code.abs(b), f64(0x1p300))));
        // by powers of 2^700, two of one kind at most; one of each is none
        Value up = code.and(code.or(upA, upB), code.not(code.or(downA, downB)));
        Value down = code.and(code.or(downA, downB), code.not(code.or(upA, upB)));
        Value twiceUp = code.and(upA, upB);
        Value twiceDown = code.and(downA, downB);
        Value scaledC = once(twiceUp, f64(0x1p700), once(up, f64(0x1p700), c));
        scaledC = once(twiceDown, f64(0x1p-700), once(down, f64(0x1p-700), scaledC));
        Value isLittle = code.and(
                code.and(down, code.ne(c, f64(0))),
                code.lt(code.abs(c), code.select(twiceDown, f64(0x1p400), f64(0x1p-300))));
        Value little = code.select(isNegative(c), f64(-0x1p-1000), f64(0x1p-1000));
        Rounded r = exactly(
                once(downA, f64(0x1p-700), once(upA, f64(0x1p700), a)),
                once(downB, f64(0x1p-700), once(upB, f64(0x1p700), b)),
                code.select(isLittle, little, scaledC));
        Value raised = once(twiceDown, f64(0x1p700), once(down, f64(0x1p700), r.value));
        Value result = code.select(up, tiny(r, once(twiceUp, f64(0x1p-700), r.value)), raised);
        Value isLarge = code.or(
                code.or(code.not(isFinite(c)), code.and(isHuge, code.lt(size, f64(0x1p900)))),
                code.and(up, code.not(code.lt(code.abs(c), code.select(twiceUp, f64(0x1p-376), f64(0x1p324))))));
        Value isPlain = code.or(
                code.or(isZero(a), isZero(b)), code.not(code.and(isFinite(a), isFinite(b))));
        return code.select(isPlain, code.add(plain, c), code.select(isLarge, c, result));
    }

    private Value once(Value condition, Value factor, Value a) {
        return code.select(condition, code.mul(a, factor), a);
    }

    private Value isFinite(Value a) {
        return isZero(code.sub(a, a));
    }

    /** By 2^-700 to what may be a subnormal number: again only a tie needs a look at what the first rounding left. */
    private Value tiny(Rounded r, Value exact) {
        Value near = code.mul(exact, f64(0x1p-700));
        Value rest = code.sub(exact, code.mul(near, f64(0x1p700)));
        Value isTie = code.and(
                code.eq(code.abs(rest), f64(0x1p-375)),
                code.and(code.ne(r.rest, f64(0)), code.lt(code.abs(near), f64(LEAST_NORMAL))));
        Value further = code.and(isTie, same(isNegative(r.rest), isNegative(rest)));
        Value step = code.select(isNegative(rest), f64(-LEAST), f64(LEAST));
        return code.select(further, code.add(near, step), near);
    }

    /** Where neither the product's halves nor the sums overflow or lose bits. */
    private Rounded exactly(Value a, Value b, Value c) {
        Value product = code.mul(a, b);
        Value aHigh = high(a);
        Value bHigh = high(b);
        Value aLow = code.sub(a, aHigh);
        Value bLow = code.sub(b, bHigh);
        Value low = code.add(
                code.add(
                        code.add(code.sub(code.mul(aHigh, bHigh), product), code.mul(aHigh, bLow)),
                        code.mul(aLow, bHigh)),
                code.mul(aLow, bLow));
        Sum t = sum(c, low);
        Sum v = sum(product, t.value);
        Sum s = sum(t.error, v.error);
        Sum r = sum(v.value, s.value);
        Value twice = code.add(r.error, r.error);
        Value other = code.add(r.value, twice);
        Value isTie = code.and(
                code.and(code.eq(code.sub(other, r.value), twice), code.ne(other, r.value)),
                code.ne(s.error, f64(0)));
        Value beyond = code.and(isTie, same(isNegative(s.error), isNegative(r.error)));
        Value rest = code.add(r.error, s.error);
        return new Rounded(
                code.select(beyond, other, r.value), code.select(beyond, code.sub(s.error, r.error), rest));
    }

    private Value high(Value a) {
        Value t = code.mul(a, f64(SPLIT));
        return code.sub(t, code.sub(t, a));
    }

    // ---- exponents

    private record Scaled(Value value, Value exponent) {}

    /** A number of at least 1 and less than 2^(2 first). */
    private Scaled lowered(Value size, int first) {
        Value value = size;
        Value exponent = code.i64(0);
        for (int step = first; step >= 1; step /= 2) {
            Value isMore = code.not(code.lt(value, f64(Math.scalb(1.0, step))));
            value = code.select(isMore, code.mul(value, f64(Math.scalb(1.0, -step))), value);
            exponent = code.select(isMore, code.add(exponent, code.i64(step)), exponent);
        }
        return new Scaled(value, exponent);
    }

    // ---- bits

    private Value isMinus(Value a) {
        return code.or(isNegative(a), code.and(isZero(a), isNegative(code.div(f64(1), a))));
    }

    private Value bits64(Value a) {
        Value size = code.abs(a);
        Value isSmall = code.lt(size, f64(1));
        Scaled s = lowered(code.select(isSmall, code.mul(size, f64(0x1p1022)), size), 512);
        Value exponent = code.add(s.exponent, code.select(isSmall, code.i64(0), code.i64(1022)));
        Value normal = code.add(code.shl(exponent, 52), code.convert(code.mul(s.value, f64(0x1p52)), ScalarType.I64));
        Value subnormal = code.convert(code.mul(code.mul(size, f64(0x1p537)), f64(0x1p537)), ScalarType.I64);
        Value finite = code.select(code.lt(size, f64(LEAST_NORMAL)), subnormal, normal);
        Value special = code.select(code.isNaN(a), code.i64(0x7ff8L << 48), code.i64(0x7ffL << 52));
        Value bits = code.select(isFinite(a), finite, special);
        return code.select(isMinus(a), code.or(bits, code.i64(Long.MIN_VALUE)), bits);
    }

    private Value bits32(Value a) {
        Value wide = code.convert(a, ScalarType.F64);
        Value size = code.abs(wide);
        Value isSmall = code.lt(size, f64(1));
        Scaled s = lowered(code.select(isSmall, code.mul(size, f64(0x1p126)), size), 64);
        Value exponent = code.convert(s.exponent, ScalarType.I32);
        exponent = code.add(exponent, code.select(isSmall, code.i32(0), code.i32(126)));
        Value normal = code.add(code.shl(exponent, 23), code.convert(code.mul(s.value, f64(0x1p23)), ScalarType.I32));
        Value subnormal = code.convert(code.mul(size, f64(0x1p149)), ScalarType.I32);
        Value finite = code.select(code.lt(size, f64(0x1p-126)), subnormal, normal);
        Value special = code.select(code.isNaN(a), code.i32(0x7fc00000), code.i32(0x7f800000));
        Value bits = code.select(isFinite(wide), finite, special);
        return code.select(isMinus(wide), code.or(bits, code.i32(Integer.MIN_VALUE)), bits);
    }

    private Value float64(Value bits) {
        Value biased = code.and(code.shr(bits, 52), code.i64(0x7ff));
        Value fraction = code.and(bits, code.i64((1L << 52) - 1));
        Value significand = code.convert(code.or(fraction, code.i64(1L << 52)), ScalarType.F64);
        Value unit = code.mul(code.mul(significand, f64(0x1p-52)), f64(LEAST_NORMAL));
        Value normal = raised(unit, code.sub(biased, code.i64(1)), 10);
        return finished(
                bits, normal, code.mul(code.convert(fraction, ScalarType.F64), f64(LEAST)), biased, fraction, 0x7ff);
    }

    private Value float32(Value bits) {
        Value wide = code.convert(bits, ScalarType.I64);
        Value biased = code.and(code.shr(wide, 23), code.i64(0xff));
        Value fraction = code.and(wide, code.i64((1L << 23) - 1));
        Value significand = code.convert(code.or(fraction, code.i64(1L << 23)), ScalarType.F64);
        Value normal = raised(code.mul(significand, f64(0x1p-149)), code.sub(biased, code.i64(1)), 7);
        Value subnormal = code.mul(code.convert(fraction, ScalarType.F64), f64(0x1p-149));
        return code.convert(finished(wide, normal, subnormal, biased, fraction, 0xff), ScalarType.F32);
    }

    /** {@code value * 2^exponent}, of up to {@code top + 1} bits; it may overflow to infinity. */
    private Value raised(Value value, Value exponent, int top) {
        Value result = value;
        for (int bit = top; bit >= 0; bit--) {
            Value isSet = code.ne(code.and(exponent, code.i64(1L << bit)), code.i64(0));
            int step = Math.min(512, 1 << bit);
            for (int k = 0; k < (1 << bit) / step; k++) {
                result = code.select(isSet, code.mul(result, f64(Math.scalb(1.0, step))), result);
            }
        }
        return result;
    }

    /** With the sign, and infinities and NaNs made of what overflowed: TornadoVM has no constants for them. */
    private Value finished(Value bits, Value normal, Value subnormal, Value biased, Value fraction, long all) {
        Value isSpecial = code.eq(biased, code.i64(all));
        Value overflown = code.mul(normal, f64(0x1p1023));
        Value special = code.select(code.eq(fraction, code.i64(0)), overflown, code.sub(overflown, overflown));
        Value finite = code.select(code.eq(biased, code.i64(0)), subnormal, normal);
        Value size = code.select(isSpecial, special, finite);
        return code.select(code.lt(bits, code.i64(0)), code.neg(size), size);
    }
}
