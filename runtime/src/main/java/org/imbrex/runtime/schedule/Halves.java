package org.imbrex.runtime.schedule;

import java.util.List;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;

/** Cuts a tile that a device has no room for. */
final class Halves {
    private Halves() {}

    /**
     * Two tiles that cover it, or none where it is a single element. A partial tile is cut between tree nodes only, as
     * the boxes of one merge must stay equal.
     */
    static List<Tile> of(Stage stage, Tile tile) {
        boolean partial = stage instanceof ReduceStage && tile.isPartial(stage);
        if (partial) {
            long run = tile.leafTo() - tile.leafFrom();
            if (run < 2) {
                return List.of();
            }
            long middle = tile.leafFrom() + Long.highestOneBit(run - 1);
            return List.of(
                    new Tile(tile.stage(), tile.lo(), tile.hi(), tile.leafFrom(), middle),
                    new Tile(tile.stage(), tile.lo(), tile.hi(), middle, tile.leafTo()));
        }
        for (int axis = 0; axis < tile.lo().length; axis++) {
            long extent = tile.hi()[axis] - tile.lo()[axis];
            if (extent > 1 && stage.cuts(axis)) {
                long[] hi = tile.hi().clone();
                long[] lo = tile.lo().clone();
                hi[axis] = lo[axis] = tile.lo()[axis] + extent / 2;
                return List.of(
                        new Tile(tile.stage(), tile.lo(), hi, tile.leafFrom(), tile.leafTo()),
                        new Tile(tile.stage(), lo, tile.hi(), tile.leafFrom(), tile.leafTo()));
            }
        }
        return List.of();
    }
}
