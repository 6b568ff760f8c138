package org.imbrex.kernels.reduce;

import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.View;

/** Chooses how a reduction walks memory; the order in which it combines is always {@code CanonicalTree}'s. */
public final class ReduceVector {
    /** Columns below which a walk along the reduced axis wins whatever the strides. */
    private static final long COLUMNS = 32;

    private ReduceVector() {}

    /** @param ways of a first-level cache */
    public static HostKernel of(ReduceStage stage, Loops loops, int ways) {
        return FewVector.of(stage, loops)
                .orElseGet(() -> rowsOrColumns(stage, loops, ways));
    }

    private static HostKernel rowsOrColumns(ReduceStage stage, Loops loops, int ways) {
        RowsVector rows = new RowsVector(stage, loops);
        if (rows.isFlat()) {
            HostKernel columns = new ColumnsVector(stage, loops, ways);
            return (tile, loads, stores) ->
                    (rows.takesColumns(tile) ? rows : columns).run(tile, loads, stores);
        }
        return prefersColumns(stage) ? new ColumnsVector(stage, loops, ways) : rows;
    }

    /** Whether more of what is read lies together along a kept axis than along the innermost reduced one. */
    private static boolean prefersColumns(ReduceStage stage) {
        double votes = 0;
        long columns = 0;
        for (View view : stage.loads()) {
            boolean row = false;
            long column = 0;
            for (int axis = 0; axis < view.strides().length; axis++) {
                boolean reduced = axis >= stage.from() && axis < stage.to();
                if (Math.abs(view.strides()[axis]) == 1 && stage.extents()[axis] > 1) {
                    row |= reduced;
                    column = reduced ? column : Math.max(column, stage.extents()[axis]);
                }
            }
            votes += row ? -stage.elements(view) : column > 0 ? stage.elements(view) : 0;
            columns = Math.max(columns, column);
        }
        return votes > 0 && columns >= COLUMNS;
    }
}
