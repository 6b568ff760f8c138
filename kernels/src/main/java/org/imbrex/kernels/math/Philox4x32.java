package org.imbrex.kernels.math;

import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;

/**
 * Philox 4x32 with 10 rounds: a bijection of 128-bit counters for each 64-bit key, that looks random.
 * J. Salmon, M. Moraes, R. Dror and D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
public final class Philox4x32 {
    private static final int ROUNDS = 10;
    private static final long M0 = 0xD2511F53L;
    private static final long M1 = 0xCD9E8D57L;
    /** What each round adds to the key's words (Weyl sequences): the golden ratio and the square root of 3, less 1. */
    private static final int W0 = 0x9E3779B9;

    private static final int W1 = 0xBB67AE85;
    private static final long LOW = 0xFFFFFFFFL;

    private Philox4x32() {}

    /** The low word of an I64. */
    public static Value low(Code code, Value x) {
        return code.and(x, code.i64(LOW));
    }

    /**
     * The four words of a block.
     *
     * @param counter four words, each as an I64 in [0, 2^32)
     * @param key two words, the low one first
     * @return four words, each as an I64 in [0, 2^32)
     */
    public static Value[] block(Code code, Value[] counter, long key) {
        Value[] x = counter.clone();
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            Value p0 = code.mul(x[0], code.i64(M0));
            Value p1 = code.mul(x[2], code.i64(M1));
            x = new Value[] {
                code.xor(code.xor(code.ushr(p1, 32), x[1]), code.i64(k0 & LOW)),
                low(code, p1),
                code.xor(code.xor(code.ushr(p0, 32), x[3]), code.i64(k1 & LOW)),
                low(code, p0)
            };
            k0 += W0;
            k1 += W1;
        }
        return x;
    }
}
