package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.loop.Bodies;
import org.imbrex.kernels.loop.Frame;
import org.imbrex.kernels.loop.LoopSpec;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.loop.MapLoop;
import org.imbrex.kernels.loop.Nest;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * One pass over kept columns: some rows of a lane, eight apart, combined one after the other. What stands still down the
 * reduced axes is read once for all of them.
 */
final class ColumnPass {
    private final ReduceStage stage;
    private final Kept kept;
    private final List<DType> dense;
    private final int copies;
    private final boolean goesOn;
    /** For each copy of the body and each of its loads a pointer; those of the accumulators follow. */
    private final int[][] pointers;

    private final int accumulators;
    private final MapLoop loop;
    private final Nest nest;

    /**
     * A pass of {@code copies} rows.
     *
     * @param goesOn whether it goes on from what the accumulators hold
     */
    ColumnPass(ReduceStage stage, Kept kept, List<DType> dense, int copies, boolean goesOn, Loops loops) {
        this.stage = stage;
        this.kept = kept;
        this.dense = dense;
        this.copies = copies;
        this.goesOn = goesOn;
        int each = stage.loads().size();
        this.pointers = new int[copies][each];
        List<View> views = new ArrayList<>();
        for (int copy = 0; copy < copies; copy++) {
            for (int load = 0; load < each; load++) {
                View view = stage.loads().get(load);
                boolean again = copy > 0 && kept.stands(view);
                pointers[copy][load] = again ? pointers[0][load] : views.size();
                if (!again) {
                    views.add(kept.view(view));
                }
            }
        }
        this.accumulators = views.size();
        List<View> into = dense.stream()
                .map(dtype -> new View(-1, dtype, 0, new long[kept.rank()]))
                .toList();
        if (goesOn) {
            views.addAll(into);
        }
        this.loop = loops.map(new LoopSpec(
                Bodies.chain(
                        stage.body(),
                        (copy, load) -> pointers[copy][load],
                        stage.combines(),
                        copies,
                        goesOn ? accumulators : -1,
                        kept::axis,
                        kept.rank(),
                        kept.reducedAxes()),
                views.stream().map(View::dtype).toList(),
                dense));
        this.nest = new Nest(loop, views, into, kept.rank());
    }

    int instructions() {
        return loop.spec().body().instrs().size();
    }

    /** Its views where it goes on: of the loads, and of the accumulators, which are read and written. */
    int views() {
        return accumulators + 2 * dense.size();
    }

    /**
     * How all loads lie in a box of columns where they lie evenly.
     *
     * @param first each load's address in row 0
     * @param down bytes from row to row
     * @param along bytes from column to column: one element's, or none
     */
    record Even(long[] first, long[] down, long[] along) {
        static Optional<Even> of(ReduceStage stage, Kept kept, long[] lo, long[] hi, long[] bases) {
            int loads = stage.loads().size();
            Even even = new Even(new long[loads], new long[loads], new long[loads]);
            for (int load = 0; load < loads; load++) {
                View view = stage.loads().get(load);
                View across = kept.view(view);
                long row = kept.down(view);
                long column = Kept.along(across, lo, hi);
                boolean lies = view.shifts().isEmpty() && row >= 0 && (column == 0 || column == 1);
                if (!lies || stage.body().uses(Op.INDEX)) {
                    return Optional.empty();
                }
                int bytes = view.dtype().bytes();
                even.first[load] = bases[load] + across.element(lo) * bytes;
                even.down[load] = row * bytes;
                even.along[load] = column * bytes;
            }
            return Optional.of(even);
        }
    }

    /**
     * The pass over one box of columns: where all loads lie evenly one loop, whose frame is kept; for one thread.
     *
     * @param bases the address of each load's element 0
     */
    Columns over(long[] lo, long[] hi, long[] bases, Optional<Even> even) {
        return new Columns(lo, hi, bases, even);
    }

    final class Columns {
        private final long[] lo;
        private final long[] hi;
        private final long[] bases;
        private final long[] strides;
        private final int count;
        private final Optional<Even> even;
        private final long[] at = new long[loop.frame().length()];

        private Columns(long[] lo, long[] hi, long[] bases, Optional<Even> even) {
            this.lo = lo;
            this.hi = hi;
            this.bases = bases;
            this.strides = Boxes.strides(lo, hi, 1);
            this.count = Math.toIntExact(Boxes.elements(lo, hi));
            this.even = even;
            even.ifPresent(this::steps);
        }

        private void steps(Even lies) {
            Frame frame = loop.frame();
            for (int[] copy : pointers) {
                for (int load = 0; load < copy.length; load++) {
                    at[frame.step(copy[load])] = lies.along[load];
                }
            }
            for (int k = 0; k < dense.size(); k++) {
                int bytes = dense.get(k).bytes();
                at[frame.step(frame.store(k))] = bytes;
                if (goesOn) {
                    at[frame.step(accumulators + k)] = bytes;
                }
            }
        }

        /** Takes {@code copies} rows from {@code row} on, eight apart, into accumulators. */
        void run(long row, long[] into) {
            if (even.isPresent()) {
                straight(even.get(), row, into);
            } else {
                bent(row, into);
            }
        }

        private void straight(Even lies, long row, long[] into) {
            for (int copy = 0; copy < copies; copy++) {
                for (int load = 0; load < lies.first.length; load++) {
                    at[pointers[copy][load]] = lies.first[load] + (row + copy * CanonicalTree.LANES) * lies.down[load];
                }
            }
            for (int k = 0; k < into.length; k++) {
                at[loop.frame().store(k)] = into[k];
                if (goesOn) {
                    at[accumulators + k] = into[k];
                }
            }
            loop.run(at, count);
        }

        private void bent(long row, long[] into) {
            int slots = accumulators + (goesOn ? into.length : 0);
            long[] from = new long[slots];
            long[] fixed = new long[copies * kept.reducedAxes()];
            long[][] own = new long[slots + into.length][];
            for (int copy = 0; copy < copies; copy++) {
                long[] indices = kept.indices(row + (long) copy * CanonicalTree.LANES);
                System.arraycopy(indices, 0, fixed, copy * indices.length, indices.length);
                for (int load = 0; load < bases.length; load++) {
                    View view = stage.loads().get(load);
                    long offset = kept.offset(view, indices);
                    from[pointers[copy][load]] =
                            offset == Kept.FILL ? Nest.FILL : bases[load] + offset * view.dtype().bytes();
                }
            }
            long[] stores = new long[into.length];
            for (int k = 0; k < into.length; k++) {
                stores[k] = Boxes.base(into[k], lo, strides, dense.get(k).bytes());
                own[slots + k] = strides;
                if (goesOn) {
                    from[accumulators + k] = stores[k];
                    own[accumulators + k] = strides;
                }
            }
            nest.run(lo, hi, from, stores, fixed, own);
        }
    }
}
