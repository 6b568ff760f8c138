package org.imbrex.kernels.line;

/** The passes of a direct transform of a power of two, at least 16, over strips of so many units, with their roots. */
final class StripPasses {
    private final int units;
    /** A quarter of a strip's units. */
    private final int count;
    /** Whether radices 4 and 2 come last, else 4. */
    private final boolean eight;

    private final double[][] roots;
    private final double[] eighths;

    StripPasses(int n, int units) {
        this.units = units;
        this.count = n / 4 * units;
        this.eight = Integer.numberOfTrailingZeros(n) % 2 == 1;
        this.roots = new double[Integer.numberOfTrailingZeros(n) / 2 - 1][];
        int left = n;
        for (int pass = 0; pass < roots.length; pass++, left /= 4) {
            roots[pass] = roots(left);
        }
        double[] all = eight ? roots(left) : new double[0];
        this.eighths = eight ? java.util.Arrays.copyOfRange(all, StripVector.ROOTS, 2 * StripVector.ROOTS) : all;
    }

    private static double[] roots(int n) {
        Twiddles w = Twiddles.of(n);
        int m = n / 4;
        double[] roots = new double[StripVector.ROOTS * m];
        for (int p = 0; p < m; p++) {
            for (int k = 1; k < 4; k++) {
                int at = StripVector.ROOTS * p + 3 * (k - 1);
                roots[at] = w.re((long) p * k);
                roots[at + 1] = w.im((long) p * k);
                roots[at + 2] = -w.im((long) p * k);
            }
        }
        return roots;
    }

    void firstOfPairs(long pairs, long rowBytes, long y) {
        StripVector.fourOfPairs(pairs, rowBytes, units, y, count, roots[0]);
    }

    void first(long x, long y) {
        StripVector.four(x, y, count, units, roots[0]);
    }

    /** All passes between the first and the last one; whether the result is in x, where it was. */
    boolean middle(long x, long y) {
        int length = units;
        for (int pass = 1; pass < roots.length; pass++) {
            length *= 4;
            boolean odd = pass % 2 == 1;
            StripVector.four(odd ? x : y, odd ? y : x, count, length, roots[pass]);
        }
        return roots.length % 2 == 1;
    }

    void last(long x, long y) {
        if (eight) {
            StripEightVector.eight(x, y, count / 2, eighths);
        } else {
            StripVector.four(x, y, count, count, eighths);
        }
    }

    /** Row 0 has no roots between the steps. */
    void lastAndProduct(long x, long y, long between) {
        if (eight) {
            StripEightVector.eightAndProduct(x, y, count / 2, eighths, between);
            StripEightVector.firstRow(x, y, count / 2, units);
        } else {
            StripVector.fourAndProduct(x, y, count, between);
            StripVector.firstRow(x, y, count, units);
        }
    }

    void lastToPairs(long x, long pairs, long rowBytes) {
        if (eight) {
            StripEightVector.eightToPairs(x, count / 2, eighths, pairs, rowBytes, units);
        } else {
            StripVector.fourToPairs(x, count, pairs, rowBytes, units);
        }
    }
}
