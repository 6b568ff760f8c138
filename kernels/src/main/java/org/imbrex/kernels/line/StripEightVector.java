package org.imbrex.kernels.line;

import static org.imbrex.kernels.line.StripVector.PART;
import static org.imbrex.kernels.line.StripVector.UNIT;
import static org.imbrex.kernels.line.StripVector.at;
import static org.imbrex.kernels.line.StripVector.put;
import static org.imbrex.kernels.line.StripVector.putPairs;
import static org.imbrex.kernels.line.StripVector.putProduct;

import jdk.incubator.vector.DoubleVector;

/**
 * The last two passes of a strip where they are of radix 4 and 2, in registers: sixteen vectors, which 32 registers
 * hold. Of the eight rows {@code count} units apart, the even ones make the first butterfly of 4, the odd ones the
 * second, whose results are turned by eighths.
 */
final class StripEightVector {
    private StripEightVector() {}

    private static DoubleVector turnedRe(DoubleVector re, DoubleVector im, double[] roots, int root) {
        return im.fma(
                DoubleVector.broadcast(StripVector.SPECIES, roots[root + 2]),
                re.mul(DoubleVector.broadcast(StripVector.SPECIES, roots[root])));
    }

    private static DoubleVector turnedIm(DoubleVector re, DoubleVector im, double[] roots, int root) {
        return re.fma(
                DoubleVector.broadcast(StripVector.SPECIES, roots[root + 1]),
                im.mul(DoubleVector.broadcast(StripVector.SPECIES, roots[root])));
    }

    /** To a strip. */
    static void eight(long x, long y, int count, double[] roots) {
        long step = (long) count * UNIT;
        for (int t = 0; t < count; t++) {
            long from = x + (long) t * UNIT;
            DoubleVector eaRe = at(from);
            DoubleVector eaIm = at(from + PART);
            DoubleVector ecRe = at(from + 4 * step);
            DoubleVector ecIm = at(from + 4 * step + PART);
            DoubleVector eSumRe = eaRe.add(ecRe);
            DoubleVector eDifferenceRe = eaRe.sub(ecRe);
            DoubleVector eSumIm = eaIm.add(ecIm);
            DoubleVector eDifferenceIm = eaIm.sub(ecIm);
            DoubleVector ebRe = at(from + 2 * step);
            DoubleVector ebIm = at(from + 2 * step + PART);
            DoubleVector edRe = at(from + 6 * step);
            DoubleVector edIm = at(from + 6 * step + PART);
            DoubleVector eOtherSumRe = ebRe.add(edRe);
            DoubleVector eOtherRe = ebRe.sub(edRe);
            DoubleVector eOtherSumIm = ebIm.add(edIm);
            DoubleVector eOtherIm = ebIm.sub(edIm);
            DoubleVector oaRe = at(from + step);
            DoubleVector oaIm = at(from + step + PART);
            DoubleVector ocRe = at(from + 5 * step);
            DoubleVector ocIm = at(from + 5 * step + PART);
            DoubleVector oSumRe = oaRe.add(ocRe);
            DoubleVector oDifferenceRe = oaRe.sub(ocRe);
            DoubleVector oSumIm = oaIm.add(ocIm);
            DoubleVector oDifferenceIm = oaIm.sub(ocIm);
            DoubleVector obRe = at(from + 3 * step);
            DoubleVector obIm = at(from + 3 * step + PART);
            DoubleVector odRe = at(from + 7 * step);
            DoubleVector odIm = at(from + 7 * step + PART);
            DoubleVector oOtherSumRe = obRe.add(odRe);
            DoubleVector oOtherRe = obRe.sub(odRe);
            DoubleVector oOtherSumIm = obIm.add(odIm);
            DoubleVector oOtherIm = obIm.sub(odIm);
            DoubleVector e0Re = eSumRe.add(eOtherSumRe);
            DoubleVector e0Im = eSumIm.add(eOtherSumIm);
            DoubleVector o0Re = oSumRe.add(oOtherSumRe);
            DoubleVector o0Im = oSumIm.add(oOtherSumIm);
            long to = y + (long) t * UNIT;
            put(e0Re.add(o0Re), to);
            put(e0Im.add(o0Im), to + PART);
            put(e0Re.sub(o0Re), to + 4 * step);
            put(e0Im.sub(o0Im), to + 4 * step + PART);
            DoubleVector e1Re = eDifferenceRe.add(eOtherIm);
            DoubleVector e1Im = eDifferenceIm.sub(eOtherRe);
            DoubleVector u1Re = oDifferenceRe.add(oOtherIm);
            DoubleVector u1Im = oDifferenceIm.sub(oOtherRe);
            DoubleVector o1Re = turnedRe(u1Re, u1Im, roots, 0);
            DoubleVector o1Im = turnedIm(u1Re, u1Im, roots, 0);
            put(e1Re.add(o1Re), to + step);
            put(e1Im.add(o1Im), to + step + PART);
            put(e1Re.sub(o1Re), to + 5 * step);
            put(e1Im.sub(o1Im), to + 5 * step + PART);
            DoubleVector e2Re = eSumRe.sub(eOtherSumRe);
            DoubleVector e2Im = eSumIm.sub(eOtherSumIm);
            DoubleVector u2Re = oSumRe.sub(oOtherSumRe);
            DoubleVector u2Im = oSumIm.sub(oOtherSumIm);
            DoubleVector o2Re = turnedRe(u2Re, u2Im, roots, 3);
            DoubleVector o2Im = turnedIm(u2Re, u2Im, roots, 3);
            put(e2Re.add(o2Re), to + 2 * step);
            put(e2Im.add(o2Im), to + 2 * step + PART);
            put(e2Re.sub(o2Re), to + 6 * step);
            put(e2Im.sub(o2Im), to + 6 * step + PART);
            DoubleVector e3Re = eDifferenceRe.sub(eOtherIm);
            DoubleVector e3Im = eDifferenceIm.add(eOtherRe);
            DoubleVector u3Re = oDifferenceRe.sub(oOtherIm);
            DoubleVector u3Im = oDifferenceIm.add(oOtherRe);
            DoubleVector o3Re = turnedRe(u3Re, u3Im, roots, 6);
            DoubleVector o3Im = turnedIm(u3Re, u3Im, roots, 6);
            put(e3Re.add(o3Re), to + 3 * step);
            put(e3Im.add(o3Im), to + 3 * step + PART);
            put(e3Re.sub(o3Re), to + 7 * step);
            put(e3Im.sub(o3Im), to + 7 * step + PART);
        }
    }

    /** The last passes of the first step, as {@link StripVector#fourAndProduct}. */
    static void eightAndProduct(long x, long y, int count, double[] roots, long between) {
        long step = (long) count * UNIT;
        for (int t = 0; t < count; t++) {
            long from = x + (long) t * UNIT;
            DoubleVector eaRe = at(from);
            DoubleVector eaIm = at(from + PART);
            DoubleVector ecRe = at(from + 4 * step);
            DoubleVector ecIm = at(from + 4 * step + PART);
            DoubleVector eSumRe = eaRe.add(ecRe);
            DoubleVector eDifferenceRe = eaRe.sub(ecRe);
            DoubleVector eSumIm = eaIm.add(ecIm);
            DoubleVector eDifferenceIm = eaIm.sub(ecIm);
            DoubleVector ebRe = at(from + 2 * step);
            DoubleVector ebIm = at(from + 2 * step + PART);
            DoubleVector edRe = at(from + 6 * step);
            DoubleVector edIm = at(from + 6 * step + PART);
            DoubleVector eOtherSumRe = ebRe.add(edRe);
            DoubleVector eOtherRe = ebRe.sub(edRe);
            DoubleVector eOtherSumIm = ebIm.add(edIm);
            DoubleVector eOtherIm = ebIm.sub(edIm);
            DoubleVector oaRe = at(from + step);
            DoubleVector oaIm = at(from + step + PART);
            DoubleVector ocRe = at(from + 5 * step);
            DoubleVector ocIm = at(from + 5 * step + PART);
            DoubleVector oSumRe = oaRe.add(ocRe);
            DoubleVector oDifferenceRe = oaRe.sub(ocRe);
            DoubleVector oSumIm = oaIm.add(ocIm);
            DoubleVector oDifferenceIm = oaIm.sub(ocIm);
            DoubleVector obRe = at(from + 3 * step);
            DoubleVector obIm = at(from + 3 * step + PART);
            DoubleVector odRe = at(from + 7 * step);
            DoubleVector odIm = at(from + 7 * step + PART);
            DoubleVector oOtherSumRe = obRe.add(odRe);
            DoubleVector oOtherRe = obRe.sub(odRe);
            DoubleVector oOtherSumIm = obIm.add(odIm);
            DoubleVector oOtherIm = obIm.sub(odIm);
            DoubleVector e0Re = eSumRe.add(eOtherSumRe);
            DoubleVector e0Im = eSumIm.add(eOtherSumIm);
            DoubleVector o0Re = oSumRe.add(oOtherSumRe);
            DoubleVector o0Im = oSumIm.add(oOtherSumIm);
            long root = between + (long) t * UNIT;
            long to = y + (long) t * UNIT;
            putProduct(e0Re.add(o0Re), e0Im.add(o0Im), root, to);
            putProduct(e0Re.sub(o0Re), e0Im.sub(o0Im), root + 4 * step, to + 4 * step);
            DoubleVector e1Re = eDifferenceRe.add(eOtherIm);
            DoubleVector e1Im = eDifferenceIm.sub(eOtherRe);
            DoubleVector u1Re = oDifferenceRe.add(oOtherIm);
            DoubleVector u1Im = oDifferenceIm.sub(oOtherRe);
            DoubleVector o1Re = turnedRe(u1Re, u1Im, roots, 0);
            DoubleVector o1Im = turnedIm(u1Re, u1Im, roots, 0);
            putProduct(e1Re.add(o1Re), e1Im.add(o1Im), root + step, to + step);
            putProduct(e1Re.sub(o1Re), e1Im.sub(o1Im), root + 5 * step, to + 5 * step);
            DoubleVector e2Re = eSumRe.sub(eOtherSumRe);
            DoubleVector e2Im = eSumIm.sub(eOtherSumIm);
            DoubleVector u2Re = oSumRe.sub(oOtherSumRe);
            DoubleVector u2Im = oSumIm.sub(oOtherSumIm);
            DoubleVector o2Re = turnedRe(u2Re, u2Im, roots, 3);
            DoubleVector o2Im = turnedIm(u2Re, u2Im, roots, 3);
            putProduct(e2Re.add(o2Re), e2Im.add(o2Im), root + 2 * step, to + 2 * step);
            putProduct(e2Re.sub(o2Re), e2Im.sub(o2Im), root + 6 * step, to + 6 * step);
            DoubleVector e3Re = eDifferenceRe.sub(eOtherIm);
            DoubleVector e3Im = eDifferenceIm.add(eOtherRe);
            DoubleVector u3Re = oDifferenceRe.sub(oOtherIm);
            DoubleVector u3Im = oDifferenceIm.add(oOtherRe);
            DoubleVector o3Re = turnedRe(u3Re, u3Im, roots, 6);
            DoubleVector o3Im = turnedIm(u3Re, u3Im, roots, 6);
            putProduct(e3Re.add(o3Re), e3Im.add(o3Im), root + 3 * step, to + 3 * step);
            putProduct(e3Re.sub(o3Re), e3Im.sub(o3Im), root + 7 * step, to + 7 * step);
        }
    }

    /** The last passes of the second step, to pairs. */
    static void eightToPairs(long x, int count, double[] roots, long pairs, long rowBytes, int units) {
        long step = (long) count * UNIT;
        long apart = (count / units) * rowBytes;
        int mask = units - 1;
        int shift = Integer.numberOfTrailingZeros(units);
        for (int t = 0; t < count; t++) {
            long from = x + (long) t * UNIT;
            DoubleVector eaRe = at(from);
            DoubleVector eaIm = at(from + PART);
            DoubleVector ecRe = at(from + 4 * step);
            DoubleVector ecIm = at(from + 4 * step + PART);
            DoubleVector eSumRe = eaRe.add(ecRe);
            DoubleVector eDifferenceRe = eaRe.sub(ecRe);
            DoubleVector eSumIm = eaIm.add(ecIm);
            DoubleVector eDifferenceIm = eaIm.sub(ecIm);
            DoubleVector ebRe = at(from + 2 * step);
            DoubleVector ebIm = at(from + 2 * step + PART);
            DoubleVector edRe = at(from + 6 * step);
            DoubleVector edIm = at(from + 6 * step + PART);
            DoubleVector eOtherSumRe = ebRe.add(edRe);
            DoubleVector eOtherRe = ebRe.sub(edRe);
            DoubleVector eOtherSumIm = ebIm.add(edIm);
            DoubleVector eOtherIm = ebIm.sub(edIm);
            DoubleVector oaRe = at(from + step);
            DoubleVector oaIm = at(from + step + PART);
            DoubleVector ocRe = at(from + 5 * step);
            DoubleVector ocIm = at(from + 5 * step + PART);
            DoubleVector oSumRe = oaRe.add(ocRe);
            DoubleVector oDifferenceRe = oaRe.sub(ocRe);
            DoubleVector oSumIm = oaIm.add(ocIm);
            DoubleVector oDifferenceIm = oaIm.sub(ocIm);
            DoubleVector obRe = at(from + 3 * step);
            DoubleVector obIm = at(from + 3 * step + PART);
            DoubleVector odRe = at(from + 7 * step);
            DoubleVector odIm = at(from + 7 * step + PART);
            DoubleVector oOtherSumRe = obRe.add(odRe);
            DoubleVector oOtherRe = obRe.sub(odRe);
            DoubleVector oOtherSumIm = obIm.add(odIm);
            DoubleVector oOtherIm = obIm.sub(odIm);
            DoubleVector e0Re = eSumRe.add(eOtherSumRe);
            DoubleVector e0Im = eSumIm.add(eOtherSumIm);
            DoubleVector o0Re = oSumRe.add(oOtherSumRe);
            DoubleVector o0Im = oSumIm.add(oOtherSumIm);
            long to = pairs + (t >> shift) * rowBytes + (long) (t & mask) * UNIT;
            putPairs(e0Re.add(o0Re), e0Im.add(o0Im), to);
            putPairs(e0Re.sub(o0Re), e0Im.sub(o0Im), to + 4 * apart);
            DoubleVector e1Re = eDifferenceRe.add(eOtherIm);
            DoubleVector e1Im = eDifferenceIm.sub(eOtherRe);
            DoubleVector u1Re = oDifferenceRe.add(oOtherIm);
            DoubleVector u1Im = oDifferenceIm.sub(oOtherRe);
            DoubleVector o1Re = turnedRe(u1Re, u1Im, roots, 0);
            DoubleVector o1Im = turnedIm(u1Re, u1Im, roots, 0);
            putPairs(e1Re.add(o1Re), e1Im.add(o1Im), to + apart);
            putPairs(e1Re.sub(o1Re), e1Im.sub(o1Im), to + 5 * apart);
            DoubleVector e2Re = eSumRe.sub(eOtherSumRe);
            DoubleVector e2Im = eSumIm.sub(eOtherSumIm);
            DoubleVector u2Re = oSumRe.sub(oOtherSumRe);
            DoubleVector u2Im = oSumIm.sub(oOtherSumIm);
            DoubleVector o2Re = turnedRe(u2Re, u2Im, roots, 3);
            DoubleVector o2Im = turnedIm(u2Re, u2Im, roots, 3);
            putPairs(e2Re.add(o2Re), e2Im.add(o2Im), to + 2 * apart);
            putPairs(e2Re.sub(o2Re), e2Im.sub(o2Im), to + 6 * apart);
            DoubleVector e3Re = eDifferenceRe.sub(eOtherIm);
            DoubleVector e3Im = eDifferenceIm.add(eOtherRe);
            DoubleVector u3Re = oDifferenceRe.sub(oOtherIm);
            DoubleVector u3Im = oDifferenceIm.add(oOtherRe);
            DoubleVector o3Re = turnedRe(u3Re, u3Im, roots, 6);
            DoubleVector o3Im = turnedIm(u3Re, u3Im, roots, 6);
            putPairs(e3Re.add(o3Re), e3Im.add(o3Im), to + 3 * apart);
            putPairs(e3Re.sub(o3Re), e3Im.sub(o3Im), to + 7 * apart);
        }
    }

    /** Row 0 of what {@link #eightAndProduct} makes. */
    static void firstRow(long x, long y, int count, int units) {
        long step = (long) count * UNIT;
        for (long at = 0; at < (long) units * UNIT; at += PART) {
            DoubleVector sum = at(x + at).add(at(x + at + 4 * step));
            DoubleVector otherSum = at(x + at + 2 * step).add(at(x + at + 6 * step));
            DoubleVector oddSum = at(x + at + step).add(at(x + at + 5 * step));
            DoubleVector otherOddSum = at(x + at + 3 * step).add(at(x + at + 7 * step));
            put(sum.add(otherSum).add(oddSum.add(otherOddSum)), y + at);
        }
    }
}
