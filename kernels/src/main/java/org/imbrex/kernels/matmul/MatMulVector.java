package org.imbrex.kernels.matmul;

import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.loop.MatVecLoop;
import org.imbrex.kernels.loop.Memory;
import org.imbrex.kernels.loop.ProductLoop;
import org.imbrex.kernels.loop.Scratch;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * Blocked products, after Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008: for each
 * block of k, panels of b are packed for the third-level cache and panels of a for the second, one panel of b stays in
 * the first while an innermost loop keeps blocks of c in registers. One block of k is one chain of multiply-adds, so
 * the order is {@link MatMulStage}'s.
 */
public final class MatMulVector implements HostKernel {
    private static final int K = MatMulStage.BLOCK;
    private final MatMulStage stage;
    private final ProductLoop loop;
    private final Loops loops;
    private final DType dtype;
    private final int bytes;
    private final int batch;
    private final int mostRows;
    private final int mostColumns;
    private final ThreadLocal<Panels[]> panels;

    public MatMulVector(MatMulStage stage, Loops loops, ProductBlocks blocks) {
        this.stage = stage;
        this.dtype = stage.dtype();
        this.bytes = dtype.bytes();
        this.loop = ProductLoop.of(dtype, blocks.rows(), blocks.vectors(), loops);
        this.loops = loops;
        this.batch = stage.domain().length - 2;
        this.mostRows = whole(blocks.bytesOfA() / (K * bytes), loop.rows());
        this.mostColumns = whole(blocks.bytesOfB() / (K * bytes), loop.columns());
        this.panels =
                ThreadLocal.withInitial(() -> new Panels[] {new Panels(loop, true), new Panels(loop, false)});
    }

    /** As many as there is room for in whole panels, one at least. */
    private static int whole(int room, int panel) {
        return Math.max(1, room / panel) * panel;
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
        private final Panels a = panels.get()[0];
        private final Panels b = panels.get()[1];
        private final long[] frame = loop.frame();
        private final long block;
        private final long down = stage.c().strides()[batch] * bytes;
        private final long right = stage.c().strides()[batch + 1] * bytes;
        private final boolean inPlace = right == bytes && stage.c().shifts().isEmpty();

        Work(long[] loads, long store, Scratch scratch) {
            this.loads = loads;
            this.store = store;
            this.block = scratch.take((long) (mostRows + loop.rows()) * loop.columns() * bytes);
        }

        /** One product of the batch that {@code index} names. */
        void matrix(long[] index, long rowFrom, long rowTo, long columnFrom, long columnTo) {
            long[] at = index.clone();
            if (stage.inner() == 0) {
                for (at[batch] = rowFrom; at[batch] < rowTo; at[batch]++) {
                    for (at[batch + 1] = columnFrom; at[batch + 1] < columnTo; at[batch + 1]++) {
                        Elements.write(dtype, store + stage.c().element(at) * bytes, 0);
                    }
                }
                return;
            }
            boolean plain = stage.a().shifts().isEmpty()
                    && stage.b().shifts().isEmpty()
                    && stage.c().shifts().isEmpty()
                    && stage.inner() <= Integer.MAX_VALUE;
            if (plain && rowTo - rowFrom == 1) {
                vector(index, stage.b(), loads[1], batch + 1, columnTo - columnFrom, stage.a(), loads[0]);
                return;
            }
            if (plain && columnTo - columnFrom == 1) {
                vector(index, stage.a(), loads[0], batch, rowTo - rowFrom, stage.b(), loads[1]);
                return;
            }
            for (long column = columnFrom; column < columnTo; column += mostColumns) {
                int columns = (int) Math.min(mostColumns, columnTo - column);
                for (long k = 0; k < stage.inner(); k += K) {
                    int inner = (int) Math.min(K, stage.inner() - k);
                    at[batch] = k;
                    at[batch + 1] = column;
                    b.pack(frame, stage.b(), loads[1], at, batch + 1, columns, batch, inner);
                    for (long row = rowFrom; row < rowTo; row += mostRows) {
                        int rows = (int) Math.min(mostRows, rowTo - row);
                        at[batch] = row;
                        at[batch + 1] = k;
                        a.pack(frame, stage.a(), loads[0], at, batch, rows, batch + 1, inner);
                        at[batch + 1] = column;
                        blocks(store + stage.c().element(at) * bytes, rows, columns, inner, k > 0);
                    }
                }
            }
        }

        /** {@code count} elements of c along an axis from the tile's first on: a matrix's rows times the other's one. */
        private void vector(long[] index, View matrix, long base, int axis, long count, View other, long otherBase) {
            int along = axis == batch ? batch + 1 : batch;
            long[] at = index.clone();
            at[along] = 0;
            long m = base + matrix.element(at) * bytes;
            at = index.clone();
            at[axis] = 0;
            long x = otherBase + other.element(at) * bytes;
            MatVecLoop.of(dtype, loops).run(
                    new MatVecLoop.Matrix(m, matrix.strides()[axis] * bytes, matrix.strides()[along] * bytes),
                    count,
                    new MatVecLoop.Vector(x, other.strides()[axis] * bytes),
                    (int) stage.inner(),
                    new MatVecLoop.Vector(
                            store + stage.c().element(index) * bytes, stage.c().strides()[axis] * bytes));
        }

        private void blocks(long first, int rows, int columns, int inner, boolean accumulate) {
            int whole = rows / loop.rows();
            for (int j = 0; j < columns; j += loop.columns()) {
                int panel = j * inner;
                int wide = Math.min(loop.columns(), columns - j);
                long to = first + j * right;
                int done = 0;
                if (inPlace && wide == loop.columns()) {
                    loop.run(frame, a.array(), 0, whole, b.array(), panel, inner, to, down, accumulate);
                    done = whole * loop.rows();
                }
                if (done < rows) {
                    int left = Math.ceilDiv(rows - done, loop.rows());
                    long pitch = (long) loop.columns() * bytes;
                    loop.run(frame, a.array(), done * inner, left, b.array(), panel, inner, block, pitch, false);
                    copy(to + done * down, rows - done, wide, accumulate);
                }
            }
        }

        /** From the block in scratch to c. */
        private void copy(long to, int rows, int columns, boolean accumulate) {
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    long from = block + ((long) i * loop.columns() + j) * bytes;
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
    }
}
