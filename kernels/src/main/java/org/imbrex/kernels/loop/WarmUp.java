package org.imbrex.kernels.loop;

import java.lang.foreign.Arena;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gets a vector loop compiled before it is used. Until C2 has compiled it, a loop of the Vector API boxes every vector
 * and is a hundred times slower than scalar code; so scalar code does the work meanwhile, and once it has done enough
 * to show that the kernel matters, a thread of its own calls the vector loop on memory of its own until it is fast.
 * Calls with few iterations make HotSpot compile the whole method rather than one that enters in the loop. What C2 makes
 * of a loop depends on what it saw so far: code that still boxes some vectors is used for want of better, and the loop
 * is made anew.
 */
abstract class WarmUp {
    private static final int ATTEMPTS = 4;
    /** Where there is code that may be used. */
    private static final int ATTEMPTS_AT_BETTER = 3;
    /** Of the first attempt; each further one waits twice as long, as C2 may have little time on a busy machine. */
    private static final long PATIENCE = 1_000_000_000;

    private static final int PROBES = 8;
    private static final int LEAST = 4000;
    private static final int FEW = 300;
    private static final int ITERATIONS = 16;
    /** C1's code, which boxes every vector, takes above fifteen nanoseconds for an instruction on one. */
    private static final double MOST_NANOS = 4;
    /** C2's take 0.04 to 0.5, where it boxes vectors that go from turn to turn 0.6 to 4, a division or root alone 1 to 5. */
    private static final double GOOD_NANOS = 0.45;

    private static final int GOOD_BESIDE = 14;
    /** The least that an object of a vector takes, with its array. */
    private static final long BOX_BYTES = 32;

    private static final AtomicInteger STAY_SCALAR = new AtomicInteger();
    private static final AtomicInteger UNDER_WAY = new AtomicInteger();

    private static final ThreadPoolExecutor THREAD =
            new ThreadPoolExecutor(1, 1, 2, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread thread = new Thread(task, "imbrex-warm-up");
                thread.setDaemon(true);
                return thread;
            });

    static {
        THREAD.allowCoreThreadTimeOut(true);
    }

    private final int iteration;
    private final int cost;
    private volatile Loop ready;
    private volatile boolean started;
    /** What an iteration of {@code ready} takes; the thread's. */
    private double least = Double.POSITIVE_INFINITY;

    /**
     * A loop that is not yet made.
     *
     * @param iteration how far one iteration counts from {@code from} to {@code to}
     * @param cost vector instructions of an iteration
     */
    WarmUp(int iteration, int cost) {
        this.iteration = iteration;
        this.cost = cost;
    }

    /** How many loops of this process run as scalar code for good, as C2 made no fast code of their vector version. */
    static int stayScalar() {
        return STAY_SCALAR.get();
    }

    /** Returns once every loop that was due is fast or has been given up. */
    static void awaitIdle() throws InterruptedException {
        synchronized (UNDER_WAY) {
            while (UNDER_WAY.get() > 0) {
                UNDER_WAY.wait();
            }
        }
    }

    abstract Loop make();

    /** A frame that reads and writes memory of the arena's only, for up to {@code count} from 0 on. */
    abstract long[] frame(Arena arena, int count);

    /** The loop, or null where scalar code is to run for now; the first call has it compiled. */
    Loop loop(Loops loops) {
        Loop loop = ready;
        if (loop != null) {
            return loop;
        }
        if (loops.when() == Loops.When.AT_ONCE) {
            synchronized (this) {
                if (ready == null) {
                    ready = make();
                }
                return ready;
            }
        }
        start();
        return null;
    }

    private void start() {
        if (started) {
            return;
        }
        synchronized (this) {
            if (!started) {
                started = true;
                UNDER_WAY.incrementAndGet();
                THREAD.execute(() -> attempt(1));
            }
        }
    }

    /**
     * A class made anew starts anew in HotSpot's tiers: a method that C1 compiled without profiling, because C2 was
     * busy, and that is too large for C1 with profiling, would never reach C2.
     */
    private void attempt(int number) {
        boolean again = false;
        try {
            Loop loop = make();
            double nanos = nanos(loop, ready == null ? PATIENCE << (number - 1) : PATIENCE);
            if (nanos < least) {
                least = nanos;
                ready = loop;
            }
            again = least > good() && number < (ready == null ? ATTEMPTS : ATTEMPTS_AT_BETTER);
            again &= !Thread.currentThread().isInterrupted();
            if (again) {
                THREAD.execute(() -> attempt(number + 1));
            } else if (ready == null) {
                STAY_SCALAR.incrementAndGet();
            }
        } finally {
            if (!again) {
                ended();
            }
        }
    }

    /** What an iteration of good code takes at most. */
    private double good() {
        return GOOD_NANOS * cost + GOOD_BESIDE;
    }

    private static void ended() {
        synchronized (UNDER_WAY) {
            UNDER_WAY.decrementAndGet();
            UNDER_WAY.notifyAll();
        }
    }

    /** Whether each iteration makes objects of vectors, beside what the loop makes once. */
    private boolean boxes(Loop loop, long[] frame, int most) {
        long before = Allocation.bytes();
        loop.run(frame, 0, iteration);
        long between = Allocation.bytes();
        loop.run(frame, 0, most);
        return Allocation.bytes() - between >= between - before + BOX_BYTES * (ITERATIONS - 1);
    }

    /**
     * What an iteration takes once the loop is compiled, or after a while, and as much again as a good one if it boxes;
     * infinite where it is of no use.
     */
    private double nanos(Loop loop, long patience) {
        int most = ITERATIONS * iteration + (iteration > 1 ? 1 : 0);
        double usable = MOST_NANOS * (cost + 4);
        double found = Double.POSITIVE_INFINITY;
        try (Arena arena = Arena.ofConfined()) {
            long[] common = frame(arena, most);
            long[] rare = common.clone();
            common[common.length - 1] = 1;
            rare[rare.length - 2] = 1;
            long best = Long.MAX_VALUE;
            long end = System.nanoTime() + patience;
            for (int call = 0; call < LEAST || System.nanoTime() < end; call++) {
                int count = call < FEW ? iteration + call % 2 : most;
                if (call % 4 == 0) {
                    loop.run(rare, 0, count);
                }
                long began = System.nanoTime();
                loop.run(common, 0, count);
                best = Math.min(best, System.nanoTime() - began);
                if (call > 2 * FEW && call % (call < LEAST ? 64 : PROBES) == 0) {
                    double now = (double) best / ITERATIONS + (boxes(loop, common, most) ? good() : 0);
                    if (now <= usable) {
                        found = now;
                        ready = ready == null ? loop : ready;
                    }
                    if (now <= good()) {
                        break;
                    }
                    best = Long.MAX_VALUE;
                    if (call > LEAST) {
                        Thread.sleep(5);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return found;
    }
}
