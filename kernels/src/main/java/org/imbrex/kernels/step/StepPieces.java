package org.imbrex.kernels.step;

import java.util.TreeSet;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.View;

/**
 * Cuts the box of one stage of one step into pieces inside the domain, so that each of its loads reads from one place:
 * where an axis wraps around, a box may pass the domain's ends, and what is read there lies at the other end.
 */
final class StepPieces {
    private final IterateStage stage;
    private final int[][] outer;
    private final boolean[] usesIndex;
    /** Whether loads have no shift along the leading axis, as it wraps around and pieces are cut instead. */
    private final boolean split;

    StepPieces(IterateStage stage) {
        this.stage = stage;
        this.split = stage.wraps(0);
        int parts = stage.step().size();
        this.outer = new int[parts][];
        this.usesIndex = new boolean[parts];
        for (int part = 0; part < parts; part++) {
            MapStage map = stage.step().get(part);
            outer[part] = map.loads().stream().mapToInt(stage.outer()::indexOf).toArray();
            usesIndex[part] = map.body().instrs().stream().anyMatch(i -> i.op() == Op.INDEX);
        }
    }

    boolean isSplit() {
        return split;
    }

    /** Whether a load of a stage reads, in step t, what lies outside. */
    boolean isOuter(int t, int part, int load) {
        View view = stage.step().get(part).loads().get(load);
        return outer[part][load] >= 0 && (t == 0 || view.buffer() >= stage.fields());
    }

    /** The load of the iterate stage whose view describes an outer load of a part. */
    int model(int part, int load) {
        return split ? IterateStage.TURNS * outer[part][load] + 1 : outer[part][load];
    }

    /** Takes the pieces. */
    interface Visitor {
        /**
         * One piece.
         *
         * @param lo the piece's first index, inside the domain
         * @param hi one past its last
         * @param turn what to add to an index for the place in working memory that it stands for
         * @param source for each load the number of the iterate stage's load, or -1 for working memory
         * @param move for each load what to add, in elements of the {@link #model} view, or, of what lies in working
         *     memory, along each axis to the index
         */
        void piece(long[] lo, long[] hi, long[] turn, int[] source, long[][] move);
    }

    void cut(int t, int part, long[][] box, boolean[] unrolled, Visitor visitor) {
        for (int axis = 0; axis < box[0].length; axis++) {
            if (box[0][axis] >= box[1][axis]) {
                return;
            }
        }
        long[][] points = new long[box[0].length][];
        for (int axis = 0; axis < points.length; axis++) {
            points[axis] = points(t, part, axis, box[0][axis], box[1][axis], unrolled[axis]);
        }
        int[] at = new int[points.length];
        long[] lo = new long[at.length];
        long[] hi = new long[at.length];
        while (true) {
            for (int axis = 0; axis < at.length; axis++) {
                lo[axis] = points[axis][at[axis]];
                hi[axis] = points[axis][at[axis] + 1];
            }
            piece(t, part, lo.clone(), hi.clone(), unrolled, visitor);
            int axis = at.length - 1;
            while (axis >= 0 && ++at[axis] == points[axis].length - 1) {
                at[axis--] = 0;
            }
            if (axis < 0) {
                return;
            }
        }
    }

    private long[] points(int t, int part, int axis, long lo, long hi, boolean unrolled) {
        long extent = stage.domain()[axis];
        boolean cutByLoads = split && axis == 0;
        if (!unrolled && !cutByLoads) {
            return new long[] {lo, hi};
        }
        TreeSet<Long> points = new TreeSet<>();
        points.add(lo);
        points.add(hi);
        boolean reads = usesIndex[part];
        for (int load = 0; load < outer[part].length; load++) {
            View view = stage.step().get(part).loads().get(load);
            boolean isOuter = isOuter(t, part, load);
            reads |= isOuter;
            if (cutByLoads && (isOuter || !unrolled)) {
                add(points, -IterateStage.shift(view, 0), extent, lo, hi);
            }
        }
        if (reads && unrolled) {
            add(points, 0, extent, lo, hi);
        }
        return points.stream().mapToLong(Long::longValue).toArray();
    }

    private static void add(TreeSet<Long> points, long from, long extent, long lo, long hi) {
        for (long point = from + Math.ceilDiv(lo - from, extent) * extent; point < hi; point += extent) {
            points.add(point);
        }
    }

    private void piece(int t, int part, long[] lo, long[] hi, boolean[] unrolled, Visitor visitor) {
        long[] turn = new long[lo.length];
        long first = lo.length > 0 ? lo[0] : 0;
        for (int axis = 0; axis < lo.length; axis++) {
            long extent = stage.domain()[axis];
            turn[axis] = unrolled[axis] ? Math.floorDiv(lo[axis], extent) * extent : 0;
            lo[axis] -= turn[axis];
            hi[axis] -= turn[axis];
        }
        int loads = outer[part].length;
        int[] source = new int[loads];
        long[][] move = new long[loads][];
        for (int load = 0; load < loads; load++) {
            View view = stage.step().get(part).loads().get(load);
            long wrapped = split ? Math.floorDiv(first + IterateStage.shift(view, 0), stage.domain()[0]) : 0;
            if (isOuter(t, part, load)) {
                source[load] = model(part, load) + (int) wrapped;
                View from = stage.loads().get(source[load]);
                long further = split
                        ? from.offset() - stage.loads().get(model(part, load)).offset() + turn[0] * from.strides()[0]
                        : 0;
                move[load] = new long[] {further};
            } else {
                source[load] = -1;
                move[load] = turn.clone();
                for (int axis = 0; axis < turn.length; axis++) {
                    boolean plain = unrolled[axis] || (split && axis == 0);
                    move[load][axis] += plain ? IterateStage.shift(view, axis) : 0;
                }
                if (split && !unrolled[0]) {
                    move[load][0] -= wrapped * stage.domain()[0];
                }
            }
        }
        visitor.piece(lo, hi, turn, source, move);
    }
}
