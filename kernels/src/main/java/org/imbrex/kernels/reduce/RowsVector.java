package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.loop.Bodies;
import org.imbrex.kernels.loop.Frame;
import org.imbrex.kernels.loop.LaneFrame;
import org.imbrex.kernels.loop.LaneLoop;
import org.imbrex.kernels.loop.LaneSpec;
import org.imbrex.kernels.loop.LoopSpec;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.loop.Memory;
import org.imbrex.kernels.loop.MapLoop;
import org.imbrex.kernels.loop.Nest;
import org.imbrex.kernels.loop.Scratch;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * Reductions along contiguous elements: leaf after leaf in registers, many rows (indices of the kept axes) at a time;
 * where no order changes the bits, a loop over all whole leaves.
 * Where the body is large or its loads are not contiguous, its results are first computed into a block in cache. An
 * outer axis over few contiguous columns is such a reduction too: a row's elements are then its columns' in turn, and
 * the lanes of all columns lie side by side.
 */
final class RowsVector implements HostKernel {
    private static final int LEAVES = 1024;
    private static final int MOST_COLUMNS = 1024;
    /** Columns from which on loops run along them. */
    private static final int MANY = 16;
    private static final int ELEMENTS = 32768;
    /** Elements of a row from which on it is worth a look at its extremes' bits. */
    private static final int LONG = 8 * CanonicalTree.LEAF;

    private final ReduceStage stage;
    private final Kept kept;
    private final Finish finish;
    private final List<ScalarType> types;
    private final List<DType> dense;
    private final boolean direct;
    private final boolean flat;
    private final LaneSpec spec;
    private final Loops loops;
    private final LaneLoop lanes;
    /** For data without NaN. */
    private final Optional<LaneLoop> guarded;
    /** For long rows of data without NaN, whose extremes are not zeros of both signs. */
    private Optional<LaneLoop> bits;
    private final int[] laneAxes;
    private final Nest compute;
    private final MapLoop pairs;
    private final MapLoop copy;

    RowsVector(ReduceStage stage, Loops loops) {
        this.stage = stage;
        this.kept = new Kept(stage);
        this.finish = new Finish(stage, loops);
        this.types = Bodies.types(stage.body());
        this.dense = finish.dense();
        Optional<Body> row = Flattened.body(stage);
        LaneSpec whole = new LaneSpec(
                row.orElse(stage.body()), stage.loads().stream().map(View::dtype).toList(), stage.combines());
        this.flat = isFlat(stage, kept) && LaneLoop.takes(whole);
        this.direct = flat || row.isPresent() && isDirect(stage, kept) && LaneLoop.takes(whole);
        LaneSpec spec = direct ? whole : new LaneSpec(Bodies.copy(types), dense, stage.combines());
        this.lanes = loops.lanes(spec);
        this.guarded = spec.withGuards().map(loops::lanes);
        this.spec = spec;
        this.loops = loops;
        this.laneAxes = spec.body().uses(Op.INDEX)
                ? new LoopSpec(spec.body(), List.of(), List.of()).axes()
                : new int[0];
        MapLoop map = loops.map(new LoopSpec(stage.body(), whole.loads(), dense));
        List<View> blocks = new ArrayList<>();
        for (DType dtype : dense) {
            blocks.add(new View(-1, dtype, 0, new long[stage.extents().length]));
        }
        this.compute = new Nest(map, stage.loads(), blocks, stage.extents().length);
        List<DType> twice = new ArrayList<>(dense);
        twice.addAll(dense);
        this.pairs = loops.map(new LoopSpec(Bodies.pairs(stage.combines(), types), twice, dense));
        this.copy = loops.map(new LoopSpec(Bodies.copy(types), dense, dense));
    }

    /** Whether each load moves by one element, or not at all, from one index of the flattened reduced axes on. */
    private static boolean isDirect(ReduceStage stage, Kept kept) {
        for (View view : stage.loads()) {
            long step = kept.down(view);
            if (!view.shifts().isEmpty() || step != 0 && step != 1) {
                return false;
            }
        }
        return true;
    }

    /** Whether in each load the reduced axes and the one kept axis after them are contiguous together. */
    private static boolean isFlat(ReduceStage stage, Kept kept) {
        int last = stage.extents().length - 1;
        if (stage.to() != last || stage.body().uses(Op.INDEX) || stage.extents()[last] > MOST_COLUMNS) {
            return false;
        }
        for (View view : stage.loads()) {
            long column = view.strides()[last];
            boolean moves = column == 1 && kept.down(view) == stage.extents()[last];
            boolean stands = column == 0 && kept.down(view) == 0;
            if (!view.shifts().isEmpty() || !moves && !stands) {
                return false;
            }
        }
        return true;
    }

    /** Whether the tile has all columns of a stage whose rows and columns are contiguous together. */
    boolean takesColumns(Tile tile) {
        int last = tile.lo().length - 1;
        return flat && tile.hi()[last] - tile.lo()[last] == stage.domain()[last];
    }

    /** Made when it is first asked for: a short job need not know what vectors there are. */
    private synchronized Optional<LaneLoop> bits() {
        if (bits == null) {
            bits = guarded.filter(LaneLoop::mayBeVector).flatMap(floats -> spec.ofBits()).map(loops::lanes);
        }
        return bits;
    }

    boolean isFlat() {
        return flat;
    }

    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        long from = tile.leafFrom() * CanonicalTree.LEAF;
        long to = Math.min(stage.reduced(), tile.leafTo() * CanonicalTree.LEAF);
        if (Boxes.elements(tile.lo(), tile.hi()) == 0) {
            return;
        }
        new Run(tile, loads, stores, from, to).run();
    }

    private static boolean noNaN(DType dtype, long address, int count) {
        for (int i = 0; i < count; i++) {
            double value = dtype == DType.F32 ? Memory.f32(address + 4L * i) : Memory.f64(address + 8L * i);
            if (Double.isNaN(value)) {
                return false;
            }
        }
        return true;
    }

    /** One tile's work. */
    private final class Run {
        private final Tile tile;
        private final long[] loads;
        private final long[] stores;
        private final long from;
        private final long to;
        private final boolean partial;
        private final int columns;
        private final int rank;
        private final Scratch scratch = Scratch.ofThread();

        Run(Tile tile, long[] loads, long[] stores, long from, long to) {
            this.tile = tile;
            this.loads = loads;
            this.stores = stores;
            this.from = from;
            this.to = to;
            this.partial = tile.isPartial(stage);
            this.columns = flat ? Math.toIntExact(stage.extents()[stage.to()]) : 1;
            this.rank = flat ? kept.rank() - 1 : kept.rank();
        }

        void run() {
            long leaves = CanonicalTree.leaves(to - from);
            long chunk = Long.highestOneBit(
                    Math.max(1, (direct ? LEAVES : ELEMENTS / CanonicalTree.LEAF) / columns));
            long rows = direct ? chunk / Math.min(leaves, chunk) : ELEMENTS / Math.min(ELEMENTS, to - from);
            long[] first = Arrays.copyOf(tile.lo(), rank);
            long[] last = Arrays.copyOf(tile.hi(), rank);
            Boxes.cut(first, last, Math.max(1, rows), (lo, hi) -> {
                long mark = scratch.mark();
                long[] values = leaves <= chunk ? values(lo, hi, from, to) : inChunks(lo, hi, chunk);
                finish.write(tile, partial, withColumns(lo, 0), withColumns(hi, columns), values, stores);
                scratch.release(mark);
            });
        }

        private long[] withColumns(long[] index, long column) {
            if (!flat) {
                return index;
            }
            long[] all = Arrays.copyOf(index, rank + 1);
            all[rank] = column;
            return all;
        }

        private long[] take(long elements) {
            long[] addresses = new long[dense.size()];
            for (int k = 0; k < addresses.length; k++) {
                addresses[k] = scratch.take(elements * dense.get(k).bytes());
            }
            return addresses;
        }

        /** One row of many leaves: chunks are nodes of one level, merged as they come. */
        private long[] inChunks(long[] lo, long[] hi, long chunk) {
            List<long[]> stack = new ArrayList<>();
            int top = 0;
            long size = chunk * CanonicalTree.LEAF;
            long number = 0;
            for (long at = from; at < to; at += size) {
                if (top == stack.size()) {
                    stack.add(take(columns));
                }
                long mark = scratch.mark();
                move(values(lo, hi, at, Math.min(to, at + size)), 0, 1, stack.get(top++), 0, 1, 1);
                scratch.release(mark);
                number++;
                for (long t = number; t % 2 == 0; t /= 2) {
                    top = merge(stack, top);
                }
            }
            while (top > 1) {
                top = merge(stack, top);
            }
            return stack.get(0);
        }

        private int merge(List<long[]> stack, int top) {
            long[] left = stack.get(top - 2);
            run(pairs, 1, new long[][] {left, stack.get(top - 1), left}, new long[3], new long[3]);
            return top - 1;
        }

        /** The tree's node over the elements [first, end) of each row, densely. */
        private long[] values(long[] lo, long[] hi, long first, long end) {
            int rows = Math.toIntExact(Boxes.elements(lo, hi));
            boolean looks = direct && columns == 1 && end - first >= LONG;
            Optional<LaneLoop> byBits = looks ? bits() : Optional.empty();
            if (byBits.isPresent()) {
                long[] found = extremes(byBits.get(), lo, hi, first, end);
                if (found != null) {
                    return found;
                }
            }
            int leaves = nodes(lanes, end - first);
            int pitch = leaves == 1 ? 1 : Integer.highestOneBit(leaves - 1) * 2;
            long[] a = take((long) rows * pitch * columns);
            long[] b = take((long) rows * pitch * columns);
            if (guarded.isEmpty() || !withoutNaN(guarded.get(), lo, hi, first, end, a, pitch)) {
                leaves(lanes, lo, hi, first, end, a, pitch);
            }
            while (leaves > 1) {
                combine(a, b, rows * (pitch / 2));
                if (leaves % 2 == 1) {
                    move(a, leaves - 1, pitch, b, leaves / 2, pitch / 2, rows);
                }
                leaves = (leaves + 1) / 2;
                pitch /= 2;
                long[] other = a;
                a = b;
                b = other;
            }
            return a;
        }

        /** Elements of a node of the lowest level: a leaf, or all whole leaves where the order does not tell. */
        private long node(LaneLoop by, long elements) {
            boolean all = columns == 1 && by.anyOrder() && elements >= CanonicalTree.LEAF;
            return all ? elements / CanonicalTree.LEAF * CanonicalTree.LEAF : CanonicalTree.LEAF;
        }

        private int nodes(LaneLoop by, long elements) {
            return Math.toIntExact(Math.ceilDiv(elements, node(by, elements)));
        }

        /** The rows' values by their bits, or null where these do not tell. */
        private long[] extremes(LaneLoop by, long[] lo, long[] hi, long first, long end) {
            int rows = Math.toIntExact(Boxes.elements(lo, hi));
            int nodes = nodes(by, end - first);
            long[] values = take(rows);
            long mark = scratch.mark();
            long[] three = new long[3 * dense.size()];
            for (int k = 0; k < three.length; k++) {
                three[k] = scratch.take((long) rows * nodes * dense.get(k / 3).bytes());
            }
            leaves(by, lo, hi, first, end, three, nodes);
            boolean told = true;
            for (int k = 0; told && k < values.length; k++) {
                Extremes of = Extremes.of(dense.get(k));
                told = of.write(stage.combines().get(k), rows, nodes, Arrays.copyOfRange(three, 3 * k, 3 * k + 3), values[k]);
            }
            scratch.release(mark);
            return told ? values : null;
        }

        private void combine(long[] a, long[] b, int count) {
            run(pairs, count, new long[][] {a, a, b}, new long[] {0, 1, 0}, new long[] {2, 2, 1});
        }

        private void move(long[] a, int from, int pitch, long[] b, int to, int newPitch, int rows) {
            run(copy, rows, new long[][] {a, b}, new long[] {from, to}, new long[] {pitch, newPitch});
        }

        /**
         * A loop over nodes, each of {@code columns} elements.
         *
         * @param nodes the addresses that groups of frame entries start at
         * @param first each group's first node
         * @param step each group's step in nodes
         */
        private void run(MapLoop loop, int count, long[][] nodes, long[] first, long[] step) {
            Frame f = loop.frame();
            long[] at = new long[f.length()];
            boolean many = columns >= MANY;
            for (int outer = 0; outer < (many ? count : columns); outer++) {
                for (int group = 0; group < nodes.length; group++) {
                    for (int k = 0; k < dense.size(); k++) {
                        long bytes = dense.get(k).bytes();
                        int entry = group * dense.size() + k;
                        long along = step[group] * columns * bytes;
                        at[entry] = nodes[group][k] + first[group] * columns * bytes + outer * (many ? along : bytes);
                        at[f.step(entry)] = many ? bytes : along;
                    }
                }
                loop.run(at, many ? columns : count);
            }
        }

        /** The leaves by the loop that takes it that there is no NaN; whether that was so. */
        private boolean withoutNaN(LaneLoop by, long[] lo, long[] hi, long first, long end, long[] into, int pitch) {
            int rows = Math.toIntExact(Boxes.elements(lo, hi));
            int row = Math.toIntExact(CanonicalTree.leaves(end - first)) * columns;
            long mark = scratch.mark();
            long[] guards = take((long) rows * pitch * columns);
            long[] all = Arrays.copyOf(into, 2 * into.length);
            System.arraycopy(guards, 0, all, into.length, guards.length);
            leaves(by, lo, hi, first, end, all, pitch);
            boolean none = true;
            for (int k = 0; k < guards.length; k++) {
                int bytes = dense.get(k).bytes();
                for (long r = 0; none && r < rows; r++) {
                    none = noNaN(dense.get(k), guards[k] + r * pitch * columns * bytes, row);
                }
            }
            scratch.release(mark);
            return none;
        }

        /** The leaves, or other nodes, of each row, at {@code pitch} nodes from row to row. */
        private void leaves(LaneLoop by, long[] lo, long[] hi, long first, long end, long[] into, int pitch) {
            LaneFrame f = by.frame();
            if (!direct) {
                long[] blocks = block(lo, hi, first, end);
                long[] start = new long[f.loads()];
                long[] row = new long[f.loads()];
                long[] step = new long[f.loads()];
                for (int k = 0; k < start.length; k++) {
                    start[k] = blocks[k];
                    step[k] = dense.get(k).bytes();
                    row[k] = step[k] * (end - first);
                }
                rows(by, start, row, step, Math.toIntExact(Boxes.elements(lo, hi)), end - first, into, 0, pitch);
                return;
            }
            int entries = f.loads() + f.indices();
            long[] step = new long[entries];
            for (int k = 0; k < entries; k++) {
                step[k] = k < f.loads() ? elementStep(stage.loads().get(k)) : indexStep(k - f.loads());
            }
            int last = rank - 1;
            int run = last < 0 ? 1 : Math.toIntExact(hi[last] - lo[last]);
            View[] views = new View[f.loads()];
            Arrays.setAll(views, k -> kept.view(stage.loads().get(k)));
            long[] row = new long[entries];
            long[] start = new long[entries];
            long[] index = withColumns(lo, 0);
            long[] from = index.clone();
            long[] until = withColumns(hi, 1);
            int done = 0;
            do {
                for (int k = 0; k < entries; k++) {
                    start[k] = step[k] * first * columns;
                    if (k < f.loads()) {
                        int bytes = views[k].dtype().bytes();
                        start[k] += loads[k] + views[k].element(index) * bytes;
                        row[k] = last < 0 ? 0 : views[k].strides()[last] * bytes;
                    } else {
                        int axis = kept.axis(laneAxes[k - f.loads()]);
                        start[k] += axis < kept.rank() ? index[axis] : 0;
                        row[k] = axis == last ? 1 : 0;
                    }
                }
                rows(by, start, row, step, run, end - first, into, done, pitch);
                done += run;
                if (last >= 0) {
                    index[last] = hi[last] - 1;
                }
            } while (Walk.next(index, from, until));
        }

        private long elementStep(View view) {
            long step = kept.down(view);
            return (flat ? Long.signum(step) : step) * view.dtype().bytes();
        }

        private long indexStep(int number) {
            int axis = laneAxes[number];
            return axis >= stage.from() && axis < stage.to() && stage.extents()[axis] > 1 ? 1 : 0;
        }

        /**
         * Rows at even distances.
         *
         * @param row the steps from row to row
         * @param step the steps from element to element
         * @param done rows before these
         */
        private void rows(
                LaneLoop by,
                long[] start,
                long[] row,
                long[] step,
                int rows,
                long elements,
                long[] into,
                int done,
                int pitch) {
            LaneFrame f = by.frame();
            int node = Math.toIntExact(node(by, elements));
            int whole = Math.toIntExact(elements / node);
            int rest = (int) (elements % node);
            long span = (long) node * columns;
            boolean even = whole > 0 && rest == 0 && pitch == whole;
            long[] at = new long[f.length()];
            for (int k = 0; k < start.length; k++) {
                at[f.elementStep(k)] = step[k];
                even &= row[k] == step[k] * span * whole;
            }
            even |= rows == 1;
            for (int r = 0; whole > 0 && r < (even ? 1 : rows); r++) {
                for (int k = 0; k < start.length; k++) {
                    at[k] = start[k] + row[k] * r;
                    at[f.slotStep(k)] = step[k] * span;
                }
                out(by, at, into, (long) (done + r) * pitch, 1);
                by.run(at, even ? rows * whole : whole, node, columns);
            }
            if (rest > 0) {
                for (int k = 0; k < start.length; k++) {
                    at[k] = start[k] + step[k] * span * whole;
                    at[f.slotStep(k)] = row[k];
                }
                out(by, at, into, (long) done * pitch + whole, pitch);
                by.run(at, rows, rest, columns);
            }
        }

        private void out(LaneLoop by, long[] at, long[] into, long first, long step) {
            LaneFrame f = by.frame();
            for (int k = 0; k < into.length; k++) {
                long bytes = (long) columns * by.bytes(k);
                at[f.out(k)] = into[k] + first * bytes;
                at[f.outStep(k)] = step * bytes;
            }
        }

        /** The body's results over the rows of a box and the elements [first, end), densely. */
        private long[] block(long[] lo, long[] hi, long first, long end) {
            long[] blocks = new long[dense.size()];
            long[] bases = new long[dense.size()];
            long[][] strides = new long[loads.length + dense.size()][];
            long[] here = Boxes.strides(lo, hi, end - first);
            int rank = stage.extents().length;
            long[] reduced = Arrays.copyOfRange(stage.extents(), stage.from(), stage.to());
            long[] inner = Boxes.strides(new long[reduced.length], reduced, 1);
            long[] all = new long[rank];
            for (int axis = 0; axis < rank; axis++) {
                int number = kept.axis(axis);
                all[axis] = number < kept.rank() ? here[number] : inner[number - kept.rank()];
            }
            for (int k = 0; k < blocks.length; k++) {
                int bytes = dense.get(k).bytes();
                blocks[k] = scratch.take(Boxes.elements(lo, hi) * (end - first) * bytes);
                bases[k] = Boxes.base(blocks[k], lo, here, bytes) - first * bytes;
                strides[loads.length + k] = all;
            }
            Boxes.range(reduced, first, end, (low, high) -> {
                long[] from = new long[rank];
                long[] to = new long[rank];
                for (int axis = 0; axis < rank; axis++) {
                    int number = kept.axis(axis);
                    boolean isKept = number < kept.rank();
                    from[axis] = isKept ? lo[number] : low[number - kept.rank()];
                    to[axis] = isKept ? hi[number] : high[number - kept.rank()];
                }
                compute.run(from, to, loads, bases, new long[0], strides);
            });
            return blocks;
        }
    }
}
