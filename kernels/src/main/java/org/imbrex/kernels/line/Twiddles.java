package org.imbrex.kernels.line;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The roots of unity w^e = exp(-2 pi i e / n). Each is made by {@code StrictMath}, which every Java platform computes
 * alike, of an angle in the first octant; beyond {@link #DIRECT} roots, of two such ones, e = 1024 high + low, by one
 * complex product.
 */
final class Twiddles {
    /** Up to so many roots each has a place in a table. */
    static final int DIRECT = 1 << 16;

    private static final int LOW_BITS = 10;
    private static final int LOW = 1 << LOW_BITS;
    private static final int MOST_KEPT = 32;

    private static final Map<Long, Twiddles> KEPT = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Twiddles> eldest) {
            return size() > MOST_KEPT;
        }
    };

    private final boolean direct;
    private final double[] re;
    private final double[] im;
    private final double[] lowRe;
    private final double[] lowIm;

    private Twiddles(long n) {
        this.direct = n <= DIRECT;
        int count = (int) (direct ? n : Math.ceilDiv(n, LOW));
        this.re = new double[count];
        this.im = new double[count];
        table(re, im, direct ? 1 : LOW, n);
        this.lowRe = new double[direct ? 0 : LOW];
        this.lowIm = new double[direct ? 0 : LOW];
        table(lowRe, lowIm, 1, n);
    }

    /** The roots for n; made once while they are in use. */
    static Twiddles of(long n) {
        synchronized (KEPT) {
            return KEPT.computeIfAbsent(n, Twiddles::new);
        }
    }

    double re(long e) {
        if (direct) {
            return re[(int) e];
        }
        int high = (int) (e >> LOW_BITS);
        int low = (int) e & LOW - 1;
        return Math.fma(im[high], -lowIm[low], re[high] * lowRe[low]);
    }

    double im(long e) {
        if (direct) {
            return im[(int) e];
        }
        int high = (int) (e >> LOW_BITS);
        int low = (int) e & LOW - 1;
        return Math.fma(re[high], lowIm[low], im[high] * lowRe[low]);
    }

    private static void table(double[] re, double[] im, long step, long n) {
        for (int k = 0; k < re.length; k++) {
            long e = k * step % n;
            re[k] = cos(e, n);
            im[k] = -sin(e, n);
        }
    }

    /** cos(2 pi e / n) for 0 &lt;= e &lt; n. */
    static double cos(long e, long n) {
        long folded = Math.min(e, n - e); // at most half a turn
        if (4 * folded > n) {
            return -first(n - 2 * folded, 2 * n, true);
        }
        return first(folded, n, true);
    }

    /** sin(2 pi e / n) for 0 &lt;= e &lt; n. */
    static double sin(long e, long n) {
        if (2 * e > n) {
            return -sin(n - e, n);
        }
        return 4 * e > n ? first(n - 2 * e, 2 * n, false) : first(e, n, false);
    }

    /** Of e / n of a turn, at most a quarter. */
    private static double first(long e, long n, boolean cosine) {
        if (8 * e > n) {
            return octant(n - 4 * e, 4 * n, !cosine);
        }
        return octant(e, n, cosine);
    }

    private static double octant(long e, long n, boolean cosine) {
        double angle = 2 * Math.PI * e / n;
        return cosine ? StrictMath.cos(angle) : StrictMath.sin(angle);
    }
}
