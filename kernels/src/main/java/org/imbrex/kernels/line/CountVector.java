package org.imbrex.kernels.line;

import org.imbrex.kernels.loop.Memory;
import org.imbrex.kernels.stage.Line;

/** Counts in four tables in turn, so that equal neighbours don't wait for one another's counter. */
final class CountVector implements LineKernel {
    private static final int TABLES = 4;
    /** With more bins one table is all that caches hold. */
    private static final int MANY = 4096;

    private final long n;
    private final int bins;

    CountVector(Line.Count line) {
        this.n = line.from();
        this.bins = line.bins();
    }

    @Override
    public void run(long from, long to, long carry, long work, int threads) {
        int tables = bins > MANY ? 1 : TABLES;
        // one place before the bins for all that is in none
        int width = bins + 1;
        long[] counts = new long[tables * width];
        for (long i = 0; i < n; i++) {
            int bin = Memory.i32(from + i * 4);
            int place = bin < 0 || bin >= bins ? 0 : bin + 1;
            counts[(int) (i & tables - 1) * width + place]++;
        }
        for (int bin = 0; bin < bins; bin++) {
            long sum = 0;
            for (int table = 0; table < tables; table++) {
                sum += counts[table * width + bin + 1];
            }
            Memory.put64(sum, to + 8L * bin);
        }
    }
}
