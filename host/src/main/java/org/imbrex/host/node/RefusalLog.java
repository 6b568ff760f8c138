package org.imbrex.host.node;

import java.util.function.LongSupplier;

/** A log of what strangers bring about: a few lines at once, then one a second, and how many were left out. */
final class RefusalLog {
    private static final int BURST = 20;
    private static final long NANOS_A_LINE = 1_000_000_000L;

    private final System.Logger log;
    private final LongSupplier clock;
    private long last;
    private long room = BURST;
    private long leftOut;

    /** @param clock nanoseconds, as {@link System#nanoTime} */
    RefusalLog(System.Logger log, LongSupplier clock) {
        this.log = log;
        this.clock = clock;
        this.last = clock.getAsLong();
    }

    synchronized void log(String line) {
        long earned = (clock.getAsLong() - last) / NANOS_A_LINE;
        last += earned * NANOS_A_LINE;
        room = Math.min(BURST, room + earned);
        if (room == 0) {
            leftOut++;
            return;
        }
        room--;
        String more = leftOut == 0 ? "" : " (and " + leftOut + " lines like it left out before)";
        leftOut = 0;
        log.log(System.Logger.Level.WARNING, line + more);
    }
}
