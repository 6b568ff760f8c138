package org.imbrex.runtime.schedule;

import org.imbrex.kernels.type.ImbrexException;

/** A wish to stop a run, from any thread; tiles that have begun are finished, nothing is left behind. */
public final class Cancellation {
    private volatile boolean asked;

    public void cancel() {
        asked = true;
    }

    public boolean isAsked() {
        return asked;
    }

    /** What a cancelled run throws. */
    public static final class CancelledException extends ImbrexException {
        private static final long serialVersionUID = 1L;

        CancelledException() {
            super("cancelled; nothing was written");
        }
    }

    void check() {
        if (asked) {
            throw new CancelledException();
        }
    }
}
