package org.imbrex.kernels.matmul;

import org.imbrex.kernels.loop.Memory;
import org.imbrex.kernels.loop.ProductLoop;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.loop.Scratch;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * Blocked products, after Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008: for each
 * block of k, a panel of b is packed for the second-level cache and blocks of a for the first, and an innermost loop
 * keeps a block of c in registers. One block of k is one chain of multiply-adds, so the order is
 * {@link MatMulStage}'s.
 */
public final class MatMulVector implements HostKernel {
    private static final int K = MatMulStage.BLOCK;
    private static final int ROWS = 96;
    private static final int COLUMNS = 512;

    private final MatMulStage stage;
    private final ProductLoop loop;
    private final DType dtype;
    private final int bytes;
    private final int batch;

    public MatMulVector(MatMulStage stage, Loops loops) {
        this.stage = stage;
        this.dtype = stage.dtype();
        this.bytes = dtype.bytes();
        this.loop = ProductLoop.of(dtype, loops);
        this.batch = stage.domain().length - 2;
    }

    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        long[] index = tile.lo().clone();
        for (int axis = 0; axis < index.length; axis++) {
            if (tile.lo()[axis] >= tile.hi()[axis]) {
                return;
            }
        }
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        Work work = new Work(loads, stores[0], scratch);
        int axis;
        do {
            work.matrix(index, tile.lo()[batch], tile.hi()[batch], tile.lo()[batch + 1], tile.hi()[batch + 1]);
            axis = batch - 1;
            while (axis >= 0 && ++index[axis] == tile.hi()[axis]) {
                index[axis] = tile.lo()[axis];
                axis--;
            }
        } while (axis >= 0);
        scratch.release(mark);
    }

    /** A tile's memory: packed panels, and a block of c for what does not fit c's own memory. */
    private final class Work {
        private final long[] loads;
        private final long store;
        private final long a;
        private final long b;
        private final long c;
        private final long[] frame = loop.frame();

        Work(long[] loads, long store, Scratch scratch) {
            this.loads = loads;
            this.store = store;
            this.a = scratch.take((long) (ROWS + loop.rows()) * K * bytes);
            this.b = scratch.take((long) (COLUMNS + loop.columns()) * K * bytes);
            this.c = scratch.take((long) loop.rows() * loop.columns() * bytes);
        }

        /** One product of the batch that {@code index} names. */
        void matrix(long[] index, long rowFrom, long rowTo, long columnFrom, long columnTo) {
            long[] at = index.clone();
            if (stage.inner() == 0) {
                for (at[batch] = rowFrom; at[batch] < rowTo; at[batch]++) {
                    for (at[batch + 1] = columnFrom; at[batch + 1] < columnTo; at[batch + 1]++) {
                        put(store + stage.c().element(at) * bytes, 0);
                    }
                }
                return;
            }
            for (long column = columnFrom; column < columnTo; column += COLUMNS) {
                int columns = (int) Math.min(COLUMNS, columnTo - column);
                for (long k = 0; k < stage.inner(); k += K) {
                    int inner = (int) Math.min(K, stage.inner() - k);
                    pack(stage.b(), loads[1], at, batch + 1, column, columns, loop.columns(), batch, k, inner, b);
                    for (long row = rowFrom; row < rowTo; row += ROWS) {
                        int rows = (int) Math.min(ROWS, rowTo - row);
                        pack(stage.a(), loads[0], at, batch, row, rows, loop.rows(), batch + 1, k, inner, a);
                        blocks(at, row, rows, column, columns, inner, k > 0);
                    }
                }
            }
        }

        private void blocks(long[] at, long row, int rows, long column, int columns, int inner, boolean accumulate) {
            long[] strides = stage.c().strides();
            boolean inPlace = strides[batch + 1] == 1 && stage.c().shifts().isEmpty();
            at[batch] = row;
            at[batch + 1] = column;
            long first = store + stage.c().element(at) * bytes;
            long down = strides[batch] * bytes;
            long right = strides[batch + 1] * bytes;
            for (int j = 0; j < columns; j += loop.columns()) {
                long panel = b + (long) j * inner * bytes;
                for (int i = 0; i < rows; i += loop.rows()) {
                    long left = a + (long) i * inner * bytes;
                    long to = first + i * down + j * right;
                    if (inPlace && i + loop.rows() <= rows && j + loop.columns() <= columns) {
                        loop.run(frame, left, panel, inner, to, down, accumulate);
                    } else {
                        loop.run(frame, left, panel, inner, c, (long) loop.columns() * bytes, false);
                        int high = Math.min(loop.rows(), rows - i);
                        int wide = Math.min(loop.columns(), columns - j);
                        copy(to, down, right, high, wide, accumulate);
                    }
                }
            }
        }

        /** From the block in scratch to c. */
        private void copy(long to, long down, long right, int rows, int columns, boolean accumulate) {
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    long from = c + ((long) i * loop.columns() + j) * bytes;
                    long at = to + i * down + j * right;
                    switch (dtype) {
                        case F32 -> Memory.putF32(accumulate ? Memory.f32(at) + Memory.f32(from) : Memory.f32(from), at);
                        case F64 -> Memory.putF64(accumulate ? Memory.f64(at) + Memory.f64(from) : Memory.f64(from), at);
                        case I32 -> Memory.put32(accumulate ? Memory.i32(at) + Memory.i32(from) : Memory.i32(from), at);
                        default -> Memory.put64(accumulate ? Memory.i64(at) + Memory.i64(from) : Memory.i64(from), at);
                    }
                }
            }
        }

        /**
         * Packs a block into panels [inner][width] of {@code width} indices of an axis, padded with zeros.
         *
         * @param axis the axis that panels cut, {@code count} of it from {@code first} on
         * @param along the axis of k in the view, {@code inner} of it from {@code k} on
         */
        private void pack(
                View view, long base, long[] index, int axis, long first, int count, int width, int along, long k,
                int inner, long into) {
            long[] at = index.clone();
            at[axis] = first;
            at[along] = k;
            boolean plain = view.shifts().isEmpty();
            long start = plain ? base + view.element(at) * bytes : 0;
            long step = view.strides()[axis] * bytes;
            long down = view.strides()[along] * bytes;
            for (int panel = 0; panel < count; panel += width) {
                int wide = Math.min(width, count - panel);
                for (int r = 0; r < inner; r++) {
                    long to = into + ((long) panel * inner + (long) r * width) * bytes;
                    if (plain) {
                        row(start + panel * step + r * down, step, to, wide);
                    } else {
                        at[along] = k + r;
                        for (int i = 0; i < wide; i++) {
                            at[axis] = first + panel + i;
                            long element = view.element(at);
                            put(to + (long) i * bytes, element < 0 ? view.fill() : get(base + element * bytes));
                        }
                    }
                    for (int i = wide; i < width; i++) {
                        put(to + (long) i * bytes, 0);
                    }
                }
            }
        }

        private void row(long from, long step, long to, int count) {
            if (bytes == 4) {
                for (int i = 0; i < count; i++) {
                    Memory.put32(Memory.i32(from + i * step), to + 4L * i);
                }
            } else {
                for (int i = 0; i < count; i++) {
                    Memory.put64(Memory.i64(from + i * step), to + 8L * i);
                }
            }
        }

        private long get(long address) {
            return bytes == 4 ? Memory.i32(address) : Memory.i64(address);
        }

        private void put(long address, long bits) {
            if (bytes == 4) {
                Memory.put32((int) bits, address);
            } else {
                Memory.put64(bits, address);
            }
        }
    }
}
