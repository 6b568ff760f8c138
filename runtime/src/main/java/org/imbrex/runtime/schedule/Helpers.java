package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that are kept for the next work. The first idle one takes it, so that a worker's turn in one stage comes to
 * the thread, and the cache, that had it in the stage before. A thread looks out for work a short while before it
 * sleeps: waking costs more than most stages take.
 */
final class Helpers implements AutoCloseable {
    /** About twice what waking a thread takes. */
    private static final long WATCHES_NANOS = 100_000;
    private static final long KEPT_NANOS = 60_000_000_000L;
    private static final Runnable BUSY = () -> {};
    private static final Runnable GONE = () -> {};

    private final List<Helper> helpers = new ArrayList<>();
    private int started;
    private boolean closed;

    /** Work that a thread was asked to do. */
    final class Asked {
        private final Helper helper;
        private final Runnable work;

        private Asked(Helper helper, Runnable work) {
            this.helper = helper;
            this.work = work;
        }

        /** Whether it had not been begun, and never will be. */
        boolean takeBack() {
            return helper.slot.compareAndSet(work, null);
        }
    }

    /** @param work an object of its own for each call */
    synchronized Asked ask(Runnable work) {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        for (Helper helper : helpers) {
            if (helper.takes(work)) {
                return new Asked(helper, work);
            }
        }
        Helper helper = new Helper(work);
        helpers.add(helper);
        Thread.ofPlatform().daemon().name("imbrex-worker-" + started++).start(helper);
        return new Asked(helper, work);
    }

    private synchronized void leaves(Helper helper) {
        helpers.remove(helper);
    }

    /** Threads end when what they have been asked is done. */
    @Override
    public synchronized void close() {
        closed = true;
        helpers.forEach(Helper::wake);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private final class Helper implements Runnable {
        /** What is asked of it; BUSY while it works, GONE when it takes nothing any more, else null. */
        private final AtomicReference<Runnable> slot;

        private volatile Thread thread;
        private volatile boolean sleeps;

        Helper(Runnable first) {
            this.slot = new AtomicReference<>(first);
        }

        boolean takes(Runnable work) {
            if (!slot.compareAndSet(null, work)) {
                return false;
            }
            if (sleeps) {
                wake();
            }
            return true;
        }

        void wake() {
            LockSupport.unpark(thread);
        }

        @Override
        public void run() {
            thread = Thread.currentThread();
            try {
                while (awaitWork()) {
                    Runnable work = slot.get();
                    if (work != null && slot.compareAndSet(work, BUSY)) {
                        work.run();
                        slot.set(null);
                    }
                }
            } finally {
                slot.set(GONE); // also where the work threw
                leaves(this);
            }
        }

        /** False where there was none for long, or none will come. */
        private boolean awaitWork() {
            long from = System.nanoTime();
            while (slot.get() == null) {
                long waited = System.nanoTime() - from;
                if (waited < WATCHES_NANOS) {
                    Thread.onSpinWait();
                } else if ((waited > KEPT_NANOS || isClosed()) && slot.compareAndSet(null, GONE)) {
                    return false;
                } else {
                    Thread.interrupted(); // else it would not sleep
                    sleeps = true;
                    if (slot.get() == null) { // whoever asks looks at sleeps after it has filled the slot
                        LockSupport.parkNanos(this, KEPT_NANOS);
                    }
                    sleeps = false;
                }
            }
            return true;
        }
    }
}
