package org.imbrex.kernels.line;

import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.imbrex.kernels.element.Elements;

/**
 * Passes of radix 2 and 4 on vectors, after {@link ButterflyScalar}; what is left of a length goes one by one. Sixteen
 * registers hold a butterfly of 4 with its temporaries; the roots are read where they are used.
 */
final class ButterflyVector {
    static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final VectorShuffle<Double> EVEN = VectorShuffle.fromOp(SPECIES, i -> 2 * i % LANES);
    private static final VectorShuffle<Double> ODD = VectorShuffle.fromOp(SPECIES, i -> 2 * i % LANES + 1);
    private static final VectorShuffle<Double> LOWER_TWICE = VectorShuffle.fromOp(SPECIES, i -> i / 2);
    private static final VectorShuffle<Double> UPPER_TWICE = VectorShuffle.fromOp(SPECIES, i -> (i + LANES) / 2);
    private static final VectorMask<Double> UPPER = mask(-1L << LANES / 2);
    private static final VectorMask<Double> SECOND = mask(0xaaaa_aaaa_aaaa_aaaaL);

    private static VectorMask<Double> mask(long lanes) {
        return VectorMask.fromLong(SPECIES, lanes & (1L << LANES) - 1);
    }

    private ButterflyVector() {}

    static boolean takes(int radix, int length) {
        return (radix == 2 || radix == 4) && length % LANES == 0;
    }

    static void pass(
            int radix, double[] xr, double[] xi, double[] yr, double[] yi, int m, int length, double[] roots) {
        int apart = m * length;
        if (radix == 2) {
            two(xr, xi, yr, yi, apart, length);
            for (int p = 1; p < m; p++) {
                two(xr, xi, yr, yi, p * length, apart, length, roots[2 * p], roots[2 * p + 1]);
            }
            return;
        }
        four(xr, xi, yr, yi, apart, length);
        for (int p = 1; p < m; p++) {
            four(xr, xi, yr, yi, p * length, apart, length, roots, 6 * p);
        }
    }

    private static void two(double[] xr, double[] xi, double[] yr, double[] yi, int apart, int length) {
        for (int i = 0; i < length; i += LANES) {
            DoubleVector ar = DoubleVector.fromArray(SPECIES, xr, i);
            DoubleVector ai = DoubleVector.fromArray(SPECIES, xi, i);
            DoubleVector br = DoubleVector.fromArray(SPECIES, xr, i + apart);
            DoubleVector bi = DoubleVector.fromArray(SPECIES, xi, i + apart);
            ar.add(br).intoArray(yr, i);
            ai.add(bi).intoArray(yi, i);
            ar.sub(br).intoArray(yr, i + length);
            ai.sub(bi).intoArray(yi, i + length);
        }
    }

    private static void two(
            double[] xr, double[] xi, double[] yr, double[] yi, int from, int apart, int length, double re, double im) {
        DoubleVector wr = DoubleVector.broadcast(SPECIES, re);
        DoubleVector wi = DoubleVector.broadcast(SPECIES, im);
        DoubleVector minus = DoubleVector.broadcast(SPECIES, -im);
        int to = 2 * from;
        for (int i = 0; i < length; i += LANES) {
            DoubleVector ar = DoubleVector.fromArray(SPECIES, xr, from + i);
            DoubleVector ai = DoubleVector.fromArray(SPECIES, xi, from + i);
            DoubleVector br = DoubleVector.fromArray(SPECIES, xr, from + i + apart);
            DoubleVector bi = DoubleVector.fromArray(SPECIES, xi, from + i + apart);
            ar.add(br).intoArray(yr, to + i);
            ai.add(bi).intoArray(yi, to + i);
            DoubleVector dr = ar.sub(br);
            DoubleVector di = ai.sub(bi);
            di.fma(minus, dr.mul(wr)).intoArray(yr, to + length + i);
            dr.fma(wi, di.mul(wr)).intoArray(yi, to + length + i);
        }
    }

    private static void four(double[] xr, double[] xi, double[] yr, double[] yi, int apart, int length) {
        for (int i = 0; i < length; i += LANES) {
            DoubleVector ar = DoubleVector.fromArray(SPECIES, xr, i);
            DoubleVector ai = DoubleVector.fromArray(SPECIES, xi, i);
            DoubleVector cr = DoubleVector.fromArray(SPECIES, xr, i + 2 * apart);
            DoubleVector ci = DoubleVector.fromArray(SPECIES, xi, i + 2 * apart);
            DoubleVector sumRe = ar.add(cr);
            DoubleVector sumIm = ai.add(ci);
            DoubleVector differenceRe = ar.sub(cr);
            DoubleVector differenceIm = ai.sub(ci);
            DoubleVector br = DoubleVector.fromArray(SPECIES, xr, i + apart);
            DoubleVector bi = DoubleVector.fromArray(SPECIES, xi, i + apart);
            DoubleVector dr = DoubleVector.fromArray(SPECIES, xr, i + 3 * apart);
            DoubleVector di = DoubleVector.fromArray(SPECIES, xi, i + 3 * apart);
            DoubleVector otherSumRe = br.add(dr);
            DoubleVector otherSumIm = bi.add(di);
            DoubleVector otherRe = br.sub(dr);
            DoubleVector otherIm = bi.sub(di);
            sumRe.add(otherSumRe).intoArray(yr, i);
            sumIm.add(otherSumIm).intoArray(yi, i);
            differenceRe.add(otherIm).intoArray(yr, i + length);
            differenceIm.sub(otherRe).intoArray(yi, i + length);
            sumRe.sub(otherSumRe).intoArray(yr, i + 2 * length);
            sumIm.sub(otherSumIm).intoArray(yi, i + 2 * length);
            differenceRe.sub(otherIm).intoArray(yr, i + 3 * length);
            differenceIm.add(otherRe).intoArray(yi, i + 3 * length);
        }
    }

    private static void four(
            double[] xr,
            double[] xi,
            double[] yr,
            double[] yi,
            int from,
            int apart,
            int length,
            double[] roots,
            int root) {
        double w1r = roots[root];
        double w1i = roots[root + 1];
        double w2r = roots[root + 2];
        double w2i = roots[root + 3];
        double w3r = roots[root + 4];
        double w3i = roots[root + 5];
        int to = 4 * from;
        for (int i = 0; i < length; i += LANES) {
            DoubleVector ar = DoubleVector.fromArray(SPECIES, xr, from + i);
            DoubleVector ai = DoubleVector.fromArray(SPECIES, xi, from + i);
            DoubleVector cr = DoubleVector.fromArray(SPECIES, xr, from + i + 2 * apart);
            DoubleVector ci = DoubleVector.fromArray(SPECIES, xi, from + i + 2 * apart);
            DoubleVector sumRe = ar.add(cr);
            DoubleVector sumIm = ai.add(ci);
            DoubleVector differenceRe = ar.sub(cr);
            DoubleVector differenceIm = ai.sub(ci);
            DoubleVector br = DoubleVector.fromArray(SPECIES, xr, from + i + apart);
            DoubleVector bi = DoubleVector.fromArray(SPECIES, xi, from + i + apart);
            DoubleVector dr = DoubleVector.fromArray(SPECIES, xr, from + i + 3 * apart);
            DoubleVector di = DoubleVector.fromArray(SPECIES, xi, from + i + 3 * apart);
            DoubleVector otherSumRe = br.add(dr);
            DoubleVector otherSumIm = bi.add(di);
            DoubleVector otherRe = br.sub(dr);
            DoubleVector otherIm = bi.sub(di);
            sumRe.add(otherSumRe).intoArray(yr, to + i);
            sumIm.add(otherSumIm).intoArray(yi, to + i);
            DoubleVector er = differenceRe.add(otherIm);
            DoubleVector ei = differenceIm.sub(otherRe);
            ei.fma(DoubleVector.broadcast(SPECIES, -w1i), er.mul(w1r)).intoArray(yr, to + i + length);
            er.fma(DoubleVector.broadcast(SPECIES, w1i), ei.mul(w1r)).intoArray(yi, to + i + length);
            DoubleVector fr = sumRe.sub(otherSumRe);
            DoubleVector fi = sumIm.sub(otherSumIm);
            fi.fma(DoubleVector.broadcast(SPECIES, -w2i), fr.mul(w2r)).intoArray(yr, to + i + 2 * length);
            fr.fma(DoubleVector.broadcast(SPECIES, w2i), fi.mul(w2r)).intoArray(yi, to + i + 2 * length);
            DoubleVector gr = differenceRe.sub(otherIm);
            DoubleVector gi = differenceIm.add(otherRe);
            gi.fma(DoubleVector.broadcast(SPECIES, -w3i), gr.mul(w3r)).intoArray(yr, to + i + 3 * length);
            gr.fma(DoubleVector.broadcast(SPECIES, w3i), gi.mul(w3r)).intoArray(yi, to + i + 3 * length);
        }
    }

    /** Multiplies by roots, element by element; the first {@code plain} numbers stay as they are. */
    static void multiply(double[] re, double[] im, int plain, int count, double[] rootsRe, double[] rootsIm) {
        int end = plain + (count - plain) / LANES * LANES;
        for (int i = plain; i < end; i += LANES) {
            DoubleVector ar = DoubleVector.fromArray(SPECIES, re, i);
            DoubleVector ai = DoubleVector.fromArray(SPECIES, im, i);
            DoubleVector wr = DoubleVector.fromArray(SPECIES, rootsRe, i);
            DoubleVector wi = DoubleVector.fromArray(SPECIES, rootsIm, i);
            ai.fma(wi.neg(), ar.mul(wr)).intoArray(re, i);
            ar.fma(wi, ai.mul(wr)).intoArray(im, i);
        }
        ButterflyScalar.multiply(re, im, end, count, rootsRe, rootsIm);
    }

    /** Pairs to parts: from the one's address on to {@code at}, a multiple of the lanes of them. */
    static void load(long address, int count, double[] re, double[] im, int at) {
        for (int i = 0; i < count; i += LANES) {
            DoubleVector a = DoubleVector.fromMemorySegment(SPECIES, Elements.ALL, address + 16L * i, NATIVE);
            DoubleVector b =
                    DoubleVector.fromMemorySegment(SPECIES, Elements.ALL, address + 16L * i + 8L * LANES, NATIVE);
            a.rearrange(EVEN).blend(b.rearrange(EVEN), UPPER).intoArray(re, at + i);
            a.rearrange(ODD).blend(b.rearrange(ODD), UPPER).intoArray(im, at + i);
        }
    }

    /** Parts to pairs. */
    static void store(long address, int count, double[] re, double[] im, int at, double scale) {
        for (int i = 0; i < count; i += LANES) {
            DoubleVector a = DoubleVector.fromArray(SPECIES, re, at + i);
            DoubleVector b = DoubleVector.fromArray(SPECIES, im, at + i);
            if (scale != 1) {
                a = a.mul(scale);
                b = b.mul(scale);
            }
            a.rearrange(LOWER_TWICE)
                    .blend(b.rearrange(LOWER_TWICE), SECOND)
                    .intoMemorySegment(Elements.ALL, address + 16L * i, NATIVE);
            a.rearrange(UPPER_TWICE)
                    .blend(b.rearrange(UPPER_TWICE), SECOND)
                    .intoMemorySegment(Elements.ALL, address + 16L * i + 8L * LANES, NATIVE);
        }
    }
}
