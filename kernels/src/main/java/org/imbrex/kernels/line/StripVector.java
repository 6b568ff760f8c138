package org.imbrex.kernels.line;

import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.imbrex.kernels.element.Elements;

/**
 * Passes of radix 4 and 8 (4, then 2) over a strip: the columns of a few vectors, side by side. A strip is rows of
 * units, a unit a vector of real and one of imaginary parts; {@code length} counts the units that take the same root.
 * Pairs come apart by one exchange of neighbours and two blends, which leaves the lanes of a unit in the order {@link
 * #column} says. Addresses are absolute and, but for pairs, at whole vectors.
 */
final class StripVector {
    static final VectorSpecies<Double> SPECIES = ButterflyVector.SPECIES;
    static final int LANES = ButterflyVector.LANES;
    /** Bytes of a unit's one part. */
    static final int PART = 8 * LANES;

    static final int UNIT = 2 * PART;
    /** Of a pass of radix 4: re, im and -im for each of three. */
    static final int ROOTS = 9;

    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final Class<?> KNOWN = SPECIES.vectorType();
    private static final VectorShuffle<Double> BESIDE = VectorShuffle.fromOp(SPECIES, i -> i ^ 1);
    private static final VectorMask<Double> SECOND =
            VectorMask.fromLong(SPECIES, 0xaaaa_aaaa_aaaa_aaaaL & (1L << LANES) - 1);

    private StripVector() {}

    /** Which of a unit's columns a lane holds. */
    static int column(int lane) {
        return lane / 2 + lane % 2 * (LANES / 2);
    }

    /** C2 takes a vector's class from the comparison, whatever else the process has done with vectors. */
    private static DoubleVector known(DoubleVector v) {
        if (v.getClass() != KNOWN) {
            throw new IllegalStateException();
        }
        return v;
    }

    static DoubleVector at(long address) {
        return known(DoubleVector.fromMemorySegment(SPECIES, Elements.ALL, address, NATIVE));
    }

    static void put(DoubleVector v, long address) {
        v.intoMemorySegment(Elements.ALL, address, NATIVE);
    }

    /** Two vectors of pairs to the parts that are first in them, and those that are second. */
    private static DoubleVector firsts(DoubleVector a, DoubleVector b) {
        return a.blend(b.rearrange(BESIDE), SECOND);
    }

    private static DoubleVector seconds(DoubleVector a, DoubleVector b) {
        return a.rearrange(BESIDE).blend(b, SECOND);
    }

    static void putPairs(DoubleVector re, DoubleVector im, long to) {
        put(firsts(re, im), to);
        put(seconds(re, im), to + PART);
    }

    private static void putTurned(DoubleVector re, DoubleVector im, double[] roots, int root, long to) {
        DoubleVector wr = DoubleVector.broadcast(SPECIES, roots[root]);
        put(im.fma(DoubleVector.broadcast(SPECIES, roots[root + 2]), re.mul(wr)), to);
        put(re.fma(DoubleVector.broadcast(SPECIES, roots[root + 1]), im.mul(wr)), to + PART);
    }

    /** With a root for each lane, in a unit of its own. */
    static void putProduct(DoubleVector re, DoubleVector im, long root, long to) {
        DoubleVector wr = at(root);
        DoubleVector wi = at(root + PART);
        put(im.fma(wi.neg(), re.mul(wr)), to);
        put(re.fma(wi, im.mul(wr)), to + PART);
    }

    /** Pairs, in rows of {@code units} vectors of parts, to a strip whose parts are at {@code re} and {@code im}. */
    static void load(long pairs, long rowBytes, int units, int count, long re, long im) {
        int mask = units - 1;
        int shift = Integer.numberOfTrailingZeros(units);
        for (int t = 0; t < count; t++) {
            long from = pairs + (t >> shift) * rowBytes + (long) (t & mask) * UNIT;
            DoubleVector a = at(from);
            DoubleVector b = at(from + PART);
            put(firsts(a, b), re + (long) t * UNIT);
            put(seconds(a, b), im + (long) t * UNIT);
        }
    }

    /** The way back. */
    static void store(long re, long im, double scale, long pairs, long rowBytes, int units, int count) {
        int mask = units - 1;
        int shift = Integer.numberOfTrailingZeros(units);
        for (int t = 0; t < count; t++) {
            DoubleVector a = at(re + (long) t * UNIT);
            DoubleVector b = at(im + (long) t * UNIT);
            if (scale != 1) {
                a = a.mul(scale);
                b = b.mul(scale);
            }
            putPairs(a, b, pairs + (t >> shift) * rowBytes + (long) (t & mask) * UNIT);
        }
    }

    /** The first pass, from pairs. */
    static void fourOfPairs(long pairs, long rowBytes, int units, long y, int count, double[] roots) {
        long apart = (count / units) * rowBytes;
        long step = (long) units * UNIT;
        int mask = units - 1;
        int shift = Integer.numberOfTrailingZeros(units);
        for (int t = 0; t < count; t++) {
            long x = pairs + (t >> shift) * rowBytes + (long) (t & mask) * UNIT;
            DoubleVector a = at(x);
            DoubleVector a2 = at(x + PART);
            DoubleVector ar = firsts(a, a2);
            DoubleVector ai = seconds(a, a2);
            DoubleVector c = at(x + 2 * apart);
            DoubleVector c2 = at(x + 2 * apart + PART);
            DoubleVector cr = firsts(c, c2);
            DoubleVector ci = seconds(c, c2);
            DoubleVector sumRe = ar.add(cr);
            DoubleVector sumIm = ai.add(ci);
            DoubleVector differenceRe = ar.sub(cr);
            DoubleVector differenceIm = ai.sub(ci);
            DoubleVector b = at(x + apart);
            DoubleVector b2 = at(x + apart + PART);
            DoubleVector br = firsts(b, b2);
            DoubleVector bi = seconds(b, b2);
            DoubleVector d = at(x + 3 * apart);
            DoubleVector d2 = at(x + 3 * apart + PART);
            DoubleVector dr = firsts(d, d2);
            DoubleVector di = seconds(d, d2);
            DoubleVector otherSumRe = br.add(dr);
            DoubleVector otherSumIm = bi.add(di);
            DoubleVector otherRe = br.sub(dr);
            DoubleVector otherIm = bi.sub(di);
            long to = y + (4L * t - 3L * (t & mask)) * UNIT;
            put(sumRe.add(otherSumRe), to);
            put(sumIm.add(otherSumIm), to + PART);
            int root = ROOTS * (t >> shift);
            if (root == 0) {
                put(differenceRe.add(otherIm), to + step);
                put(differenceIm.sub(otherRe), to + step + PART);
                put(sumRe.sub(otherSumRe), to + 2 * step);
                put(sumIm.sub(otherSumIm), to + 2 * step + PART);
                put(differenceRe.sub(otherIm), to + 3 * step);
                put(differenceIm.add(otherRe), to + 3 * step + PART);
            } else {
                putTurned(differenceRe.add(otherIm), differenceIm.sub(otherRe), roots, root, to + step);
                putTurned(sumRe.sub(otherSumRe), sumIm.sub(otherSumIm), roots, root + 3, to + 2 * step);
                putTurned(differenceRe.sub(otherIm), differenceIm.add(otherRe), roots, root + 6, to + 3 * step);
            }
        }
    }

    /** A pass that is not the last. */
    static void four(long x, long y, int count, int length, double[] roots) {
        long apart = (long) count * UNIT;
        long step = (long) length * UNIT;
        int mask = length - 1;
        int shift = Integer.numberOfTrailingZeros(length);
        for (int t = 0; t < count; t++) {
            long from = x + (long) t * UNIT;
            DoubleVector ar = at(from);
            DoubleVector ai = at(from + PART);
            DoubleVector cr = at(from + 2 * apart);
            DoubleVector ci = at(from + 2 * apart + PART);
            DoubleVector sumRe = ar.add(cr);
            DoubleVector sumIm = ai.add(ci);
            DoubleVector differenceRe = ar.sub(cr);
            DoubleVector differenceIm = ai.sub(ci);
            DoubleVector br = at(from + apart);
            DoubleVector bi = at(from + apart + PART);
            DoubleVector dr = at(from + 3 * apart);
            DoubleVector di = at(from + 3 * apart + PART);
            DoubleVector otherSumRe = br.add(dr);
            DoubleVector otherSumIm = bi.add(di);
            DoubleVector otherRe = br.sub(dr);
            DoubleVector otherIm = bi.sub(di);
            long to = y + (4L * t - 3L * (t & mask)) * UNIT;
            put(sumRe.add(otherSumRe), to);
            put(sumIm.add(otherSumIm), to + PART);
            int root = ROOTS * (t >> shift);
            if (root == 0) {
                put(differenceRe.add(otherIm), to + step);
                put(differenceIm.sub(otherRe), to + step + PART);
                put(sumRe.sub(otherSumRe), to + 2 * step);
                put(sumIm.sub(otherSumIm), to + 2 * step + PART);
                put(differenceRe.sub(otherIm), to + 3 * step);
                put(differenceIm.add(otherRe), to + 3 * step + PART);
            } else {
                putTurned(differenceRe.add(otherIm), differenceIm.sub(otherRe), roots, root, to + step);
                putTurned(sumRe.sub(otherSumRe), sumIm.sub(otherSumIm), roots, root + 3, to + 2 * step);
                putTurned(differenceRe.sub(otherIm), differenceIm.add(otherRe), roots, root + 6, to + 3 * step);
            }
        }
    }

    /** The last pass of the first step, with the product by the roots between the steps; row 0 is then to be put right. */
    static void fourAndProduct(long x, long y, int count, long between) {
        long step = (long) count * UNIT;
        for (int t = 0; t < count; t++) {
            long at = (long) t * UNIT;
            DoubleVector ar = at(x + at);
            DoubleVector ai = at(x + at + PART);
            DoubleVector cr = at(x + at + 2 * step);
            DoubleVector ci = at(x + at + 2 * step + PART);
            DoubleVector sumRe = ar.add(cr);
            DoubleVector sumIm = ai.add(ci);
            DoubleVector differenceRe = ar.sub(cr);
            DoubleVector differenceIm = ai.sub(ci);
            DoubleVector br = at(x + at + step);
            DoubleVector bi = at(x + at + step + PART);
            DoubleVector dr = at(x + at + 3 * step);
            DoubleVector di = at(x + at + 3 * step + PART);
            DoubleVector otherSumRe = br.add(dr);
            DoubleVector otherSumIm = bi.add(di);
            DoubleVector otherRe = br.sub(dr);
            DoubleVector otherIm = bi.sub(di);
            long root = between + at;
            long to = y + at;
            putProduct(sumRe.add(otherSumRe), sumIm.add(otherSumIm), root, to);
            putProduct(differenceRe.add(otherIm), differenceIm.sub(otherRe), root + step, to + step);
            putProduct(sumRe.sub(otherSumRe), sumIm.sub(otherSumIm), root + 2 * step, to + 2 * step);
            putProduct(differenceRe.sub(otherIm), differenceIm.add(otherRe), root + 3 * step, to + 3 * step);
        }
    }

    /** The last pass of the second step, to pairs. */
    static void fourToPairs(long x, int count, long pairs, long rowBytes, int units) {
        long step = (long) count * UNIT;
        long apart = (count / units) * rowBytes;
        int mask = units - 1;
        int shift = Integer.numberOfTrailingZeros(units);
        for (int t = 0; t < count; t++) {
            long from = x + (long) t * UNIT;
            DoubleVector ar = at(from);
            DoubleVector ai = at(from + PART);
            DoubleVector cr = at(from + 2 * step);
            DoubleVector ci = at(from + 2 * step + PART);
            DoubleVector sumRe = ar.add(cr);
            DoubleVector sumIm = ai.add(ci);
            DoubleVector differenceRe = ar.sub(cr);
            DoubleVector differenceIm = ai.sub(ci);
            DoubleVector br = at(from + step);
            DoubleVector bi = at(from + step + PART);
            DoubleVector dr = at(from + 3 * step);
            DoubleVector di = at(from + 3 * step + PART);
            DoubleVector otherSumRe = br.add(dr);
            DoubleVector otherSumIm = bi.add(di);
            DoubleVector otherRe = br.sub(dr);
            DoubleVector otherIm = bi.sub(di);
            long to = pairs + (t >> shift) * rowBytes + (long) (t & mask) * UNIT;
            putPairs(sumRe.add(otherSumRe), sumIm.add(otherSumIm), to);
            putPairs(differenceRe.add(otherIm), differenceIm.sub(otherRe), to + apart);
            putPairs(sumRe.sub(otherSumRe), sumIm.sub(otherSumIm), to + 2 * apart);
            putPairs(differenceRe.sub(otherIm), differenceIm.add(otherRe), to + 3 * apart);
        }
    }

    /** Row 0 of what {@link #fourAndProduct} makes. */
    static void firstRow(long x, long y, int count, int units) {
        long step = (long) count * UNIT;
        for (long at = 0; at < (long) units * UNIT; at += PART) {
            DoubleVector sum = at(x + at).add(at(x + at + 2 * step));
            DoubleVector otherSum = at(x + at + step).add(at(x + at + 3 * step));
            put(sum.add(otherSum), y + at);
        }
    }

    /** Units times one number. */
    static void product(double re, double im, long x, long y, int units) {
        for (int t = 0; t < units; t++) {
            DoubleVector wr = at(x + (long) t * UNIT);
            DoubleVector wi = at(x + (long) t * UNIT + PART);
            put(wi.neg().fma(DoubleVector.broadcast(SPECIES, im), wr.mul(re)), y + (long) t * UNIT);
            put(wi.fma(DoubleVector.broadcast(SPECIES, re), wr.mul(im)), y + (long) t * UNIT + PART);
        }
    }
}
