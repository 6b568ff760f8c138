package org.imbrex.kernels.line;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/** Threads that work on one long line together; the caller is the first of them. */
final class Team {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("imbrex-line-", 0).factory());

    private Team() {}

    /** Runs the parts 0 … parts - 1, each on a thread of its own, to their ends. */
    static void run(int parts, IntConsumer part) {
        if (parts == 1) {
            part.accept(0);
            return;
        }
        CountDownLatch left = new CountDownLatch(parts - 1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        for (int k = 1; k < parts; k++) {
            int mine = k;
            THREADS.execute(() -> {
                try {
                    part.accept(mine);
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                } finally {
                    left.countDown();
                }
            });
        }
        try {
            part.accept(0);
        } finally {
            await(left);
        }
        switch (failure.get()) {
            case null -> {}
            case Error e -> throw e;
            case Throwable e -> throw (RuntimeException) e;
        }
    }

    /** The others work on the caller's memory: an interrupt must not part them. It is told when the wait is over. */
    private static void await(CountDownLatch left) {
        boolean interrupted = false;
        while (true) {
            try {
                left.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where part {@code part} of {@code parts} of {@code n} elements begins. */
    static long from(long n, int part, int parts) {
        return n / parts * part + Math.min(n % parts, part);
    }
}
