package org.imbrex.kernels.line;

import static org.imbrex.kernels.line.StripVector.UNIT;

import java.util.Arrays;
import org.imbrex.kernels.line.StripBytecode.In;
import org.imbrex.kernels.line.StripBytecode.Out;

/** The passes of a direct transform of a power of two, at least 16, over strips of so many units, with their roots. */
final class StripPasses {
    private static final StripPass MIDDLE = StripBytecode.of(4, In.PARTS, Out.TURNED);
    private static final StripPass OF_PAIRS = StripBytecode.of(4, In.PAIRS, Out.TURNED);
    private static final StripPass OF_SWAPPED = StripBytecode.of(4, In.SWAPPED, Out.TURNED);

    private final StripPass product;
    private final StripPass blocks;
    private final StripPass toPairs;
    private final StripPass toSwapped;
    private final StripPass toParts;
    private final int units;
    private final int shift;
    /** A quarter of a strip's units. */
    private final int count;
    /** How many passes of radix 4 there are, and whether one of 2 comes last. */
    private final int fours;

    private final boolean two;
    /** Of the passes of radix 4 but a last one. */
    private final double[][] roots;
    /** Of the last pass of radix 4 where one of 2 follows. */
    private final double[] eighths;

    StripPasses(int n, int units) {
        this.units = units;
        this.shift = Integer.numberOfTrailingZeros(units);
        this.count = n / 4 * units;
        this.fours = Integer.numberOfTrailingZeros(n) / 2;
        this.two = Integer.numberOfTrailingZeros(n) % 2 == 1;
        int last = two ? 2 : 4;
        this.product = StripBytecode.of(last, In.PARTS, Out.PRODUCT);
        this.blocks = StripBytecode.of(last, In.PARTS, Out.BLOCKS);
        this.toPairs = StripBytecode.of(radix(Out.PAIRS), In.PARTS, Out.PAIRS);
        this.toSwapped = StripBytecode.of(last, In.PARTS, Out.SWAPPED);
        this.toParts = StripBytecode.of(last, In.PARTS, Out.PARTS);
        this.roots = new double[two ? fours : fours - 1][];
        for (int pass = 0; pass < roots.length; pass++) {
            roots[pass] = roots(n >> 2 * pass);
        }
        this.eighths = !two
                ? new double[0]
                : Arrays.copyOfRange(roots[fours - 1], StripVector.ROOTS, 2 * StripVector.ROOTS);
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
        StripPass pass = in == In.PARTS ? MIDDLE : in == In.PAIRS ? OF_PAIRS : OF_SWAPPED;
        pass.run(x, shift, rowBytes, (count >> shift) * rowBytes, y, shift, 4 * step, step, 0, roots[0], 1, count);
    }

    /** All passes between the first and what {@link #last} makes; whether the result is in x, where it was. */
    boolean middle(Out out, long x, long y) {
        int passes = radix(out) == 8 ? fours - 1 : roots.length;
        int bits = shift;
        for (int k = 1; k < passes; k++) {
            bits += 2;
            long step = (long) UNIT << bits;
            boolean odd = k % 2 == 1;
            MIDDLE.run(
                    odd ? x : y, 0, UNIT, (long) count * UNIT,
                    odd ? y : x, bits, 4 * step, step, 0, roots[k], 1, count);
        }
        return passes % 2 == 1;
    }

    /** The last pass of the second step, to rows {@code rowBytes} apart. */
    void last(Out out, long x, long y, long rowBytes, double scale) {
        StripPass pass = out == Out.PAIRS ? toPairs : out == Out.SWAPPED ? toSwapped : toParts;
        int butterflies = 4 * count / radix(out);
        pass.run(
                x, shift, (long) units * UNIT, (long) butterflies * UNIT, y, shift, rowBytes,
                (butterflies >> shift) * rowBytes, 0, eighths, scale, butterflies);
    }

    /**
     * The last pass of the first step, which multiplies all but the first row by the roots between the steps.
     *
     * @param between those, or if {@code ofRows} are given (re, im and -im) what they are multiplied by
     */
    void last(long x, long y, long between, double[] ofRows) {
        int radix = radix(Out.PRODUCT);
        int butterflies = 4 * count / radix;
        long apart = (long) butterflies * UNIT;
        StripPass pass = ofRows.length == 0 ? product : blocks;
        pass.run(x, shift, UNIT, apart, y, shift, UNIT, apart, between, ofRows, 1, butterflies);
        StripVector.firstRow(radix, x, y, apart, units);
    }

    /** Of the last pass: 8 is 4 and 2 in one, with more that HotSpot would not compile. */
    private int radix(Out out) {
        return !two ? 4 : out == Out.PAIRS ? 8 : 2;
    }
}
