package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.loop.Bodies;
import org.imbrex.kernels.loop.Frame;
import org.imbrex.kernels.loop.LoopSpec;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.loop.MapLoop;
import org.imbrex.kernels.loop.Meeting;
import org.imbrex.kernels.loop.Scratch;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * Reductions over an outer axis, vectorised over kept columns: a block of columns at a time, a leaf's lanes go through
 * their rows in turn, up to 16 in one pass, into an [8 lanes][columns] block in cache, which then folds.
 */
final class ColumnsVector implements HostKernel {
    private static final int ROW_BYTES = 16 << 10;
    /** A block's rows from here on meet: few at a time are read the fastest, of all arrays together. */
    private static final int LONG_ROW = 8 << 10;

    private static final int LONG_PASS = 8;
    private static final int[] COPIES = {16, 8, 4, 2, 1};
    private static final int VIEWS = 60;
    private static final int INSTRUCTIONS = 200;
    /**
     * Instructions of a pass of sixteen rows: of a longer one C2 computes all bodies before their sums, and two of eight
     * rows are faster.
     */
    private static final int MOST_OF_SIXTEEN = 48;

    private final ReduceStage stage;
    private final Kept kept;
    private final Finish finish;
    private final List<ScalarType> types;
    private final List<DType> dense;
    private final long columns;
    private final int longPass;
    private final ColumnPass[] start = new ColumnPass[COPIES.length];
    private final ColumnPass[] goOn = new ColumnPass[COPIES.length];
    private final MapLoop identities;
    private final MapLoop fold;
    private final MapLoop pairs;

    /** @param ways of a first-level cache */
    ColumnsVector(ReduceStage stage, Loops loops, int ways) {
        this.stage = stage;
        this.kept = new Kept(stage);
        long streams = Math.max(1, stage.loads().stream().filter(this::isStream).count());
        boolean many = Loops.vectorBits() >= 512 && Meeting.takesSixteen(ways);
        this.longPass = many ? COPIES[0] : (int) Math.max(1, LONG_PASS / streams);
        this.finish = new Finish(stage, loops);
        this.types = Bodies.types(stage.body());
        this.dense = finish.dense();
        int widest = dense.stream().mapToInt(DType::bytes).max().orElse(8);
        this.columns = ROW_BYTES / widest;
        int size = stage.body().instrs().size();
        for (int i = 0; i < COPIES.length; i++) {
            int copies = COPIES[i];
            if (copies > 1 && copies * size > INSTRUCTIONS) {
                continue;
            }
            ColumnPass pass = new ColumnPass(stage, kept, dense, copies, false, loops);
            boolean quick = copies < COPIES[0] || many || pass.instructions() <= MOST_OF_SIXTEEN;
            if (copies == 1 || quick && pass.views() <= VIEWS) {
                start[i] = pass;
                goOn[i] = new ColumnPass(stage, kept, dense, copies, true, loops);
            }
        }
        this.identities = loops.map(new LoopSpec(Bodies.identities(stage.combines(), types), List.of(), dense));
        List<DType> lanes = new ArrayList<>();
        for (int lane = 0; lane < CanonicalTree.LANES; lane++) {
            lanes.addAll(dense);
        }
        this.fold = loops.map(new LoopSpec(Bodies.fold(stage.combines(), types), lanes, dense));
        List<DType> twice = new ArrayList<>(dense);
        twice.addAll(dense);
        this.pairs = loops.map(new LoopSpec(Bodies.pairs(stage.combines(), types), twice, dense));
    }

    /** Whether a load moves along both the reduced axes and the kept ones. */
    private boolean isStream(View load) {
        return !kept.stands(load) && Kept.along(kept.view(load), new long[kept.rank()], stage.domain()) != 0;
    }

    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        if (Boxes.elements(tile.lo(), tile.hi()) == 0) {
            return;
        }
        boolean partial = tile.isPartial(stage);
        Boxes.cut(tile.lo(), tile.hi(), columns, (lo, hi) -> {
            Scratch scratch = Scratch.ofThread();
            long mark = scratch.mark();
            long[] values = new Block(lo, hi, loads, scratch).node(tile.leafFrom(), tile.leafTo());
            finish.write(tile, partial, lo, hi, values, stores);
            scratch.release(mark);
        });
    }

    /** A box of columns. */
    private final class Block {
        private final long[] lo;
        private final long[] hi;
        private final long[] loads;
        private final Scratch scratch;
        private final int count;
        private final int most;
        private final Optional<ColumnPass.Even> even;
        private final ColumnPass.Columns[] starting = new ColumnPass.Columns[COPIES.length];
        private final ColumnPass.Columns[] goingOn = new ColumnPass.Columns[COPIES.length];
        private final long[][] lane = new long[CanonicalTree.LANES][dense.size()];

        Block(long[] lo, long[] hi, long[] loads, Scratch scratch) {
            this.lo = lo;
            this.hi = hi;
            this.loads = loads;
            this.scratch = scratch;
            this.count = Math.toIntExact(Boxes.elements(lo, hi));
            this.even = ColumnPass.Even.of(stage, kept, lo, hi, loads);
            boolean few = (long) count * dense.getFirst().bytes() >= LONG_ROW;
            this.most = few ? longPass : COPIES[0];
            for (long[] of : lane) {
                take(of);
            }
        }

        private void take(long[] addresses) {
            for (int k = 0; k < addresses.length; k++) {
                addresses[k] = scratch.take((long) count * dense.get(k).bytes());
            }
        }

        /** The tree's node over leaves. */
        long[] node(long leafFrom, long leafTo) {
            List<long[]> stack = new ArrayList<>();
            int top = 0;
            for (long leaf = leafFrom; leaf < leafTo; leaf++) {
                if (top == stack.size()) {
                    long[] level = new long[dense.size()];
                    take(level);
                    stack.add(level);
                }
                leaf(leaf, stack.get(top++));
                for (long t = leaf - leafFrom + 1; t % 2 == 0; t /= 2) {
                    top = merge(stack, top);
                }
            }
            while (top > 1) {
                top = merge(stack, top);
            }
            return stack.get(0);
        }

        private int merge(List<long[]> stack, int top) {
            contiguous(pairs, List.of(stack.get(top - 2), stack.get(top - 1)), stack.get(top - 2));
            return top - 1;
        }

        private void leaf(long leaf, long[] into) {
            long first = leaf * CanonicalTree.LEAF;
            long end = Math.min(first + CanonicalTree.LEAF, stage.reduced());
            long left = end - first;
            for (int l = 0; l < CanonicalTree.LANES; l++) {
                if (l >= left) {
                    contiguous(identities, List.of(), lane[l]);
                }
            }
            for (long at = 0; at < left; ) {
                at += passes(first, at, left);
            }
            contiguous(fold, List.of(lane), into);
        }

        /**
         * As many rows of each lane in turn as one pass takes: together they are rows that follow one another.
         *
         * @param at the leaf's rows that are done, a multiple of the lanes
         * @return how many rows more are done
         */
        private long passes(long first, long at, long rows) {
            int i = 0;
            long mine = Math.ceilDiv(rows - at, CanonicalTree.LANES);
            while (start[i] == null || COPIES[i] > Math.min(mine, most)) {
                i++;
            }
            int copies = COPIES[i];
            for (int l = 0; l < CanonicalTree.LANES && at + l < rows; l++) {
                long its = Math.min(copies, Math.ceilDiv(rows - at - l, CanonicalTree.LANES));
                if (its == copies) {
                    pass(at == 0 ? start : goOn, i).run(first + at + l, lane[l]);
                } else {
                    oneByOne(first + at + l, its, at != 0, lane[l]);
                }
            }
            return (long) copies * CanonicalTree.LANES;
        }

        /** The last rows of lanes that have one less than the first lane. */
        private void oneByOne(long first, long rows, boolean begun, long[] into) {
            int one = COPIES.length - 1;
            for (long row = 0; row < rows; row++) {
                boolean goesOn = begun || row > 0;
                pass(goesOn ? goOn : start, one).run(first + row * CanonicalTree.LANES, into);
            }
        }

        private ColumnPass.Columns pass(ColumnPass[] of, int i) {
            ColumnPass.Columns[] made = of == start ? starting : goingOn;
            if (made[i] == null) {
                made[i] = of[i].over(lo, hi, loads, even);
            }
            return made[i];
        }

        /** A loop over the columns of blocks in cache. */
        private void contiguous(MapLoop loop, List<long[]> from, long[] into) {
            Frame f = loop.frame();
            long[] at = new long[f.length()];
            for (int i = 0; i < from.size(); i++) {
                for (int k = 0; k < into.length; k++) {
                    int load = f.load(i * into.length + k);
                    at[load] = from.get(i)[k];
                    at[f.step(load)] = dense.get(k).bytes();
                }
            }
            for (int k = 0; k < into.length; k++) {
                at[f.store(k)] = into[k];
                at[f.step(f.store(k))] = dense.get(k).bytes();
            }
            loop.run(at, count);
        }
    }
}
