package org.imbrex.host.format.csv;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Reads decimals from bytes as the nearest float64, ties to even. Short ones are exact in one multiplication or
 * division (Clinger 1990); the others are multiplied by a power of five cut to 128 bits (Lemire, "Number Parsing at a
 * Gigabyte per Second", 2021), and where the cut could change the rounding the JDK decides.
 */
final class Decimal {
    private static final double[] EXACT_POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    /** Digits that always fit an unsigned long. */
    private static final int MAX_DIGITS = 19;

    private double value;

    double value() {
        return value;
    }

    /**
     * Reads the decimal that starts at a byte, as far as it goes: sign, digits, point, exponent.
     *
     * @param text with a byte that is part of no decimal behind its last one
     * @return the position behind it, or -1 where there is none
     */
    int read(byte[] text, int from) {
        int at = from;
        byte sign = text[at];
        if (sign == '-' || sign == '+') {
            at++;
        }
        int start = at;
        long digits = 0;
        int digit;
        while ((digit = text[at] - '0') >= 0 && digit <= 9) {
            digits = digits * 10 + digit;
            at++;
        }
        int count = at - start;
        int exponent = 0;
        if (text[at] == '.') {
            at++;
            int fraction = at;
            while ((digit = text[at] - '0') >= 0 && digit <= 9) {
                digits = digits * 10 + digit;
                at++;
            }
            exponent = fraction - at;
            count += at - fraction;
        }
        if (count == 0) {
            return -1;
        }
        if ((text[at] | 0x20) == 'e') {
            int behind = exponent(text, at + 1);
            if (behind < 0) {
                return -1;
            }
            exponent += explicit;
            at = behind;
        }
        if (count > MAX_DIGITS && significant(text, start, at) > MAX_DIGITS) {
            value = parsed(text, from, at);
        } else {
            value = value(digits, exponent, sign == '-', text, from, at);
        }
        return at;
    }

    private int explicit;

    private int exponent(byte[] text, int from) {
        int at = from;
        boolean negative = text[at] == '-';
        if (negative || text[at] == '+') {
            at++;
        }
        int start = at;
        int value = 0;
        int digit;
        while ((digit = text[at] - '0') >= 0 && digit <= 9) {
            value = Math.min(value * 10 + digit, 99_999);
            at++;
        }
        explicit = negative ? -value : value;
        return at == start ? -1 : at;
    }

    private static int significant(byte[] text, int start, int end) {
        int count = 0;
        for (int at = start; at < end && (text[at] | 0x20) != 'e'; at++) {
            if (text[at] != '.' && (count > 0 || text[at] != '0')) {
                count++;
            }
        }
        return count;
    }

    private static double value(long digits, int exponent, boolean negative, byte[] text, int from, int to) {
        if (digits >= 0 && digits <= 1L << 53 && exponent >= -22 && exponent <= 22) {
            double exact = exponent < 0 ? digits / EXACT_POWERS[-exponent] : digits * EXACT_POWERS[exponent];
            return negative ? -exact : exact;
        }
        if (digits == 0) {
            return negative ? -0.0 : 0.0;
        }
        if (exponent < Fives.LEAST || exponent > Fives.MOST) {
            return parsed(text, from, to);
        }
        int zeros = Long.numberOfLeadingZeros(digits);
        long factor = digits << zeros;
        int row = exponent - Fives.LEAST;
        long high = Math.unsignedMultiplyHigh(factor, Fives.HIGH[row]);
        long middle = factor * Fives.HIGH[row];
        long carry = Math.unsignedMultiplyHigh(factor, Fives.LOW[row]);
        middle += carry;
        if (Long.compareUnsigned(middle, carry) < 0) {
            high++;
        }
        // The product lies in [high:middle:.., high:middle+1:..]. Its top 54 bits are the mantissa and the rounding
        // bit.
        int top = (int) (high >>> 63);
        int shift = top + 9;
        long below = (1L << shift) - 1;
        boolean nearNext = (high & below) == below && middle == -1;
        boolean nearTie = (high & below) == 0 && Long.compareUnsigned(middle, 1) <= 0;
        int biased = 190 + top + Fives.BINARY[row] + exponent - zeros + 1023;
        long rounded = ((high >>> shift) + 1) >>> 1;
        if (rounded >>> 53 != 0) {
            rounded >>>= 1;
            biased++;
        }
        if (nearNext || nearTie || biased <= 0 || biased >= 2047) {
            return parsed(text, from, to);
        }
        long bits = (long) biased << 52 | rounded & (1L << 52) - 1;
        return Double.longBitsToDouble(negative ? bits | Long.MIN_VALUE : bits);
    }

    private static double parsed(byte[] text, int from, int to) {
        return Double.parseDouble(new String(text, from, to - from, StandardCharsets.ISO_8859_1));
    }

    /** 5^e as 128 bits, cut, with the top one set: 5^e is (HIGH:LOW) * 2^BINARY and less than one unit more. */
    private static final class Fives {
        static final int LEAST = -342;
        static final int MOST = 308;
        static final long[] HIGH = new long[MOST - LEAST + 1];
        static final long[] LOW = new long[MOST - LEAST + 1];
        static final int[] BINARY = new int[MOST - LEAST + 1];

        static {
            BigInteger power = BigInteger.ONE;
            for (int e = 0; e <= -LEAST; e++) {
                if (e <= MOST) {
                    set(e, power, 0);
                }
                if (e > 0) {
                    int scale = power.bitLength() + 128;
                    set(-e, BigInteger.ONE.shiftLeft(scale).divide(power), -scale);
                }
                power = power.multiply(BigInteger.valueOf(5));
            }
        }

        private static void set(int exponent, BigInteger value, int binary) {
            int cut = value.bitLength() - 128;
            BigInteger bits = value.shiftRight(cut);
            HIGH[exponent - LEAST] = bits.shiftRight(64).longValue();
            LOW[exponent - LEAST] = bits.longValue();
            BINARY[exponent - LEAST] = cut + binary;
        }
    }
}
