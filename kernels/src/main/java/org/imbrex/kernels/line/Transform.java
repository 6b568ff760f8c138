package org.imbrex.kernels.line;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.Memory;

/**
 * The transform of n pairs, n without prime factors above 7, by {@link FourierPlan}. Columns lie side by side with
 * their parts apart, so that every pass walks whole vectors; powers of two go in {@link Strips} as soon as those are
 * compiled. What fits the caches is transformed in one piece; of longer lines some columns at a time, so that each step
 * reads and writes memory once.
 */
final class Transform {
    /** Pairs that are transformed in one piece: their parts and a copy are 2 MiB. */
    private static final int WHOLE = FourierPlan.WHOLE;
    /** Pairs of longer lines that are transformed at a time: 512 KiB. */
    private static final int PIECE = 1 << 14;
    /** Numbers by which arrays are longer than they need be: else all lie in the same sets of the cache. */
    private static final int APART = 136;
    /** Columns at a time, at least: four cache lines of pairs. */
    private static final int BLOCK = FourierPlan.BLOCK;

    private final int n;
    private final int rows;
    private final int columns;
    private final Passes byRows;
    private final Passes byColumns;
    private final Twiddles roots;
    private final double[] rootsRe;
    private final double[] rootsIm;
    private volatile Strips strips;

    Transform(long n) {
        this.n = Math.toIntExact(n);
        this.rows = (int) FourierPlan.rows(n);
        this.columns = this.n / rows;
        this.byRows = new Passes(rows);
        this.byColumns = new Passes(columns);
        this.roots = Twiddles.of(n);
        int kept = rows == 1 ? 0 : n <= WHOLE ? this.n : rows * BLOCK;
        this.rootsRe = new double[kept];
        this.rootsIm = new double[kept];
        if (rows > 1 && n <= WHOLE) {
            fillRoots();
        } else if (rows > 1) {
            fillBlock();
        }
    }

    /** The roots between the steps, all of them. */
    private void fillRoots() {
        for (int k1 = 0; k1 < rows; k1++) {
            for (int j2 = 0; j2 < columns; j2++) {
                rootsRe[k1 * columns + j2] = roots.re((long) k1 * j2);
                rootsIm[k1 * columns + j2] = roots.im((long) k1 * j2);
            }
        }
    }

    /** The roots of the first block's columns, of which those of the others are products. */
    private void fillBlock() {
        for (int k1 = 0; k1 < rows; k1++) {
            for (int c = 0; c < BLOCK; c++) {
                rootsRe[k1 * BLOCK + c] = roots.re((long) k1 * c % n);
                rootsIm[k1 * BLOCK + c] = roots.im((long) k1 * c % n);
            }
        }
    }

    /** The roots between the steps, of the columns from {@code first} on, as {@link FourierPlan#BLOCK} says. */
    private void roots(int first, int count, double[] re, double[] im) {
        for (int k1 = 0; k1 < rows; k1++) {
            for (int block = 0; block < count; block += BLOCK) {
                double a = roots.re((long) k1 * (first + block));
                double b = roots.im((long) k1 * (first + block));
                for (int c = 0; c < Math.min(BLOCK, count - block); c++) {
                    double wr = rootsRe[k1 * BLOCK + c];
                    double wi = rootsIm[k1 * BLOCK + c];
                    re[k1 * count + block + c] = Math.fma(b, -wi, a * wr);
                    im[k1 * count + block + c] = Math.fma(a, wi, b * wr);
                }
            }
        }
    }

    /**
     * Transforms pairs.
     *
     * @param from pairs of floats or doubles
     * @param to may be {@code from} if both are of one type
     * @param planes memory for n pairs of doubles
     * @param swap whether parts change places before and after: the inverse
     * @param scale what results are multiplied by, if not 1
     */
    void run(long from, boolean fromFloats, long to, boolean toFloats, long planes, boolean swap, double scale, int threads) {
        if ((swap || scale == 1) && Strips.takes(n) && StripWarmUp.ready()) {
            strips().run(from, fromFloats, to, toFloats, planes, swap, scale, threads);
            return;
        }
        Pairs in = new Pairs(from, fromFloats, swap);
        Pairs out = new Pairs(to, toFloats, swap);
        if (n <= WHOLE || rows == 1) {
            whole(in, out, scale);
            return;
        }
        int parts = Math.min(threads, Math.max(1, n >> 15));
        int wide = wide(rows);
        int high = wide(columns);
        int columnBlocks = Math.ceilDiv(columns, wide);
        int rowBlocks = Math.ceilDiv(rows, high);
        Team.run(parts, part -> {
            Buffers b = new Buffers(rows * wide);
            double[] re = new double[rows * wide];
            double[] im = new double[rows * wide];
            int end = (int) Team.from(columnBlocks, part + 1, parts);
            for (int block = (int) Team.from(columnBlocks, part, parts); block < end; block++) {
                columnBlock(in, planes, block * wide, Math.min(wide, columns - block * wide), b, re, im);
            }
        });
        Team.run(parts, part -> {
            Buffers b = new Buffers(columns * high);
            int end = (int) Team.from(rowBlocks, part + 1, parts);
            for (int block = (int) Team.from(rowBlocks, part, parts); block < end; block++) {
                rowBlock(planes, out, block * high, Math.min(high, rows - block * high), wide, b, scale);
            }
        });
    }

    /** Made once it is wanted: any two are alike. */
    private Strips strips() {
        if (strips == null) {
            strips = new Strips(n);
        }
        return strips;
    }

    /** How many lines of a length are transformed at a time. */
    private static int wide(int length) {
        return Math.max(1, PIECE / length / BLOCK) * BLOCK;
    }

    private void whole(Pairs in, Pairs out, double scale) {
        Buffers b = Buffers.ofThread(n);
        in.load(0, n, b.re, b.im, 0);
        if (rows > 1) {
            b = byRows.run(b, columns);
            if (Passes.vectors()) {
                ButterflyVector.multiply(b.re, b.im, columns, n, rootsRe, rootsIm);
            } else {
                ButterflyScalar.multiply(b.re, b.im, columns, n, rootsRe, rootsIm);
            }
            transpose(b.re, b.otherRe, rows, columns);
            transpose(b.im, b.otherIm, rows, columns);
            b = b.swapped();
        }
        b = byColumns.run(b, rows);
        out.store(0, n, b.re, b.im, 0, scale);
    }

    /** From [rows][columns] to [columns][rows]: four rows by four columns at a time, in squares that stay in cache. */
    private static void transpose(double[] from, double[] to, int rows, int columns) {
        int side = 32;
        for (int r = 0; r < rows; r += side) {
            for (int c = 0; c < columns; c += side) {
                square(from, to, rows, columns, r, Math.min(rows, r + side), c, Math.min(columns, c + side));
            }
        }
    }

    private static void square(
            double[] from, double[] to, int rows, int columns, int r, int rEnd, int c, int cEnd) {
        int i = r;
        for (; i + 4 <= rEnd; i += 4) {
            int a = i * columns;
            for (int j = c, at = c * rows + i; j < cEnd; j++, at += rows) {
                to[at] = from[a + j];
                to[at + 1] = from[a + columns + j];
                to[at + 2] = from[a + 2 * columns + j];
                to[at + 3] = from[a + 3 * columns + j];
            }
        }
        for (; i < rEnd; i++) {
            for (int j = c; j < cEnd; j++) {
                to[j * rows + i] = from[i * columns + j];
            }
        }
    }

    private void columnBlock(Pairs in, long planes, int first, int count, Buffers buffers, double[] re, double[] im) {
        for (int j1 = 0; j1 < rows; j1++) {
            in.load((long) j1 * columns + first, count, buffers.re, buffers.im, j1 * count);
        }
        Buffers b = byRows.run(buffers, count);
        roots(first, count, re, im);
        if (Passes.vectors()) {
            ButterflyVector.multiply(b.re, b.im, count, rows * count, re, im);
        } else {
            ButterflyScalar.multiply(b.re, b.im, count, rows * count, re, im);
        }
        // a block's elements lie together, so that steps meet few pages
        long at = planes + 8L * rows * first;
        copy(b.re, rows * count, at);
        copy(b.im, rows * count, at + 8L * n);
    }

    private static void copy(double[] from, int count, long to) {
        MemorySegment.copy(from, 0, Elements.ALL, ValueLayout.JAVA_DOUBLE_UNALIGNED, to, count);
    }

    private void rowBlock(long planes, Pairs out, int first, int count, int wide, Buffers buffers, double scale) {
        gather(planes, first, count, wide, buffers.re);
        gather(planes + 8L * n, first, count, wide, buffers.im);
        Buffers b = byColumns.run(buffers, count);
        for (int k2 = 0; k2 < columns; k2++) {
            out.store((long) k2 * rows + first, count, b.re, b.im, k2 * count, scale);
        }
    }

    /** Rows of all blocks side by side, four at a time. */
    private void gather(long plane, int first, int count, int wide, double[] into) {
        for (int block = 0; block < columns; block += wide) {
            int here = Math.min(wide, columns - block);
            long step = 8L * here;
            long from = plane + 8L * ((long) rows * block + (long) first * here);
            int c = 0;
            for (; c + 4 <= count; c += 4, from += 4 * step) {
                for (int j = 0, to = block * count + c; j < here; j++, to += count) {
                    long at = from + 8L * j;
                    into[to] = Memory.f64(at);
                    into[to + 1] = Memory.f64(at + step);
                    into[to + 2] = Memory.f64(at + 2 * step);
                    into[to + 3] = Memory.f64(at + 3 * step);
                }
            }
            for (; c < count; c++, from += step) {
                for (int j = 0; j < here; j++) {
                    into[(block + j) * count + c] = Memory.f64(from + 8L * j);
                }
            }
        }
    }

    /** Pairs in memory. */
    private record Pairs(long base, boolean floats, boolean swap) {
        void load(long first, int count, double[] re, double[] im, int at) {
            double[] x = swap ? im : re;
            double[] y = swap ? re : im;
            if (!floats && count % ButterflyVector.LANES == 0 && Passes.vectors()) {
                ButterflyVector.load(base + 16 * first, count, x, y, at);
            } else if (floats) {
                long address = base + 8 * first;
                for (int i = 0; i < count; i++) {
                    x[at + i] = Memory.f32(address + 8L * i);
                    y[at + i] = Memory.f32(address + 8L * i + 4);
                }
            } else {
                long address = base + 16 * first;
                for (int i = 0; i < count; i++) {
                    x[at + i] = Memory.f64(address + 16L * i);
                    y[at + i] = Memory.f64(address + 16L * i + 8);
                }
            }
        }

        void store(long first, int count, double[] re, double[] im, int at, double scale) {
            double[] x = swap ? im : re;
            double[] y = swap ? re : im;
            if (!floats && count % ButterflyVector.LANES == 0 && Passes.vectors()) {
                ButterflyVector.store(base + 16 * first, count, x, y, at, scale);
            } else if (floats) {
                long address = base + 8 * first;
                for (int i = 0; i < count; i++) {
                    Memory.putF32((float) (scale == 1 ? x[at + i] : x[at + i] * scale), address + 8L * i);
                    Memory.putF32((float) (scale == 1 ? y[at + i] : y[at + i] * scale), address + 8L * i + 4);
                }
            } else {
                long address = base + 16 * first;
                for (int i = 0; i < count; i++) {
                    Memory.putF64(scale == 1 ? x[at + i] : x[at + i] * scale, address + 16L * i);
                    Memory.putF64(scale == 1 ? y[at + i] : y[at + i] * scale, address + 16L * i + 8);
                }
            }
        }
    }

    /** Parts of columns, and as much again to write to. */
    record Buffers(double[] re, double[] im, double[] otherRe, double[] otherIm) {
        private static final ThreadLocal<Buffers> KEPT = ThreadLocal.withInitial(() -> new Buffers(0));

        Buffers(int count) {
            this(apart(count), apart(count), apart(count), apart(count));
        }

        private static double[] apart(int count) {
            return new double[count + APART];
        }

        /** At least so many, the thread's own. */
        static Buffers ofThread(int count) {
            Buffers kept = KEPT.get();
            if (kept.re.length < count + APART) {
                kept = new Buffers(count);
                if (count <= WHOLE) {
                    KEPT.set(kept);
                }
            }
            return kept;
        }

        Buffers swapped() {
            return new Buffers(otherRe, otherIm, re, im);
        }
    }
}
