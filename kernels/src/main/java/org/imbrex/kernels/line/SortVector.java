package org.imbrex.kernels.line;

import java.util.Arrays;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.Memory;
import org.imbrex.kernels.type.DType;

/** Sorts by counting where elements have at most 16 bits, by digits where there are many, else on the heap. */
final class SortVector implements LineKernel {
    /** Below so many elements the platform sorts keys faster, by vectors where it has them. */
    private static final long FEW = 2048;

    private final long n;
    private final DType dtype;
    private final Radix.Kind kind;

    SortVector(long n, DType dtype) {
        this.n = n;
        this.dtype = dtype;
        this.kind = dtype.isFloat() ? Radix.Kind.FLOATS : Radix.Kind.PLAIN;
    }

    @Override
    public void run(long from, long to, long carry, long work, int threads) {
        if (dtype.bytes() < 4) {
            counted(from, to);
        } else if (n < FEW) {
            few(from, to);
        } else if (dtype.bytes() == 4) {
            Radix.sort32(from, to, work, n, kind, threads);
        } else {
            Radix.sort64(from, to, work, n, kind, 0, threads);
        }
    }

    private void counted(long from, long to) {
        int bytes = dtype.bytes();
        int least = dtype == DType.I16 ? Short.MIN_VALUE : dtype == DType.I8 ? Byte.MIN_VALUE : 0;
        long[] counts = new long[bytes == 1 ? 1 << 8 : 1 << 16];
        for (long i = 0; i < n; i++) {
            counts[(int) Elements.read(dtype, from + i * bytes) - least]++;
        }
        long at = to;
        for (int value = 0; value < counts.length; value++) {
            for (long end = at + counts[value] * bytes; at < end; at += bytes) {
                Elements.write(dtype, at, value + least);
            }
        }
    }

    private void few(long from, long to) {
        boolean floats = kind == Radix.Kind.FLOATS;
        int count = (int) n;
        if (dtype.bytes() == 4) {
            int[] keys = new int[count];
            for (int i = 0; i < count; i++) {
                int bits = Memory.i32(from + 4L * i);
                keys[i] = floats ? Order.key32(bits) : bits;
            }
            Arrays.sort(keys);
            for (int i = 0; i < count; i++) {
                Memory.put32(floats ? Order.bits32(keys[i]) : keys[i], to + 4L * i);
            }
        } else {
            long[] keys = new long[count];
            for (int i = 0; i < count; i++) {
                long bits = Memory.i64(from + 8L * i);
                keys[i] = floats ? Order.key64(bits) : bits;
            }
            Arrays.sort(keys);
            for (int i = 0; i < count; i++) {
                Memory.put64(floats ? Order.bits64(keys[i]) : keys[i], to + 8L * i);
            }
        }
    }
}
