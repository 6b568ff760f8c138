package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.loop.Bodies;
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
 * reduced axes is read once for all rows.
 */
final class ColumnPass {
    private final ReduceStage stage;
    private final Kept kept;
    private final List<DType> dense;
    private final int copies;
    private final boolean goesOn;
    /** The pointer of each copy's loads; the accumulators follow. */
    private final int[][] pointers;

    private final int loads;
    private final MapLoop loop;
    private final Nest nest;
    private final boolean indexed;

    private ColumnPass(ReduceStage stage, Kept kept, List<DType> dense, int copies, boolean goesOn, Loops loops) {
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
        this.loads = views.size();
        List<View> into = dense.stream()
                .map(dtype -> new View(-1, dtype, 0, new long[kept.rank()]))
                .toList();
        if (goesOn) {
            views.addAll(into);
        }
        this.indexed = stage.body().uses(Op.INDEX);
        this.loop = loops.map(new LoopSpec(
                Bodies.chain(
                        stage.body(),
                        (copy, load) -> pointers[copy][load],
                        stage.combines(),
                        copies,
                        goesOn ? loads : -1,
                        kept::axis,
                        kept.rank(),
                        kept.reducedAxes()),
                views.stream().map(View::dtype).toList(),
                dense));
        this.nest = new Nest(loop, views, into, kept.rank());
    }

    /**
     * A pass of {@code copies} rows.
     *
     * @param goesOn whether it goes on from what the accumulators hold
     */
    static ColumnPass of(ReduceStage stage, Kept kept, List<DType> dense, int copies, boolean goesOn, Loops loops) {
        return new ColumnPass(stage, kept, dense, copies, goesOn, loops);
    }

    int instructions() {
        return loop.spec().body().instrs().size();
    }

    /** The pointers of so many rows of a lane, with those of accumulators that are read and written. */
    static int pointers(ReduceStage stage, Kept kept, int copies) {
        long standing = stage.loads().stream().filter(kept::stands).count();
        return (int) (copies * (stage.loads().size() - standing) + standing) + 2 * stage.combines().size();
    }

    /**
     * Passes over one box of columns: where all loads lie evenly, one loop for each, whose frame is kept.
     *
     * @param loads the address of each buffer's first element
     */
    Columns over(long[] lo, long[] hi, long[] loads) {
        return new Columns(lo, hi, loads);
    }

    final class Columns {
        private final long[] lo;
        private final long[] hi;
        private final long[] bases;
        private final long[] strides;
        private final int count;
        private final boolean even;
        private final long[] at = new long[loop.frame().length()];
        /** Of each load the address in row 0, and bytes from row to row. */
        private final long[] first = new long[stage.loads().size()];

        private final long[] down = new long[first.length];

        private Columns(long[] lo, long[] hi, long[] bases) {
            this.lo = lo;
            this.hi = hi;
            this.bases = bases;
            this.strides = Boxes.strides(lo, hi, 1);
            this.count = Math.toIntExact(Boxes.elements(lo, hi));
            boolean all = !indexed;
            for (int load = 0; load < first.length && all; load++) {
                all = even(load);
            }
            this.even = all;
            for (int k = 0; k < dense.size(); k++) {
                int bytes = dense.get(k).bytes();
                at[loop.frame().step(loop.frame().store(k))] = bytes;
                if (goesOn) {
                    at[loop.frame().step(ColumnPass.this.loads + k)] = bytes;
                }
            }
        }

        private boolean even(int load) {
            View view = stage.loads().get(load);
            long row = kept.down(view);
            long column = kept.along(view, lo, hi);
            if (!view.shifts().isEmpty() || row < 0 || column < 0) {
                return false;
            }
            int bytes = view.dtype().bytes();
            first[load] = bases[load] + kept.view(view).element(lo) * bytes;
            down[load] = row * bytes;
            for (int[] copy : pointers) {
                at[loop.frame().step(copy[load])] = column * bytes;
            }
            return true;
        }

        /** Takes {@code copies} rows from {@code row} on, eight apart, into accumulators. */
        void run(long row, long[] into) {
            if (even) {
                straight(row, into);
            } else {
                bent(row, into);
            }
        }

        private void straight(long row, long[] into) {
            for (int copy = 0; copy < copies; copy++) {
                for (int load = 0; load < first.length; load++) {
                    at[pointers[copy][load]] = first[load] + (row + copy * CanonicalTree.LANES) * down[load];
                }
            }
            for (int k = 0; k < into.length; k++) {
                at[loop.frame().store(k)] = into[k];
                if (goesOn) {
                    at[ColumnPass.this.loads + k] = into[k];
                }
            }
            loop.run(at, count);
        }

        private void bent(long row, long[] into) {
            int slots = ColumnPass.this.loads + (goesOn ? into.length : 0);
            long[] from = new long[slots];
            long[] fixed = new long[copies * kept.reducedAxes()];
            long[][] own = new long[slots + into.length][];
            for (int copy = 0; copy < copies; copy++) {
                long[] indices = kept.indices(row + (long) copy * CanonicalTree.LANES);
                System.arraycopy(indices, 0, fixed, copy * indices.length, indices.length);
                for (int load = 0; load < first.length; load++) {
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
                    from[ColumnPass.this.loads + k] = stores[k];
                    own[ColumnPass.this.loads + k] = strides;
                }
            }
            nest.run(lo, hi, from, stores, fixed, own);
        }
    }
}
