package org.imbrex.runtime.schedule;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.imbrex.kernels.type.ImbrexException;

/** A wish to stop a run, from any thread; tiles that have begun are finished, nothing is left behind. */
public final class Cancellation {
    private final CountDownLatch asked = new CountDownLatch(1);

    public void cancel() {
        asked.countDown();
    }

    public boolean isAsked() {
        return asked.getCount() == 0;
    }

    /** Waits so long, or until it is asked; whether it is. */
    public boolean await(long millis) throws InterruptedException {
        return asked.await(millis, TimeUnit.MILLISECONDS);
    }

    /** What a cancelled run throws. */
    public static final class CancelledException extends ImbrexException {
        private static final long serialVersionUID = 1L;

        CancelledException() {
            super("cancelled; nothing was written");
        }
    }

    void check() {
        if (isAsked()) {
            throw new CancelledException();
        }
    }
}
