package org.imbrex.host.cli;

import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.runtime.schedule.Progress;

/** A bar on standard error while work takes long, if that is a terminal; gone when the work is done. */
final class ProgressBar implements Progress, AutoCloseable {
    private static final long BEFORE_NANOS = 500_000_000L;
    private static final long BETWEEN_NANOS = 100_000_000L;

    private final PrintWriter err;
    private final long began = System.nanoTime();
    private final AtomicLong next = new AtomicLong(began + BEFORE_NANOS);
    private int columns;
    private boolean shown;

    ProgressBar(PrintWriter err) {
        this.err = err;
    }

    @Override
    public void tiles(long done, long total) {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due < 0 || !next.compareAndSet(due, now + BETWEEN_NANOS)) {
            return;
        }
        draw(done, total, now);
    }

    private synchronized void draw(long done, long total, long now) {
        if (columns == 0) {
            columns = Terminal.isTerminal(Terminal.STDERR) ? Math.max(20, Terminal.columns(Terminal.STDERR)) : -1;
        }
        if (columns < 0 || total == 0) {
            return;
        }
        double share = Math.min(1, done / (double) total);
        double seconds = (now - began) / 1e9;
        String text = String.format(java.util.Locale.ROOT, " %3.0f%%  %.0f s left", share * 100,
                share > 0 ? seconds / share - seconds : 0);
        int width = Math.max(5, Math.min(60, columns - text.length() - 3));
        int full = (int) Math.round(share * width);
        err.print("\r[" + "#".repeat(full) + " ".repeat(width - full) + "]" + text);
        err.flush();
        shown = true;
    }

    /** Clears the line. */
    @Override
    public synchronized void close() {
        if (shown) {
            err.print("\r" + " ".repeat(Math.max(0, columns - 1)) + "\r");
            err.flush();
        }
    }
}
