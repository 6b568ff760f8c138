package org.imbrex.kernels.line;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.imbrex.kernels.loop.Allocation;
import org.imbrex.kernels.loop.Loops;

/**
 * Has the passes over strips compiled before they are used: until C2 has done so, each vector is an object. The first
 * call has a thread of its own transform memory of its own until that makes none. Where it goes on making them, {@link
 * Transform} has its other way.
 */
final class StripWarmUp {
    private static final int LEAST = 1 << 10;
    private static final int MOST = 1 << 12;
    /** Some thousand vectors are loaded in a round, and an object of one takes 32 bytes at least. */
    private static final long BYTES = 1 << 12;
    /** Where bytes are not counted. Fast code takes 0.1 ms on the slowest machines. */
    private static final long NANOS = 3_000_000;

    private static final int ROUNDS = 50;
    private static final long PATIENCE = 20_000_000_000L;

    private static final AtomicBoolean STARTED = new AtomicBoolean();
    /** C2 may have had no time for it, so it is tried again. */
    private static final AtomicInteger ATTEMPTS = new AtomicInteger(3);

    private static volatile boolean underWay;
    private static volatile boolean ready;

    private StripWarmUp() {}

    /** Whether strips are fast by now. */
    static boolean ready() {
        if (!ready && Loops.vectorBits() >= 128 && STARTED.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("imbrex-warm-up-strips").start(StripWarmUp::run);
        }
        return ready;
    }

    /** Whether that is being found out; nothing else is to keep the compiler busy meanwhile. */
    static boolean underWay() {
        return underWay;
    }

    private static void run() {
        underWay = true;
        try (Arena arena = Arena.ofConfined()) {
            long x = arena.allocate(16L * MOST, 64).address();
            long y = arena.allocate(16L * MOST, 64).address();
            long planes = arena.allocate(16L * MOST, 64).address();
            Strips few = new Strips(LEAST);
            Strips many = new Strips(MOST);
            StripPasses passesOf32 = new StripPasses(32, 1);
            StripPasses passesOf64 = new StripPasses(64, 1);
            double[] root = new double[3 * 64];
            int good = 0;
            long end = System.nanoTime() + PATIENCE;
            while (good < ROUNDS && System.nanoTime() < end) {
                long began = System.nanoTime();
                long before = Allocation.bytes();
                for (Strips strips : new Strips[] {few, many}) {
                    strips.run(x, false, y, false, planes, false, 1, 1);
                    strips.run(x, false, y, false, planes, true, 0.5, 1);
                    strips.run(x, true, y, true, planes, false, 1, 1);
                }
                for (int k = 0; k < 8; k++) {
                    passesOf32.last(x, y, planes, root);
                    passesOf64.last(x, y, planes, root);
                }
                boolean boxes = Allocation.bytes() - before > BYTES;
                boolean slow = before == 0 && System.nanoTime() - began > NANOS;
                good = boxes || slow ? 0 : good + 1;
            }
            ready = good == ROUNDS;
        } finally {
            underWay = false;
        }
        if (!ready && ATTEMPTS.decrementAndGet() > 0) {
            STARTED.set(false);
        }
    }
}
