package org.imbrex.kernels.line;

import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.Memory;
import org.imbrex.kernels.type.DType;

/** Sorts keys with their indices: in one word where a key has at most 32 bits, else side by side. */
final class ArgSortVector implements LineKernel {
    private final long n;
    private final DType dtype;

    ArgSortVector(long n, DType dtype) {
        this.n = n;
        this.dtype = dtype;
    }

    @Override
    public void run(long from, long to, long carry, long work, int threads) {
        long second = work + n * 8;
        long third = second + n * 8;
        int bytes = dtype.bytes();
        if (bytes <= 4) {
            for (long i = 0; i < n; i++) {
                long key = Order.rank(dtype, Elements.read(dtype, from + i * bytes));
                Memory.put64(key << 32 | i, work + i * 8);
            }
            Radix.sort64(work, second, third, n, Radix.Kind.PLAIN, 4, threads);
            for (long i = 0; i < n; i++) {
                Memory.put64(Memory.i64(second + i * 8) & 0xffff_ffffL, to + i * 8);
            }
            return;
        }
        for (long i = 0; i < n; i++) {
            Memory.put64(Order.rank(dtype, Elements.read(dtype, from + i * bytes)), work + i * 8);
            Memory.put32((int) i, third + i * 4);
        }
        long indices = Radix.pairs64(work, second, third, third + n * 4, n);
        for (long i = 0; i < n; i++) {
            Memory.put64(Memory.i32(indices + i * 4), to + i * 8);
        }
    }
}
