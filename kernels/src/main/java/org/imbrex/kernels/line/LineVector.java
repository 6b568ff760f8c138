package org.imbrex.kernels.line;

import java.lang.foreign.Arena;
import java.util.List;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.map.MapVector;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * Brings lines together in memory, a group at a time, makes their results, and takes those to where they belong. Lines
 * that lie together already are read and written in place.
 */
public final class LineVector implements HostKernel {
    private static final int NOWHERE = -1;

    private final LineStage stage;
    private final LineKernel kernel;
    private final HostKernel fill;
    private final HostKernel drain;
    /** The load whose elements are the line's, or {@link #NOWHERE}. */
    private final int slot;

    private final boolean readsInPlace;
    private final boolean writesInPlace;
    /** Whether lines lie side by side, element by element. */
    private final boolean sideBySide;

    /** The axis along which lines are worked on together. */
    private final int across;

    private final long inBytes;
    private final long outBytes;

    public LineVector(LineStage stage, Loops loops) {
        this.stage = stage;
        this.kernel = kernel(stage.line(), stage.dtype());
        this.inBytes = stage.lineBytes();
        this.outBytes = stage.resultBytes();
        int last = NOWHERE;
        for (int axis = 0; axis < stage.domain().length; axis++) {
            last = stage.cuts(axis) && stage.domain()[axis] > 1 ? axis : last;
        }
        this.across = last;
        Line line = stage.line();
        this.slot = loaded(stage.body());
        this.readsInPlace = slot != NOWHERE
                && stage.inputs().get(slot).dtype() == stage.dtype()
                && isTogether(stage.inputs().get(slot), line.readsPairs());
        this.writesInPlace = isTogether(stage.store(), line.writesPairs());
        this.sideBySide = slot != NOWHERE
                && !line.readsPairs()
                && across != NOWHERE
                && isAcross(stage.inputs().get(slot))
                && isAcross(stage.store())
                && stage.inputs().get(slot).dtype() == stage.dtype();
        View lines = group(stage.dtype(), stage.extents().length, inBytes, line.readsPairs());
        this.fill = new MapVector(
                new MapStage(stage.extents(), stage.inputs(), stage.body(), List.of(lines)), loops);
        DType dtype = stage.store().dtype();
        View results = group(dtype, stage.domain().length, outBytes, line.writesPairs());
        Code copy = new Code();
        this.drain = new MapVector(
                new MapStage(
                        stage.domain(),
                        List.of(results),
                        copy.body(copy.load(dtype.scalar(), 0)),
                        List.of(stage.store())),
                loops);
    }

    private static LineKernel kernel(Line line, DType dtype) {
        return switch (line) {
            case Line.Sort sort -> new SortVector(sort.from(), dtype);
            case Line.ArgSort sort -> new ArgSortVector(sort.from(), dtype);
            case Line.Select select -> new SelectVector(select, dtype);
            case Line.Cumulate cumulate -> new CumulateVector(cumulate, dtype);
            case Line.Count count -> new CountVector(count);
            case Line.Fourier fourier -> new FourierVector(fourier, dtype);
        };
    }

    /** Which load the body gives as it is, if it does no more. */
    private static int loaded(Body body) {
        boolean loads = body.instrs().size() == 1 && body.instr(0).op() == Op.LOAD;
        return loads ? (int) body.instr(0).imm() : NOWHERE;
    }

    /** Whether a line's elements lie one after the other. */
    private boolean isTogether(View view, boolean pairs) {
        long[] strides = view.strides();
        return view.shifts().isEmpty()
                && strides[stage.axis()] == (pairs ? 2 : 1)
                && (!pairs || strides[strides.length - 1] == 1);
    }

    private boolean isAcross(View view) {
        return view.shifts().isEmpty() && view.strides()[across] == 1;
    }

    /** A group of lines in working memory, by the indices of the stage. */
    private View group(DType dtype, int rank, long lineBytes, boolean pairs) {
        long[] strides = new long[rank];
        strides[stage.axis()] = pairs ? 2 : 1;
        if (pairs) {
            strides[rank - 1] = 1;
        }
        if (across != NOWHERE) {
            strides[across] = lineBytes / dtype.bytes();
        }
        return new View(0, dtype, 0, strides);
    }

    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        try (Arena arena = Arena.ofShared()) {
            run(tile, loads, stores, arena.allocate(Math.max(64, stage.workBytes()), 64).address(), 1);
        }
    }

    @Override
    public void run(Tile tile, long[] loads, long[] stores, long work, int threads) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return;
        }
        long[] hi = tile.hi().clone();
        for (int axis = 0; axis < hi.length; axis++) {
            hi[axis] = stage.cuts(axis) && axis != across ? hi[axis] : tile.lo()[axis] + 1;
        }
        long[] index = tile.lo().clone();
        long first = across == NOWHERE ? 0 : tile.lo()[across];
        long end = across == NOWHERE ? 1 : tile.hi()[across];
        Group group = new Group(loads, stores, work, threads);
        do {
            if (sideBySide && group.columns(index, first, end)) {
                continue;
            }
            for (long from = first; from < end; from += stage.group()) {
                group.run(index, from, Math.min(end, from + stage.group()));
            }
        } while (Walk.next(index, tile.lo(), hi));
    }

    /** A tile's memory. */
    private final class Group {
        private final long[] loads;
        private final long[] inputs;
        private final long[] stores;
        private final long lines;
        private final long results;
        private final long work;
        private final int threads;

        Group(long[] loads, long[] stores, long work, int threads) {
            this.loads = loads;
            this.inputs = java.util.Arrays.copyOf(loads, stage.inputs().size());
            this.stores = stores;
            this.lines = work;
            this.results = lines + stage.group() * inBytes;
            this.work = results + stage.group() * outBytes;
            this.threads = threads;
        }

        /** The lines [from, to) across, at {@code index} along the other axes. */
        void run(long[] index, long from, long to) {
            if (!readsInPlace) {
                long base = lines - (across == NOWHERE ? 0 : from * inBytes);
                move(fill, index, from, to, stage.extents(), stage.line().readsPairs(), inputs, new long[] {base});
            }
            long[] at = index.clone();
            for (long line = from; line < to; line++) {
                if (across != NOWHERE) {
                    at[across] = line;
                }
                long in = readsInPlace ? place(stage.inputs().get(slot), loads[slot], at) : lines + (line - from) * inBytes;
                long out = writesInPlace ? place(stage.store(), stores[0], at) : results + (line - from) * outBytes;
                long carry = stage.carry()
                        .map(view -> place(view, loads[loads.length - 1], at))
                        .orElse(LineKernel.NONE);
                kernel.run(in, out, carry, work, threads);
            }
            if (!writesInPlace) {
                long base = results - (across == NOWHERE ? 0 : from * outBytes);
                move(drain, index, from, to, stage.domain(), stage.line().writesPairs(), new long[] {base}, stores);
            }
        }

        /** All lines [from, to) across where they are; false where the kernel has no way to. */
        boolean columns(long[] index, long from, long to) {
            long[] at = index.clone();
            at[across] = from;
            View input = stage.inputs().get(slot);
            View store = stage.store();
            long carry = stage.carry()
                    .map(view -> place(view, loads[loads.length - 1], at))
                    .orElse(LineKernel.NONE);
            long carryStep = stage.carry()
                    .map(view -> view.strides()[across] * view.dtype().bytes())
                    .orElse(0L);
            return kernel.columns(
                    place(input, loads[slot], at),
                    input.strides()[stage.axis()] * input.dtype().bytes(),
                    place(store, stores[0], at),
                    store.strides()[stage.axis()] * store.dtype().bytes(),
                    carry,
                    carryStep,
                    Math.toIntExact(to - from));
        }

        /** The address of a line's first element. */
        private long place(View view, long base, long[] at) {
            long[] own = java.util.Arrays.copyOf(at, view.strides().length);
            own[stage.axis()] = 0;
            for (int axis = stage.plainAxes(); axis < own.length; axis++) {
                own[axis] = 0;
            }
            return base + view.element(own) * view.dtype().bytes();
        }

        private void move(
                HostKernel map, long[] index, long from, long to, long[] extents, boolean pairs, long[] in, long[] out) {
            long[] lo = java.util.Arrays.copyOf(index, extents.length);
            long[] hi = new long[extents.length];
            for (int axis = 0; axis < lo.length; axis++) {
                hi[axis] = lo[axis] + 1;
            }
            if (across != NOWHERE) {
                lo[across] = from;
                hi[across] = to;
            }
            if (pairs) {
                lo[lo.length - 1] = 0;
                hi[lo.length - 1] = 2;
            }
            long length = extents[stage.axis()];
            int parts = Math.clamp(length * (to - from) >> 16, 1, threads);
            Team.run(parts, part -> {
                long[] ownLo = lo.clone();
                long[] ownHi = hi.clone();
                ownLo[stage.axis()] = Team.from(length, part, parts);
                ownHi[stage.axis()] = Team.from(length, part + 1, parts);
                map.run(new Tile(0, ownLo, ownHi, 0, 1), in, out);
            });
        }
    }
}
