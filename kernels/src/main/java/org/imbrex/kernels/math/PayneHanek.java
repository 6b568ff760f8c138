package org.imbrex.kernels.math;

import org.imbrex.kernels.math.Pairs.Pair;
import org.imbrex.kernels.math.Trigonometry.Reduced;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/**
 * Large arguments reduced by pi/2: x = m 2^e times those bits of 2/pi that matter, as integers (Payne and Hanek 1983).
 * Bits of weight 4 and more only add whole turns and are left out; enough are kept below that what is cut off stays
 * under 2^-16 of the smallest remainder that a float can leave.
 *
 * <p>Limbs are half as wide as the integer type, so that products and carries fit: 16 bits in I32, which keeps f32
 * kernels free of 64-bit lanes, and 32 bits in I64.
 */
final class PayneHanek {
    /** 2/pi, 1280 bits, most significant word first. */
    private static final long[] TWO_OVER_PI = {
        0xa2f9836eL, 0x4e441529L, 0xfc2757d1L, 0xf534ddc0L, 0xdb629599L, 0x3c439041L, 0xfe5163abL, 0xdebbc561L,
        0xb7246e3aL, 0x424dd2e0L, 0x06492eeaL, 0x09d1921cL, 0xfe1deb1cL, 0xb129a73eL, 0xe88235f5L, 0x2ebb4484L,
        0xe99c7026L, 0xb45f7e41L, 0x3991d639L, 0x835339f4L, 0x9c845f8bL, 0xbdf9283bL, 0x1ff897ffL, 0xde05980fL,
        0xef2f118bL, 0x5a0a6d1fL, 0x6d367ecfL, 0x27cb09b7L, 0x4f463f66L, 0x9e5fea2dL, 0x7527bac7L, 0xebe5f17bL,
        0x3d0739f7L, 0x8a5292eaL, 0x6bfb5fb1L, 0x1f8d5d08L, 0x56033046L, 0xfc7b6babL, 0xf0cfbc20L, 0x9af4361dL
    };

    private final Code code;
    private final ScalarType type;
    private final ScalarType integer;
    private final boolean single;
    private final int width;
    private final int limbs;

    PayneHanek(Code code, ScalarType type) {
        this.code = code;
        this.type = type;
        this.integer = type.bits();
        this.single = type == ScalarType.F32;
        this.width = single ? 16 : 32;
        this.limbs = single ? 8 : 6;
    }

    Reduced reduce(Value x) {
        int mantissa = single ? 23 : 52;
        Value bits = code.bitcast(code.abs(x), integer);
        Value m = code.or(code.and(bits, number((1L << mantissa) - 1)), number(1L << mantissa));
        // x = m 2^e; window's first bit has weight 2^-(e - 1), so that m times it counts quarters of 4
        Value e = code.sub(code.shr(bits, mantissa), number(single ? 127 + 23 : 1023 + 52));
        Value first = code.sub(e, number(2));
        // bits before the first, of weight 1 and more, are zero: e may be a little below 2
        Value moved = code.add(first, number(width));
        Value word = code.shr(moved, single ? 4 : 5);
        Value shift = code.and(moved, number(width - 1));
        Value[] window = window(word, shift);
        Value[] product = product(window, m);
        return fraction(product, x);
    }

    /** The limbs of 2/pi from bit {@code word * width + shift - width} on, most significant first. */
    private Value[] window(Value word, Value shift) {
        int levels = single ? 3 : 5;
        int most = 1 << levels;
        Value[] words = new Value[most + limbs];
        for (int k = 0; k < words.length; k++) {
            words[k] = number(k == 0 ? 0 : word(k - 1));
        }
        for (int level = levels - 1; level >= 0; level--) {
            int by = 1 << level;
            Value set = code.ne(code.and(word, number(by)), number(0));
            int kept = limbs + by;
            Value[] chosen = new Value[kept];
            for (int k = 0; k < kept; k++) {
                chosen[k] = k + by < words.length ? code.select(set, words[k + by], words[k]) : words[k];
            }
            words = chosen;
        }
        Value[] window = new Value[limbs];
        Value back = code.sub(number(width), shift);
        for (int k = 0; k < limbs; k++) {
            Value low = code.ushr(words[k + 1], back);
            window[k] = code.and(code.or(code.shl(words[k], shift), low), number(mask()));
        }
        return window;
    }

    private long word(int number) {
        if (!single) {
            return TWO_OVER_PI[number];
        }
        long pair = TWO_OVER_PI[number / 2];
        return number % 2 == 0 ? pair >>> 16 : pair & 0xffff;
    }

    private long mask() {
        return (1L << width) - 1;
    }

    /** window times m, modulo its own length; most significant limb first. */
    private Value[] product(Value[] window, Value m) {
        Value low = code.and(m, number(mask()));
        Value high = code.ushr(m, width);
        Value[] result = new Value[limbs];
        Value carry = number(0);
        for (int k = limbs - 1; k >= 0; k--) {
            Value sum = code.add(code.mul(window[k], low), carry);
            result[k] = code.and(sum, number(mask()));
            carry = code.ushr(sum, width);
        }
        carry = number(0);
        for (int k = limbs - 1; k > 0; k--) {
            Value sum = code.add(code.add(code.mul(window[k], high), result[k - 1]), carry);
            result[k - 1] = code.and(sum, number(mask()));
            carry = code.ushr(sum, width);
        }
        return result;
    }

    /** The product's first two bits, rounded, are the quadrant; the rest, as a signed fraction, times pi/2 is r. */
    private Reduced fraction(Value[] product, Value x) {
        Value[] half = new Value[3];
        for (int k = 0; k < 3; k++) {
            half[k] = code.or(code.shl(product[2 * k], width), product[2 * k + 1]);
        }
        int bits = 2 * width;
        Value quadrant = code.and(
                code.ushr(code.add(code.ushr(half[0], bits - 3), number(1)), 1), number(3));
        Value upper = code.or(code.shl(half[0], 2), code.ushr(half[1], bits - 2));
        Value lower = code.or(code.shl(half[1], 2), code.ushr(half[2], bits - 2));
        Pairs pairs = new Pairs(code);
        Value hi = code.convert(upper, type);
        Value lo = code.convert(code.sub(upper, code.convert(hi, integer)), type);
        Value more = code.convert(code.ushr(lower, 1), type);
        double unit = Math.scalb(1.0, -bits);
        Value rest = code.fma(more, code.real(type, unit * unit * 2), code.mul(lo, code.real(type, unit)));
        Pair turn = pairs.sum(code.mul(hi, code.real(type, unit)), rest);
        Pair r = pairs.mul(turn, pairs.constant(
                x, single ? 0x1.921fb6p0 : 0x1.921fb54442d18p0, single ? -0x1.777a5cp-25 : 0x1.1a62633145c07p-54));
        Value negative = code.lt(x, code.real(type, 0));
        Value infinite = code.not(code.lt(code.abs(x), Functions.infinity(code, x)));
        Value nan = code.real(type, Double.NaN);
        Value signed = code.select(negative, code.neg(r.hi()), r.hi());
        return new Reduced(
                new Pair(
                        code.select(infinite, nan, signed), code.select(negative, code.neg(r.lo()), r.lo())),
                code.select(negative, code.sub(number(0), quadrant), quadrant));
    }

    private Value number(long value) {
        return code.integer(integer, value);
    }
}
