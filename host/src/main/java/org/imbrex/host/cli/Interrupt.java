package org.imbrex.host.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.imbrex.runtime.schedule.Cancellation;

/** Ctrl-C asks the run to stop and waits a moment for it, so that nothing is left half-written. */
final class Interrupt implements AutoCloseable {
    private static final int SECONDS = 5;

    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook;

    private Interrupt(Cancellation cancellation) {
        hook = new Thread(() -> {
            cancellation.cancel();
            try {
                if (!done.await(SECONDS, TimeUnit.SECONDS)) {
                    System.err.println("imbrex: the run did not stop within " + SECONDS + " seconds; it is ended");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    static Interrupt cancels(Cancellation cancellation) {
        return new Interrupt(cancellation);
    }

    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is on its way out, which is when the hook was for
            return;
        }
    }
}
