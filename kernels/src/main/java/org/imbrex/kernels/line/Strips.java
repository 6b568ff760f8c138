package org.imbrex.kernels.line;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import org.imbrex.kernels.line.StripBytecode.In;
import org.imbrex.kernels.line.StripBytecode.Out;
import org.imbrex.kernels.loop.Memory;
import org.imbrex.kernels.loop.Scratch;

/**
 * The transform of a power of two of pairs on vectors, after {@link FourierPlan}: a strip of columns goes through all
 * passes of the first step while it is in cache, its first pass reading pairs, the last one with the roots between the
 * steps; it is turned about into strips of rows, which lie together in {@code planes}; of those each goes through the
 * second step, whose last pass writes pairs. So memory is read twice and written twice.
 */
final class Strips implements FourierVector.Smooth {
    private static final int LEAST = 256;
    private static final int LANES = StripVector.LANES;
    private static final int UNIT = StripVector.UNIT;
    private static final int BLOCK = FourierPlan.BLOCK;
    /** Between the strips of a thread: lines that are worked on together must not all meet in the same sets. */
    private static final int APART = 1088;
    private static final double[] NONE = {};
    /** Pairs in a line of the cache. */
    private static final int LINE = 4;

    private final int n;
    private final int rows;
    private final int columns;
    private final boolean whole;
    /** Units of a strip of columns, and of rows. */
    private final int wide;

    private final int high;
    private final StripPasses byRows;
    private final StripPasses byColumns;
    private final StripPass turn = StripBytecode.turn();
    private final Twiddles roots;
    /** The roots between the steps, by strips: of all columns, or of a block's. */
    private final MemorySegment between;

    Strips(int n) {
        this.n = n;
        this.rows = (int) FourierPlan.rows(n);
        this.columns = n / rows;
        this.whole = n <= FourierPlan.WHOLE;
        this.wide = Math.max(1, (whole ? LINE : BLOCK) / LANES);
        this.high = wide;
        this.byRows = new StripPasses(rows, wide);
        this.byColumns = new StripPasses(columns, high);
        this.roots = Twiddles.of(n);
        int kept = whole ? columns : BLOCK;
        this.between = Arena.ofAuto().allocate(16L * rows * kept, 64);
        for (int k1 = 0; k1 < rows; k1++) {
            for (int j2 = 0; j2 < kept; j2++) {
                int strip = j2 / (wide * LANES);
                int unit = j2 / LANES % wide;
                long at = between.address() + (((long) strip * rows + k1) * wide + unit) * UNIT + 8L * lane(j2 % LANES);
                Memory.putF64(roots.re((long) k1 * j2 % n), at);
                Memory.putF64(roots.im((long) k1 * j2 % n), at + StripVector.PART);
            }
        }
    }

    /** Whether there is such a transform. Two lanes C2 does not exchange without making objects. */
    static boolean takes(long n) {
        return n >= LEAST && Long.bitCount(n) == 1 && LANES > 2;
    }

    /** Which lane holds a column. */
    private static int lane(int column) {
        return column % (LANES / 2) * 2 + column / (LANES / 2);
    }

    @Override
    public void run(
            long from, boolean fromFloats, long to, boolean toFloats, long planes, boolean swap, double scale,
            int threads) {
        int parts = whole ? 1 : Math.min(threads, Math.max(1, n >> 15));
        int strips = columns / (wide * LANES);
        Team.run(parts, part -> {
            Scratch scratch = Scratch.ofThread();
            long mark = scratch.mark();
            long bytes = (long) rows * wide * UNIT;
            long x = scratch.take(bytes + APART);
            long y = scratch.take(bytes + APART);
            double[] ofRows = whole ? NONE : new double[3 * rows];
            int end = (int) Team.from(strips, part + 1, parts);
            for (int strip = (int) Team.from(strips, part, parts); strip < end; strip++) {
                columns(from, fromFloats, swap, strip, x, y, ofRows, planes);
            }
            scratch.release(mark);
        });
        int rowStrips = rows / (high * LANES);
        Team.run(parts, part -> {
            Scratch scratch = Scratch.ofThread();
            long mark = scratch.mark();
            long bytes = (long) columns * high * UNIT;
            long x = scratch.take(bytes + APART);
            long y = scratch.take(bytes + APART);
            int end = (int) Team.from(rowStrips, part + 1, parts);
            for (int strip = (int) Team.from(rowStrips, part, parts); strip < end; strip++) {
                rows(planes, strip, x, y, to, toFloats, swap, scale);
            }
            scratch.release(mark);
        });
        Reference.reachabilityFence(this); // else its memory might go while its addresses are in use
    }

    private void columns(
            long from, boolean floats, boolean swap, int strip, long x, long y, double[] ofRows, long planes) {
        int first = strip * wide * LANES;
        long row = (long) wide * UNIT;
        if (floats) {
            load(from + 8L * first, swap, y);
            byRows.first(In.PARTS, y, row, x);
        } else {
            byRows.first(swap ? In.SWAPPED : In.PAIRS, from + 16L * first, 16L * columns, x);
        }
        boolean even = byRows.middle(Out.PRODUCT, x, y);
        long end = even ? y : x;
        byRows.last(even ? x : y, end, between(first, ofRows), ofRows);
        for (int u = 0; u < wide; u++) {
            long square = end + (long) u * UNIT;
            long into = planes + (long) (first + u * LANES) * high * UNIT;
            for (int h = 0; h < high; h++) {
                turn.run(
                        square + h * LANES * row, 1, high * LANES * row, row,
                        into + (long) h * UNIT, 1, (long) columns * high * UNIT, (long) high * UNIT,
                        0, NONE, 1, 2 * rows / LANES / high);
            }
        }
    }

    private void rows(
            long planes, int strip, long x, long y, long to, boolean floats, boolean swap, double scale) {
        int first = strip * high * LANES;
        long row = (long) high * UNIT;
        byColumns.first(In.PARTS, planes + first * 16L * columns, row, x);
        Out out = floats ? Out.PARTS : swap || scale != 1 ? Out.SWAPPED : Out.PAIRS;
        boolean even = byColumns.middle(out, x, y);
        long at = even ? x : y;
        long end = even ? y : x;
        if (floats) {
            byColumns.last(out, at, end, row, 1);
            store(end, to + 8L * first, swap, scale);
        } else {
            byColumns.last(out, at, to + 16L * first, 16L * rows, scale);
        }
    }

    /** Where the roots between the steps are of the columns from {@code first} on; what their rows have in common. */
    private long between(int first, double[] ofRows) {
        if (whole) {
            return between.address() + 16L * rows * first;
        }
        int block = first / BLOCK * BLOCK;
        for (int k1 = 0; k1 < rows; k1++) {
            double im = roots.im((long) k1 * block);
            ofRows[3 * k1] = roots.re((long) k1 * block);
            ofRows[3 * k1 + 1] = im;
            ofRows[3 * k1 + 2] = -im;
        }
        return between.address() + 16L * rows * (first - block);
    }

    private void load(long pairs, boolean swap, long strip) {
        long re = strip + (swap ? StripVector.PART : 0);
        long im = strip + (swap ? 0 : StripVector.PART);
        for (int row = 0; row < rows; row++, pairs += 8L * columns) {
            for (int c = 0; c < wide * LANES; c++) {
                long at = (long) (row * wide + c / LANES) * UNIT + 8L * lane(c % LANES);
                Memory.putF64(Memory.f32(pairs + 8L * c), re + at);
                Memory.putF64(Memory.f32(pairs + 8L * c + 4), im + at);
            }
        }
    }

    private void store(long strip, long pairs, boolean swap, double scale) {
        long re = strip + (swap ? StripVector.PART : 0);
        long im = strip + (swap ? 0 : StripVector.PART);
        for (int row = 0; row < columns; row++, pairs += 8L * rows) {
            for (int c = 0; c < high * LANES; c++) {
                long at = (long) (row * high + c / LANES) * UNIT + 8L * lane(c % LANES);
                double a = Memory.f64(re + at);
                double b = Memory.f64(im + at);
                Memory.putF32((float) (scale == 1 ? a : a * scale), pairs + 8L * c);
                Memory.putF32((float) (scale == 1 ? b : b * scale), pairs + 8L * c + 4);
            }
        }
    }
}
