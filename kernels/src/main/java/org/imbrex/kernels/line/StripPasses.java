package org.imbrex.kernels.line;

import static org.imbrex.kernels.line.StripVector.UNIT;

import java.util.Arrays;
import org.imbrex.kernels.line.StripBytecode.In;
import org.imbrex.kernels.line.StripBytecode.Out;

/** The passes of a direct transform of a power of two, at least 16, over strips of so many units, with their roots. */
final class StripPasses {
    private final int units;
    private final int shift;
    /** A quarter of a strip's units. */
    private final int count;
    /** 8 where radices 4 and 2 come last, else 4. */
    private final int last;

    private final double[][] roots;
    private final double[] eighths;

    StripPasses(int n, int units) {
        this.units = units;
        this.shift = Integer.numberOfTrailingZeros(units);
        this.count = n / 4 * units;
        this.last = Integer.numberOfTrailingZeros(n) % 2 == 1 ? 8 : 4;
        this.roots = new double[Integer.numberOfTrailingZeros(n) / 2 - 1][];
        int left = n;
        for (int pass = 0; pass < roots.length; pass++, left /= 4) {
            roots[pass] = roots(left);
        }
        this.eighths = last == 8 ? Arrays.copyOfRange(roots(8), StripVector.ROOTS, 2 * StripVector.ROOTS) : new double[0];
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

    /** The first pass, from rows {@code rowBytes} apart to y. */
    void first(In in, long x, long rowBytes, long y) {
        long step = (long) units * UNIT;
        StripBytecode.of(4, in, Out.TURNED)
                .run(x, shift, rowBytes, (count >> shift) * rowBytes, y, shift, 4 * step, step, 0, roots[0], 1, count);
    }

    /** All passes between the first and the last one; whether the result is in x, where it was. */
    boolean middle(long x, long y) {
        StripPass pass = StripBytecode.of(4, In.PARTS, Out.TURNED);
        int bits = shift;
        for (int k = 1; k < roots.length; k++) {
            bits += 2;
            long step = (long) UNIT << bits;
            boolean odd = k % 2 == 1;
            pass.run(
                    odd ? x : y, 0, UNIT, (long) count * UNIT,
                    odd ? y : x, bits, 4 * step, step, 0, roots[k], 1, count);
        }
        return roots.length % 2 == 1;
    }

    /** The last pass to rows {@code rowBytes} apart, of which the first has no roots between the steps. */
    void last(Out out, long x, long y, long rowBytes, long between, double scale) {
        int butterflies = 4 * count / last;
        long apart = (long) butterflies * UNIT;
        StripBytecode.of(last, In.PARTS, out)
                .run(
                        x, shift, (long) units * UNIT, apart, y, shift, rowBytes,
                        (butterflies >> shift) * rowBytes, between, eighths, scale, butterflies);
        if (out == Out.PRODUCT) {
            StripVector.firstRow(last, x, y, apart, units);
        }
    }
}
