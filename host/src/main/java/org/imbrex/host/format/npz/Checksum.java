package org.imbrex.host.format.npz;

/**
 * Joins CRC-32 values of neighbouring stretches, so that tiles written in any order need not be read again. A CRC is a
 * polynomial over GF(2) modulo CRC-32's: appending n bytes multiplies it by x^(8n). Bits are reflected: x^0 is the top.
 */
final class Checksum {
    private static final int POLYNOMIAL = 0xedb88320;

    /** x^(2^k) modulo the polynomial. */
    private static final int[] POWERS = powers();

    private Checksum() {}

    /** The CRC of two stretches one behind the other, from the CRC of each. */
    static int joined(int first, int second, long secondBytes) {
        int shift = 1 << 31;
        // 2^32 - 1 is the order of x, so exponents of 2 wrap after 32.
        int power = 3;
        for (long n = secondBytes; n != 0; n >>>= 1, power++) {
            if ((n & 1) != 0) {
                shift = times(POWERS[power & 31], shift);
            }
        }
        return times(shift, first) ^ second;
    }

    private static int times(int a, int b) {
        int product = 0;
        int factor = b;
        for (int bit = 1 << 31; bit != 0; bit >>>= 1) {
            if ((a & bit) != 0) {
                product ^= factor;
            }
            factor = (factor & 1) != 0 ? factor >>> 1 ^ POLYNOMIAL : factor >>> 1;
        }
        return product;
    }

    private static int[] powers() {
        int[] powers = new int[32];
        powers[0] = 1 << 30;
        for (int k = 1; k < 32; k++) {
            powers[k] = times(powers[k - 1], powers[k - 1]);
        }
        return powers;
    }
}
