package org.imbrex.kernels.map;

import org.imbrex.kernels.loop.LoopSpec;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.loop.MapLoop;
import org.imbrex.kernels.loop.Nest;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;

/** Compiled loops over the runs of each box in which all views are affine. */
public final class MapVector implements HostKernel {
    private final Nest nest;

    public MapVector(MapStage stage, Loops loops) {
        MapLoop loop = loops.map(LoopSpec.of(stage));
        this.nest = new Nest(loop, stage.loads(), stage.stores(), stage.domain().length);
    }

    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        nest.run(tile.lo(), tile.hi(), loads, stores);
    }
}
