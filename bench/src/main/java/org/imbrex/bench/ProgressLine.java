package org.imbrex.bench;

import java.io.PrintWriter;
import java.util.Locale;
import org.imbrex.host.cli.Terminal;

/** Which work runs, how far the run is and how long it may take yet: one line on a terminal, nothing elsewhere. */
final class ProgressLine implements Bench.Status {
    private static final int WIDTH = 78;

    private final PrintWriter err;
    private final boolean shown = Terminal.isTerminal(Terminal.STDERR);

    ProgressLine(PrintWriter err) {
        this.err = err;
    }

    @Override
    public void at(String what, int done, int all, double secondsLeft) {
        print(text(what, done, all, secondsLeft));
    }

    static String text(String what, int done, int all, double secondsLeft) {
        long left = Math.round(secondsLeft);
        return String.format(Locale.ROOT, "imbrex bench: %s, %d of %d done, at most %d:%02d left", what, done, all, left / 60,
                left % 60);
    }

    /** Takes the line away. */
    void clear() {
        print("");
    }

    private synchronized void print(String text) {
        if (shown) {
            err.print("\r" + String.format("%-" + WIDTH + "s", text) + "\r");
            err.flush();
        }
    }
}
