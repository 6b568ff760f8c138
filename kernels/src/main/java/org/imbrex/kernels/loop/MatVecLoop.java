package org.imbrex.kernels.loop;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.type.DType;

/**
 * Products of a matrix and a vector, in the order of {@link MatMulStage}, at the speed of memory. Where k is the axis
 * whose elements lie together, eight rows go side by side, a chain of scalars each: a core multiplies and adds two
 * elements in a cycle, which is more than it gets from memory, and vectors would have to be transposed. Where it is the
 * other axis, vectors of chains lie in the first-level cache and each pass adds four k. For any thread.
 */
public final class MatVecLoop {
    static final int M = 0;
    static final int PITCH = 1;
    static final int STEP = 2;
    static final int X = 3;
    static final int X_STEP = 4;
    static final int C = 5;
    static final int C_STEP = 6;
    static final int COUNT = 7;
    static final int FIRST = 8;
    private static final int LENGTH = 11;

    private static final int ROWS = 8;
    private static final int KS = 4;
    /** Bytes of chains: with four rows of the matrix they stay in the first-level cache. */
    private static final int CHAINS = 16 << 10;

    private record Key(DType dtype) {}

    private final DType dtype;
    private final Loops loops;
    private final int lanes;
    private final int most;
    private final PanelCode dots;
    private final PanelCode dot;
    private final PanelCode scalars;
    private final PanelCode scalar;
    private final PanelCode fold;
    private final PanelCode store;
    private final WarmUp vectors;
    private long work;

    private MatVecLoop(DType dtype, Loops loops) {
        this.dtype = dtype;
        this.loops = loops;
        this.lanes = Math.max(2, Lanes.of(List.<Body>of(), List.of(dtype), List.of()));
        this.most = CHAINS / dtype.bytes();
        this.dots = MatVecBytecode.dot(dtype, ROWS);
        this.dot = MatVecBytecode.dot(dtype, 1);
        this.scalars = MatVecBytecode.axpy(dtype, KS, 1);
        this.scalar = MatVecBytecode.axpy(dtype, 1, 1);
        this.fold = MatVecBytecode.fold(dtype);
        this.store = MatVecBytecode.store(dtype);
        this.vectors = new WarmUp(lanes, KS * 2) {
            @Override
            Loop make() {
                return new Tried(
                        MatVecBytecode.axpy(dtype, KS, lanes), PanelLoops.allocate(dtype, 32 * lanes), lanes);
            }

            @Override
            long[] frame(Arena arena, int count) {
                long bytes = (long) (count + lanes) * dtype.bytes();
                long[] frame = new long[LENGTH];
                frame[M] = arena.allocate(KS * bytes, 64).address();
                frame[X] = frame[M];
                frame[PITCH] = dtype.bytes();
                frame[STEP] = bytes;
                return frame;
            }
        };
    }

    /** As {@link WarmUp} calls it, on an array of its own. */
    private record Tried(PanelCode code, Object array, int lanes) implements Loop {
        @Override
        public void run(long[] frame, int from, int to) {
            frame[COUNT] = to / lanes * lanes;
            code.run(frame, array, array);
        }
    }

    public static MatVecLoop of(DType dtype, Loops loops) {
        return loops.get(new Key(dtype), () -> new MatVecLoop(dtype, loops));
    }

    /** Where elements lie: the first one's address, and bytes from row to row and from k to k. */
    public record Matrix(long address, long pitch, long step) {}

    /** The first element's address, and bytes from one to the next. */
    public record Vector(long address, long step) {}

    /**
     * {@code c[i] = sum over k of m[i, k] * x[k]} for {@code rows} i.
     *
     * @param inner the number of k, at least 1
     */
    public void run(Matrix m, long rows, Vector x, int inner, Vector c) {
        long[] frame = new long[LENGTH];
        frame[PITCH] = m.pitch;
        frame[STEP] = m.step;
        frame[X_STEP] = x.step;
        frame[C_STEP] = c.step;
        if (Math.abs(m.step) <= Math.abs(m.pitch)) {
            dots(frame, m, rows, x, inner, c);
        } else {
            chains(frame, m, rows, x, inner, c);
        }
    }

    private void dots(long[] frame, Matrix m, long rows, Vector x, int inner, Vector c) {
        frame[X] = x.address;
        frame[COUNT] = inner;
        for (long row = 0; row < rows; ) {
            boolean some = row + ROWS <= rows;
            frame[M] = m.address + row * m.pitch;
            frame[C] = c.address + row * c.step;
            (some ? dots : dot).run(frame, frame, frame);
            row += some ? ROWS : 1;
        }
    }

    private void chains(long[] frame, Matrix m, long rows, Vector x, int inner, Vector c) {
        int width = (int) Math.min(most, rows);
        Object chains = PanelLoops.allocate(dtype, width);
        Object sums = PanelLoops.allocate(dtype, width);
        for (long row = 0; row < rows; row += width) {
            int count = (int) Math.min(width, rows - row);
            neutral(sums);
            for (int k0 = 0; k0 < inner; k0 += MatMulStage.BLOCK) {
                int end = Math.min(inner, k0 + MatMulStage.BLOCK);
                for (int k = k0; k < end; ) {
                    int ks = k + KS <= end ? KS : 1;
                    frame[M] = m.address + row * m.pitch + k * m.step;
                    frame[X] = x.address + k * x.step;
                    add(frame, chains, count, ks, m.pitch == dtype.bytes());
                    k += ks;
                }
                frame[COUNT] = count;
                fold.run(frame, chains, sums);
            }
            frame[COUNT] = count;
            frame[C] = c.address + row * c.step;
            store.run(frame, sums, sums);
        }
    }

    private void add(long[] frame, Object chains, int count, int ks, boolean dense) {
        work += (long) count * ks; // a lost update is no harm
        boolean due = loops.when() == Loops.When.AT_ONCE || work >= loops.work();
        boolean may = dense && ks == KS && due && Lanes.areThere() && loops.when() != Loops.When.NEVER;
        frame[FIRST] = 0;
        if (may && vectors.loop(loops) instanceof Tried ready) {
            frame[COUNT] = count / lanes * lanes;
            ready.code.run(frame, chains, chains);
            frame[FIRST] = frame[COUNT];
        }
        frame[COUNT] = count;
        (ks == KS ? scalars : scalar).run(frame, chains, chains);
    }

    private static void neutral(Object sums) {
        switch (sums) {
            case float[] floats -> Arrays.fill(floats, -0f);
            case double[] doubles -> Arrays.fill(doubles, -0d);
            case int[] ints -> Arrays.fill(ints, 0);
            default -> Arrays.fill((long[]) sums, 0);
        }
    }
}
