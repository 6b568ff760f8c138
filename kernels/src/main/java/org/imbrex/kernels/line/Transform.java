package org.imbrex.kernels.line;

import org.imbrex.kernels.loop.Memory;

/**
 * The transform of n pairs, n without prime factors above 7, by {@link FourierPlan}. Columns lie side by side with
 * their parts apart, so that every pass walks whole vectors. What fits the second-level cache is transformed on the
 * heap; of longer lines a few columns at a time, so that each step reads and writes memory once.
 */
final class Transform {
    /** Pairs that are transformed in one piece: their parts and a copy are 512 KiB. */
    private static final int WHOLE = 1 << 14;
    /** Columns at a time: four cache lines of pairs. */
    private static final int BLOCK = 16;

    private final int n;
    private final int rows;
    private final int columns;
    private final Passes byRows;
    private final Passes byColumns;
    private final Twiddles roots;
    private final double[] rootsRe;
    private final double[] rootsIm;

    Transform(long n) {
        this.n = Math.toIntExact(n);
        this.rows = (int) FourierPlan.rows(n);
        this.columns = this.n / rows;
        this.byRows = new Passes(rows);
        this.byColumns = new Passes(columns);
        this.roots = Twiddles.of(n);
        boolean kept = rows > 1 && n <= WHOLE;
        this.rootsRe = new double[kept ? this.n : 0];
        this.rootsIm = new double[kept ? this.n : 0];
        if (kept) {
            fillRoots(0, columns, rootsRe, rootsIm);
        }
    }

    /** The roots between the steps, of the columns from {@code first} on. */
    private void fillRoots(int first, int count, double[] re, double[] im) {
        for (int k1 = 0; k1 < rows; k1++) {
            long e = (long) k1 * first;
            for (int c = 0; c < count; c++, e += k1) {
                re[k1 * count + c] = roots.re(e);
                im[k1 * count + c] = roots.im(e);
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
        Pairs in = new Pairs(from, fromFloats, swap);
        Pairs out = new Pairs(to, toFloats, swap);
        if (n <= WHOLE || rows == 1) {
            whole(in, out, scale);
            return;
        }
        int parts = Math.min(threads, Math.max(1, n >> 15));
        int columnBlocks = Math.ceilDiv(columns, BLOCK);
        int rowBlocks = Math.ceilDiv(rows, BLOCK);
        Team.run(parts, part -> {
            Buffers b = new Buffers(rows * BLOCK);
            double[] re = new double[rows * BLOCK];
            double[] im = new double[rows * BLOCK];
            int end = (int) Team.from(columnBlocks, part + 1, parts);
            for (int block = (int) Team.from(columnBlocks, part, parts); block < end; block++) {
                columnBlock(in, planes, block * BLOCK, Math.min(BLOCK, columns - block * BLOCK), b, re, im);
            }
        });
        Team.run(parts, part -> {
            Buffers b = new Buffers(columns * BLOCK);
            int end = (int) Team.from(rowBlocks, part + 1, parts);
            for (int block = (int) Team.from(rowBlocks, part, parts); block < end; block++) {
                rowBlock(planes, out, block * BLOCK, Math.min(BLOCK, rows - block * BLOCK), b, scale);
            }
        });
    }

    private void whole(Pairs in, Pairs out, double scale) {
        Buffers b = Buffers.ofThread(n);
        in.load(0, n, b.re, b.im, 0);
        if (rows > 1) {
            b = byRows.run(b, columns);
            if (Passes.vectors()) {
                ButterflyVector.multiply(b.re, b.im, columns, n, rootsRe, rootsIm);
            } else {
                multiply(b.re, b.im, columns, n, rootsRe, rootsIm);
            }
            transpose(b.re, b.otherRe, rows, columns);
            transpose(b.im, b.otherIm, rows, columns);
            b = b.swapped();
        }
        b = byColumns.run(b, rows);
        out.store(0, n, b.re, b.im, 0, scale);
    }

    private static void multiply(double[] re, double[] im, int plain, int count, double[] rootsRe, double[] rootsIm) {
        for (int i = plain; i < count; i++) {
            double a = re[i];
            double b = im[i];
            re[i] = Math.fma(b, -rootsIm[i], a * rootsRe[i]);
            im[i] = Math.fma(a, rootsIm[i], b * rootsRe[i]);
        }
    }

    /** From [rows][columns] to [columns][rows], in squares that stay in the first-level cache. */
    private static void transpose(double[] from, double[] to, int rows, int columns) {
        int side = 8;
        for (int r = 0; r < rows; r += side) {
            int rEnd = Math.min(rows, r + side);
            for (int c = 0; c < columns; c++) {
                for (int i = r; i < rEnd; i++) {
                    to[c * rows + i] = from[i * columns + c];
                }
            }
        }
    }

    private void columnBlock(Pairs in, long planes, int first, int count, Buffers buffers, double[] re, double[] im) {
        for (int j1 = 0; j1 < rows; j1++) {
            in.load((long) j1 * columns + first, count, buffers.re, buffers.im, j1 * count);
        }
        Buffers b = byRows.run(buffers, count);
        fillRoots(first, count, re, im);
        if (Passes.vectors()) {
            ButterflyVector.multiply(b.re, b.im, count, rows * count, re, im);
        } else {
            multiply(b.re, b.im, count, rows * count, re, im);
        }
        long imPlane = planes + 8L * n;
        for (int k1 = 0; k1 < rows; k1++) {
            long at = 8 * ((long) k1 * columns + first);
            for (int c = 0; c < count; c++) {
                Memory.putF64(b.re[k1 * count + c], planes + at + 8L * c);
                Memory.putF64(b.im[k1 * count + c], imPlane + at + 8L * c);
            }
        }
    }

    private void rowBlock(long planes, Pairs out, int first, int count, Buffers buffers, double scale) {
        gather(planes, first, count, buffers.re);
        gather(planes + 8L * n, first, count, buffers.im);
        Buffers b = byColumns.run(buffers, count);
        for (int k2 = 0; k2 < columns; k2++) {
            out.store((long) k2 * rows + first, count, b.re, b.im, k2 * count, scale);
        }
    }

    /** Rows of a plane side by side. */
    private void gather(long plane, int first, int count, double[] into) {
        for (int c = 0; c < count; c++) {
            long row = plane + 8L * columns * (first + c);
            for (int j = 0; j < columns; j++) {
                into[j * count + c] = Memory.f64(row + 8L * j);
            }
        }
    }

    /** Pairs in memory. */
    private record Pairs(long base, boolean floats, boolean swap) {
        void load(long first, int count, double[] re, double[] im, int at) {
            double[] x = swap ? im : re;
            double[] y = swap ? re : im;
            if (floats) {
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
            if (floats) {
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
            this(new double[count], new double[count], new double[count], new double[count]);
        }

        /** At least so many, the thread's own. */
        static Buffers ofThread(int count) {
            Buffers kept = KEPT.get();
            if (kept.re.length < count) {
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
