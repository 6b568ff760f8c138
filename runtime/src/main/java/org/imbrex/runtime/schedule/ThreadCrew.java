package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Workers on threads that are kept, the first one on the caller's. Where they are thousands, those that only wait for
 * others' answers have virtual threads.
 */
final class ThreadCrew implements Crew {
    private static final int MOST_KEPT = 256;

    private final Helpers threads = new Helpers();

    @Override
    public void work(List<? extends Worker> workers) {
        Shift shift = new Shift(workers.size() - 1);
        List<Helpers.Asked> asked = new ArrayList<>(workers.size() - 1);
        for (Worker worker : workers.subList(1, workers.size())) {
            if (asked.size() >= MOST_KEPT && worker.waits()) {
                Thread.ofVirtual().name("imbrex-hand").start(() -> shift.help(worker));
            } else {
                asked.add(threads.ask(() -> shift.help(worker)));
            }
        }
        shift.work(workers.getFirst());
        // A thread that has not woken up yet has nothing left to do: don't wait for it.
        for (Helpers.Asked one : asked) {
            if (one.takeBack()) {
                shift.helpers.countDown();
            }
        }
        shift.await();
    }

    @Override
    public void close() {
        threads.close();
    }

    /** One call of {@link #work}: lets workers that wait hear of what others have done. */
    private static final class Shift {
        private final CountDownLatch helpers;
        private final AtomicInteger waiting = new AtomicInteger();
        private final Object lock = new Object();
        private volatile long changes;

        Shift(int helpers) {
            this.helpers = new CountDownLatch(helpers);
        }

        void help(Worker worker) {
            try {
                work(worker);
            } finally {
                helpers.countDown();
            }
        }

        void work(Worker worker) {
            while (true) {
                switch (worker.turn()) {
                    case WORKED -> changed();
                    case WAITS -> {
                        if (waitFor(worker) == Turn.DONE) {
                            changed();
                            return;
                        }
                        changed();
                    }
                    case DONE -> {
                        changed();
                        return;
                    }
                }
            }
        }

        private void changed() {
            if (waiting.get() > 0) {
                synchronized (lock) {
                    changes++;
                    lock.notifyAll();
                }
            }
        }

        /**
         * Gives turns after each change until one is not in vain. Whoever waits has said so before it looks again, and
         * whoever works looks at who waits after it has worked, so that no change is missed.
         */
        private Turn waitFor(Worker worker) {
            waiting.incrementAndGet();
            try {
                while (true) {
                    long seen = changes;
                    Turn turn = worker.turn();
                    if (turn != Turn.WAITS) {
                        return turn;
                    }
                    synchronized (lock) {
                        while (changes == seen) {
                            uninterruptibly(lock::wait);
                        }
                    }
                }
            } finally {
                waiting.decrementAndGet();
            }
        }

        void await() {
            uninterruptibly(helpers::await);
        }

        private interface Waiting {
            void run() throws InterruptedException;
        }

        /** Workers use the caller's memory: an interrupt must not part them. It is told when the wait is over. */
        private static void uninterruptibly(Waiting wait) {
            boolean interrupted = false;
            while (true) {
                try {
                    wait.run();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
