package org.imbrex.kernels.matmul;

import java.util.Arrays;
import java.util.Optional;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.loop.MatVecLoop;
import org.imbrex.kernels.loop.Memory;
import org.imbrex.kernels.loop.ProductLoop;
import org.imbrex.kernels.loop.Scratch;
import org.imbrex.kernels.map.MapVector;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * Blocked products, after Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008: for each
 * block of k, panels of b are packed for the third-level cache, or for a large second one, and panels of a for the
 * second, one panel of b stays in the first while an innermost loop keeps blocks of c in registers. One block of k is
 * one chain of multiply-adds, so the order is {@link MatMulStage}'s.
 */
public final class MatMulVector implements HostKernel {
    private static final int K = MatMulStage.BLOCK;
    private final MatMulStage stage;
    private final ProductLoop loop;
    private final Loops loops;
    private final int ways;
    private final DType dtype;
    private final int bytes;
    private final int batch;
    private final int mostRows;
    private final int mostColumns;
    private final ThreadLocal<Panels[]> panels;
    private final Optional<Finish> finish;

    /**
     * How sums become results where there is more to it than storing them: they lie in working memory, some rows and
     * columns at a time, and an elementwise kernel goes over them while they are in cache.
     */
    private record Finish(long rows, long columns, View sums, MapVector kernel) {}

    /** @param ways of a first-level cache */
    public MatMulVector(MatMulStage stage, Loops loops, ProductBlocks blocks, int ways) {
        this.stage = stage;
        this.dtype = stage.dtype();
        this.bytes = dtype.bytes();
        this.loop = ProductLoop.of(dtype, blocks.rows(), blocks.vectors(), loops);
        this.loops = loops;
        this.ways = ways;
        this.batch = stage.domain().length - 2;
        this.mostRows = whole(blocks.bytesOfA() / (K * bytes), loop.rows());
        this.mostColumns = whole(blocks.bytesOfB() / (K * bytes), loop.columns());
        this.finish = stage.isPlain() ? Optional.empty() : Optional.of(finish());
        this.panels =
                ThreadLocal.withInitial(() -> new Panels[] {new Panels(loop, true), new Panels(loop, false)});
    }

    /** As many as there is room for in whole panels, one at least. */
    private static int whole(int room, int panel) {
        return Math.max(1, room / panel) * panel;
    }

    private Finish finish() {
        long most = (long) mostRows * mostColumns;
        long columns = stage.domain()[batch] == 1 ? most : mostColumns;
        columns = Math.clamp(stage.domain()[batch + 1], 1, columns);
        long rows = Math.max(1, most / columns / loop.rows()) * loop.rows();
        long[] strides = new long[batch + 2];
        strides[batch] = columns;
        strides[batch + 1] = 1;
        View sums = new View(0, dtype, 0, strides);
        return new Finish(rows, columns, sums, new MapVector(stage.finish(sums), loops));
    }

    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return;
        }
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        Work work = new Work(loads, stores[0], scratch);
        long[] index = tile.lo().clone();
        do {
            finish.ifPresentOrElse(
                    how -> work.finished(how, index, tile, stores),
                    () -> work.matrix(index, tile.lo()[batch], tile.hi()[batch], tile.lo()[batch + 1], tile.hi()[batch + 1]));
        } while (nextOfBatch(index, tile));
        scratch.release(mark);
    }

    private boolean nextOfBatch(long[] index, Tile tile) {
        int axis = batch - 1;
        while (axis >= 0 && ++index[axis] == tile.hi()[axis]) {
            index[axis] = tile.lo()[axis];
            axis--;
        }
        return axis >= 0;
    }

    /** A tile's memory: packed panels, and a block of c for what does not fit c's own memory. */
    private final class Work {
        private final long[] loads;
        private final View c = finish.map(Finish::sums).orElse(stage.c());
        private final Panels a = panels.get()[0];
        private final Panels b = panels.get()[1];
        private final long[] frame = loop.frame();
        private final long block;
        private final long down = c.strides()[batch] * bytes;
        private final long right = c.strides()[batch + 1] * bytes;
        private final boolean inPlace = right == bytes && c.shifts().isEmpty();
        private final long sums;
        private long store;

        Work(long[] loads, long store, Scratch scratch) {
            this.loads = loads;
            this.store = store;
            this.block = scratch.take((long) (mostRows + loop.rows()) * loop.columns() * bytes);
            this.sums = finish.map(how -> scratch.take(how.rows * how.columns * bytes)).orElse(0L);
        }

        /** One product of the batch and what the epilogue makes of it, a piece that stays in cache at a time. */
        void finished(Finish how, long[] index, Tile tile, long[] stores) {
            long[] addresses = new long[1 + stage.others().size()];
            System.arraycopy(loads, 2, addresses, 1, stage.others().size());
            long[] lo = index.clone();
            long[] hi = new long[lo.length];
            Arrays.setAll(hi, axis -> lo[axis] + 1);
            for (long column = tile.lo()[batch + 1]; column < tile.hi()[batch + 1]; column += how.columns) {
                lo[batch + 1] = column;
                hi[batch + 1] = Math.min(tile.hi()[batch + 1], column + how.columns);
                for (long row = tile.lo()[batch]; row < tile.hi()[batch]; row += how.rows) {
                    lo[batch] = row;
                    hi[batch] = Math.min(tile.hi()[batch], row + how.rows);
                    store = sums - (row * how.columns + column) * bytes;
                    matrix(lo, row, hi[batch], column, hi[batch + 1]);
                    addresses[0] = store;
                    how.kernel.run(new Tile(tile.stage(), lo, hi, 0, 1), addresses, stores);
                }
            }
        }

        /** One product of the batch that {@code index} names. */
        void matrix(long[] index, long rowFrom, long rowTo, long columnFrom, long columnTo) {
            long[] at = index.clone();
            if (stage.inner() == 0) {
                for (at[batch] = rowFrom; at[batch] < rowTo; at[batch]++) {
                    for (at[batch + 1] = columnFrom; at[batch + 1] < columnTo; at[batch + 1]++) {
                        Elements.write(dtype, store + c.element(at) * bytes, 0);
                    }
                }
                return;
            }
            boolean plain = stage.a().shifts().isEmpty()
                    && stage.b().shifts().isEmpty()
                    && c.shifts().isEmpty()
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
                        blocks(store + c.element(at) * bytes, rows, columns, inner, k > 0);
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
            MatVecLoop.of(dtype, loops, ways).run(
                    new MatVecLoop.Matrix(m, matrix.strides()[axis] * bytes, matrix.strides()[along] * bytes),
                    count,
                    new MatVecLoop.Vector(x, other.strides()[axis] * bytes),
                    (int) stage.inner(),
                    new MatVecLoop.Vector(
                            store + c.element(index) * bytes, c.strides()[axis] * bytes));
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
