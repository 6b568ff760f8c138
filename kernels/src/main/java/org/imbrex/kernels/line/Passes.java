package org.imbrex.kernels.line;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.imbrex.kernels.line.Transform.Buffers;
import org.imbrex.kernels.loop.Allocation;
import org.imbrex.kernels.loop.Loops;

/** The passes of a direct transform of n, with their roots. Vectors take over once they have been compiled. */
final class Passes {
    private static final AtomicBoolean STARTED = new AtomicBoolean();
    /** C2 may have had no time for it, so it is tried again. */
    private static final AtomicInteger ATTEMPTS = new AtomicInteger(3);

    private static volatile boolean vectors;

    private final int n;
    private final int[] radices;
    private final double[][] roots;

    Passes(int n) {
        this.n = n;
        this.radices = FourierPlan.radices(n);
        this.roots = new double[radices.length][];
        int left = n;
        for (int pass = 0; pass < radices.length; pass++) {
            roots[pass] = roots(left, radices[pass]);
            left /= radices[pass];
        }
    }

    private static double[] roots(int n, int radix) {
        Twiddles w = Twiddles.of(n);
        int m = n / radix;
        double[] roots = new double[2 * m * (radix - 1)];
        for (int p = 0; p < m; p++) {
            for (int k = 1; k < radix; k++) {
                int at = 2 * (p * (radix - 1) + k - 1);
                roots[at] = w.re((long) p * k);
                roots[at + 1] = w.im((long) p * k);
            }
        }
        return roots;
    }

    /** Transforms so many columns; where the result is. */
    Buffers run(Buffers buffers, int columns) {
        boolean fast = vectors();
        Buffers b = buffers;
        int left = n;
        int length = columns;
        for (int pass = 0; pass < radices.length; pass++) {
            int radix = radices[pass];
            int m = left / radix;
            if (fast && ButterflyVector.takes(radix, length)) {
                ButterflyVector.pass(radix, b.re(), b.im(), b.otherRe(), b.otherIm(), m, length, roots[pass]);
            } else {
                ButterflyScalar.pass(radix, b.re(), b.im(), b.otherRe(), b.otherIm(), m, length, roots[pass]);
            }
            b = b.swapped();
            left = m;
            length *= radix;
        }
        return b;
    }

    /**
     * Whether vectors are fast by now. Until C2 has compiled it, code of the Vector API boxes each vector; the first
     * call has a thread of its own run it on memory of its own until that has happened.
     */
    static boolean vectors() {
        if (!vectors && Loops.vectorBits() >= 128 && !StripWarmUp.underWay() && STARTED.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("imbrex-warm-up-fourier").start(Passes::warmUp);
        }
        return vectors;
    }

    private static void warmUp() {
        int count = 1 << 8;
        try (Arena arena = Arena.ofConfined()) {
            vectors = warmUp(count, arena.allocate(16L * count, 64));
        }
        if (!vectors && ATTEMPTS.decrementAndGet() > 0) {
            STARTED.set(false);
        }
    }

    /** Whether that has happened: on some processors C2 has no instruction for an exchange of two lanes. */
    private static boolean warmUp(int count, MemorySegment pairs) {
        double[][] x = new double[4][count];
        double[] roots = new double[count];
        long limit = 8L * count; // a boxed vector costs far more than eight nanoseconds a number
        long end = System.nanoTime() + 20_000_000_000L;
        int fast = 0;
        while (fast < 100 && System.nanoTime() < end) {
            long began = System.nanoTime();
            long before = Allocation.bytes();
            for (int radix = 2; radix <= 4; radix += 2) {
                for (int m = 1; m <= 4; m *= 4) {
                    ButterflyVector.pass(radix, x[0], x[1], x[2], x[3], m, count / radix / m, roots);
                }
            }
            ButterflyVector.multiply(x[0], x[1], 8, count, roots, roots);
            ButterflyVector.load(pairs.address(), count, x[0], x[1], 0);
            ButterflyVector.store(pairs.address(), count, x[0], x[1], 0, fast % 2 + 1);
            boolean boxes = Allocation.bytes() - before > 2L * count;
            fast = !boxes && System.nanoTime() - began < limit ? fast + 1 : 0;
        }
        return fast == 100;
    }
}
