package org.imbrex.kernels.line;

import static org.imbrex.kernels.line.StripVector.LANES;
import static org.imbrex.kernels.line.StripVector.PART;
import static org.imbrex.kernels.line.StripVector.SPECIES;
import static org.imbrex.kernels.line.StripVector.UNIT;
import static org.imbrex.kernels.line.StripVector.at;
import static org.imbrex.kernels.line.StripVector.put;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Squares of as many rows as a vector has lanes, turned about in registers: in steps, each of which exchanges what two
 * vectors have in lanes that differ in one bit. Rows come and go in the order {@link StripVector#column} of lanes.
 */
final class TurnVector {
    private static final VectorShuffle<Double> BY_ONE = by(1);
    private static final VectorShuffle<Double> BY_TWO = by(2);
    private static final VectorShuffle<Double> BY_FOUR = by(4);
    private static final VectorMask<Double> ONE = mask(0xaa);
    private static final VectorMask<Double> TWO = mask(0xcc);
    private static final VectorMask<Double> FOUR = mask(0xf0);

    private TurnVector() {}

    private static VectorShuffle<Double> by(int lanes) {
        return VectorShuffle.fromOp(SPECIES, i -> (i ^ lanes) % LANES);
    }

    private static VectorMask<Double> mask(long lanes) {
        return VectorMask.fromLong(SPECIES, lanes & (1L << LANES) - 1);
    }

    /**
     * Turns squares, both parts of each: row r of square b from {@code x + (b LANES + r) row} to {@code y + b square + r
     * rowTo}, columns becoming rows.
     */
    static void turn(long x, long row, long y, long square, long rowTo, int squares) {
        switch (LANES) {
            case 8 -> eight(x, row, y, square, rowTo, 2 * squares);
            case 4 -> four(x, row, y, square, rowTo, 2 * squares);
            default -> two(x, row, y, square, rowTo, 2 * squares);
        }
    }

    private static void eight(long x, long row, long y, long square, long rowTo, int count) {
        for (int t = 0; t < count; t++) {
            long from = x + (t >> 1) * (LANES * row) + (t & 1) * PART;
            long to = y + (t >> 1) * square + (t & 1) * PART;
            DoubleVector a0 = at(from);
            DoubleVector a1 = at(from + 4 * row);
            DoubleVector a2 = at(from + row);
            DoubleVector a3 = at(from + 5 * row);
            DoubleVector a4 = at(from + 2 * row);
            DoubleVector a5 = at(from + 6 * row);
            DoubleVector a6 = at(from + 3 * row);
            DoubleVector a7 = at(from + 7 * row);
            DoubleVector b0 = a0.blend(a4.rearrange(BY_FOUR), FOUR);
            DoubleVector b4 = a0.rearrange(BY_FOUR).blend(a4, FOUR);
            DoubleVector b1 = a1.blend(a5.rearrange(BY_FOUR), FOUR);
            DoubleVector b5 = a1.rearrange(BY_FOUR).blend(a5, FOUR);
            DoubleVector b2 = a2.blend(a6.rearrange(BY_FOUR), FOUR);
            DoubleVector b6 = a2.rearrange(BY_FOUR).blend(a6, FOUR);
            DoubleVector b3 = a3.blend(a7.rearrange(BY_FOUR), FOUR);
            DoubleVector b7 = a3.rearrange(BY_FOUR).blend(a7, FOUR);
            DoubleVector c0 = b0.blend(b2.rearrange(BY_TWO), TWO);
            DoubleVector c2 = b0.rearrange(BY_TWO).blend(b2, TWO);
            DoubleVector c1 = b1.blend(b3.rearrange(BY_TWO), TWO);
            DoubleVector c3 = b1.rearrange(BY_TWO).blend(b3, TWO);
            DoubleVector c4 = b4.blend(b6.rearrange(BY_TWO), TWO);
            DoubleVector c6 = b4.rearrange(BY_TWO).blend(b6, TWO);
            DoubleVector c5 = b5.blend(b7.rearrange(BY_TWO), TWO);
            DoubleVector c7 = b5.rearrange(BY_TWO).blend(b7, TWO);
            put(c0.blend(c1.rearrange(BY_ONE), ONE), to);
            put(c0.rearrange(BY_ONE).blend(c1, ONE), to + 4 * rowTo);
            put(c2.blend(c3.rearrange(BY_ONE), ONE), to + rowTo);
            put(c2.rearrange(BY_ONE).blend(c3, ONE), to + 5 * rowTo);
            put(c4.blend(c5.rearrange(BY_ONE), ONE), to + 2 * rowTo);
            put(c4.rearrange(BY_ONE).blend(c5, ONE), to + 6 * rowTo);
            put(c6.blend(c7.rearrange(BY_ONE), ONE), to + 3 * rowTo);
            put(c6.rearrange(BY_ONE).blend(c7, ONE), to + 7 * rowTo);
        }
    }

    private static void four(long x, long row, long y, long square, long rowTo, int count) {
        for (int t = 0; t < count; t++) {
            long from = x + (t >> 1) * (LANES * row) + (t & 1) * PART;
            long to = y + (t >> 1) * square + (t & 1) * PART;
            DoubleVector a0 = at(from);
            DoubleVector a1 = at(from + 2 * row);
            DoubleVector a2 = at(from + row);
            DoubleVector a3 = at(from + 3 * row);
            DoubleVector b0 = a0.blend(a2.rearrange(BY_TWO), TWO);
            DoubleVector b2 = a0.rearrange(BY_TWO).blend(a2, TWO);
            DoubleVector b1 = a1.blend(a3.rearrange(BY_TWO), TWO);
            DoubleVector b3 = a1.rearrange(BY_TWO).blend(a3, TWO);
            put(b0.blend(b1.rearrange(BY_ONE), ONE), to);
            put(b0.rearrange(BY_ONE).blend(b1, ONE), to + 2 * rowTo);
            put(b2.blend(b3.rearrange(BY_ONE), ONE), to + rowTo);
            put(b2.rearrange(BY_ONE).blend(b3, ONE), to + 3 * rowTo);
        }
    }

    private static void two(long x, long row, long y, long square, long rowTo, int count) {
        for (int t = 0; t < count; t++) {
            long from = x + (t >> 1) * (LANES * row) + (t & 1) * PART;
            long to = y + (t >> 1) * square + (t & 1) * PART;
            DoubleVector a0 = at(from);
            DoubleVector a1 = at(from + row);
            put(a0.blend(a1.rearrange(BY_ONE), ONE), to);
            put(a0.rearrange(BY_ONE).blend(a1, ONE), to + rowTo);
        }
    }
}
