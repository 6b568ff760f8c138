package org.imbrex.kernels.loop;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.imbrex.kernels.loop.TurnedBytecode.Turn;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.type.DType;

/**
 * Products of a matrix and a vector, in the order of {@link MatMulStage}, at the speed of memory. Where k is the axis
 * whose elements lie together, pieces of the matrix are transposed in registers so that rows are lanes; what is left,
 * and what comes before C2 is ready, are eight rows side by side, a chain of scalars each. Where it is the other axis,
 * vectors of chains lie in the first-level cache and each pass adds four k. For any thread.
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
    /** Where a block of k ends in the rest; there, the vector is an array. */
    static final int FOLD = X;

    private static final int LENGTH = 11;

    private static final int ROWS = 8;
    private static final int KS = 4;
    /** Fewer k than this are not worth a copy of the vector, and of more the copy would be large. */
    private static final int LEAST_TURNED = 32;

    private static final int MOST_TURNED = 1 << 22;
    /** Bytes of chains: with four rows of the matrix they stay in the first-level cache. */
    private static final int CHAINS = 16 << 10;

    private record Key(DType dtype, boolean manyWays) {}

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
    private final PanelCode copy;
    /** For rows that meet: where a line is read twice, by as many rows as the cache takes. */
    private final Turned one;

    private final Turned two;
    private long work;

    private MatVecLoop(DType dtype, Loops loops, boolean manyWays) {
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
        this.copy = PanelLoops.scalar(dtype, 1, 1);
        boolean selects = lanes * dtype.bytes() == 64;
        int few = Math.min(lanes, 8);
        // not squares of 16 x 16: they are more than C1 takes, and what it does not take never comes to C2
        Turned wide = new Turned(new Turn(dtype, selects ? lanes : few, selects && lanes == few, selects), 1);
        boolean halves = selects && lanes > few && !manyWays;
        this.one = halves ? new Turned(new Turn(dtype, few, true, true), 1) : wide;
        this.two = !selects && dtype.bytes() == 8 ? new Turned(new Turn(dtype, few, false, false), 2) : wide;
        this.vectors = new WarmUp(lanes, KS * 2) {
            @Override
            Loop make() {
                return new Tried(
                        MatVecBytecode.axpy(dtype, KS, lanes), PanelLoops.allocate(dtype, 32 * lanes), lanes, 0);
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

    /** Rows as lanes, in groups beside each other. */
    private final class Turned extends WarmUp {
        private final Turn turn;
        private final int groups;
        private final PanelCode start;
        private final PanelCode finish;

        Turned(Turn turn, int groups) {
            super(turn.columns(), groups * turn.lanes() * 8);
            this.turn = turn;
            this.groups = groups;
            this.start = TurnedBytecode.start(dtype, rows());
            this.finish = TurnedBytecode.finish(dtype, rows());
        }

        int rows() {
            return turn.lanes() * groups;
        }

        @Override
        Loop make() {
            PanelCode code = TurnedBytecode.turned(turn, groups);
            Object array = PanelLoops.allocate(dtype, 32 * turn.lanes() + 2 * MatMulStage.BLOCK);
            return new Tried(code, array, turn.columns(), MatMulStage.BLOCK);
        }

        @Override
        long[] frame(Arena arena, int count) {
            long[] frame = new long[LENGTH];
            frame[PITCH] = (long) (count + 2 * turn.lanes() + MatMulStage.BLOCK) * dtype.bytes();
            frame[M] = arena.allocate(rows() * frame[PITCH], 64).address();
            return frame;
        }
    }

    /** As {@link WarmUp} calls it, on an array of its own, with some more iterations where C2 is to see two loops. */
    private record Tried(PanelCode code, Object array, int lanes, int extra) implements Loop {
        @Override
        public void run(long[] frame, int from, int to) {
            frame[COUNT] = to / lanes * lanes + (to > 2 * lanes ? extra : Math.min(extra, lanes));
            code.run(frame, array, array);
        }
    }

    /** @param ways of a first-level cache */
    public static MatVecLoop of(DType dtype, Loops loops, int ways) {
        boolean many = Meeting.takesSixteen(ways);
        return loops.get(new Key(dtype, many), () -> new MatVecLoop(dtype, loops, many));
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
        long done = turned(frame, m, rows, x, inner, c);
        frame[X] = x.address;
        frame[COUNT] = inner;
        for (long row = done; row < rows; ) {
            boolean some = row + ROWS <= rows;
            frame[M] = m.address + row * m.pitch;
            frame[C] = c.address + row * c.step;
            (some ? dots : dot).run(frame, frame, frame);
            row += some ? ROWS : 1;
        }
    }

    /** As many rows as vectors can do; returns how many. */
    private long turned(long[] frame, Matrix m, long rows, Vector x, int inner, Vector c) {
        Turned by = Meeting.meet(m.pitch) ? one : two;
        int some = by.rows();
        boolean fits = m.step == dtype.bytes() && rows >= some && inner >= LEAST_TURNED && inner <= MOST_TURNED;
        work += fits ? rows * inner : 0;
        if (!fits || !may() || !(by.loop(loops) instanceof Tried ready)) {
            return 0;
        }
        Object vector = PanelLoops.allocate(dtype, inner);
        long[] copying = new long[LENGTH];
        copying[ProductLoop.FROM] = x.address;
        copying[ProductLoop.OUTER] = 1;
        copying[ProductLoop.INNER] = inner;
        copying[ProductLoop.INNER_STEP] = x.step;
        copy.run(copying, vector, vector);
        Object state = PanelLoops.allocate(dtype, 2 * some);
        int columns = by.turn.columns();
        long row = 0;
        for (; row + some <= rows; row += some) {
            frame[M] = m.address + row * m.pitch;
            frame[C] = c.address + row * c.step;
            frame[COUNT] = by.turn.first();
            by.start.run(frame, vector, state);
            frame[COUNT] = (inner - by.turn.first()) / columns * columns;
            ready.code.run(frame, vector, state);
            frame[FIRST] = frame[COUNT];
            frame[COUNT] = inner;
            frame[FOLD] = Math.min(inner, Math.ceilDiv(frame[FIRST], MatMulStage.BLOCK) * MatMulStage.BLOCK);
            by.finish.run(frame, vector, state);
        }
        return row;
    }

    private boolean may() {
        boolean due = loops.when() == Loops.When.AT_ONCE || work >= loops.work();
        return due && Lanes.areThere() && loops.when() != Loops.When.NEVER;
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
        frame[FIRST] = 0;
        if (dense && ks == KS && may() && vectors.loop(loops) instanceof Tried ready) {
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
