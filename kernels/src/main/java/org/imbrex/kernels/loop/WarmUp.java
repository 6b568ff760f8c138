package org.imbrex.kernels.loop;

import java.lang.foreign.Arena;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Gets a vector loop compiled before it is used. Until C2 has compiled it, a loop of the Vector API boxes every vector
 * and is a hundred times slower than scalar code; so scalar code does the work meanwhile, and once it has done enough
 * to show that the kernel matters, a thread of its own calls the vector loop on memory of its own until it is fast.
 * Calls with few iterations make HotSpot compile the whole method rather than one that enters in the loop.
 */
final class WarmUp {
    /** Elements times instructions that scalar code does first: a few milliseconds. */
    private static final long WORK = 4_000_000;

    private static final int CALLS = 40_000;
    private static final int FEW = 300;
    private static final int ITERATIONS = 16;
    /** Compiled code takes a nanosecond or two for an instruction on a vector, everything else above a hundred. */
    private static final long NANOS = 12;

    private static final ThreadPoolExecutor THREAD =
            new ThreadPoolExecutor(1, 1, 2, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread thread = new Thread(task, "imbrex-warm-up");
                thread.setDaemon(true);
                return thread;
            });

    static {
        THREAD.allowCoreThreadTimeOut(true);
    }

    /** Makes a frame that touches only memory of the warm-up's. */
    interface Frames {
        long[] frame(long memory, int elements);
    }

    private volatile Loop ready;
    private boolean started;
    private long work;

    /**
     * The loop, or null where scalar code is to run.
     *
     * @param more the work that is about to be done
     * @param elements of one iteration
     * @param cost instructions of the body
     */
    Loop loop(Loops.When when, long more, Supplier<Loop> maker, Frames frames, int elements, int cost) {
        Loop loop = ready;
        if (loop != null) {
            return loop;
        }
        if (when == Loops.When.AT_ONCE) {
            synchronized (this) {
                if (ready == null) {
                    ready = maker.get();
                }
                return ready;
            }
        }
        work += more; // a lost update is no harm
        if (work >= WORK) {
            start(maker, frames, elements, cost);
        }
        return null;
    }

    private synchronized void start(Supplier<Loop> maker, Frames frames, int elements, int cost) {
        if (!started) {
            started = true;
            THREAD.execute(() -> run(maker, frames, elements, cost));
        }
    }

    private void run(Supplier<Loop> maker, Frames frames, int elements, int cost) {
        Loop loop = maker.get();
        int most = ITERATIONS * elements + 1;
        try (Arena arena = Arena.ofConfined()) {
            long[] plain = frames.frame(0, most);
            long[] common = frames.frame(arena.allocate(8L * most * plain.length, 64).address(), most);
            long[] rare = common.clone();
            common[common.length - 1] = 1;
            rare[rare.length - 2] = 1;
            long best = Long.MAX_VALUE;
            long limit = NANOS * ITERATIONS * (cost + 4);
            for (int call = 0; call < CALLS; call++) {
                int count = call < FEW ? elements + call % 2 : most;
                if (call % 4 == 0) {
                    loop.run(rare, 0, count);
                }
                long began = System.nanoTime();
                loop.run(common, 0, count);
                best = Math.min(best, System.nanoTime() - began);
                if (call > 2 * FEW && call % 64 == 0) {
                    if (best <= limit) {
                        ready = loop;
                        return;
                    }
                    best = Long.MAX_VALUE;
                    if (call > 4000) {
                        Thread.sleep(1);
                    }
                }
            }
            System.getLogger("org.imbrex.kernels")
                    .log(System.Logger.Level.DEBUG, "a vector loop of {0} instructions stays slow: scalar", cost);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
