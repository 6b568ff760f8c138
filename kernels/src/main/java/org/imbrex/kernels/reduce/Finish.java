package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.Bodies;
import org.imbrex.kernels.loop.LoopSpec;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.loop.MapLoop;
import org.imbrex.kernels.loop.Nest;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/** From accumulators, dense over a box of the kept axes, to a stage's stores, or to a partial tile's arrays. */
final class Finish {
    private final Nest epilogue;
    private final Nest partial;
    private final int accumulators;
    private final List<DType> dense;

    Finish(ReduceStage stage, Loops loops) {
        List<ScalarType> types = Bodies.types(stage.body());
        this.accumulators = types.size();
        this.dense = types.stream().map(Elements::dense).toList();
        int rank = stage.domain().length;
        List<View> views = new ArrayList<>();
        for (DType dtype : dense) {
            views.add(new View(-1, dtype, 0, new long[rank]));
        }
        List<DType> stores = stage.stores().stream().map(View::dtype).toList();
        MapLoop last = loops.map(new LoopSpec(stage.epilogue(), dense, stores));
        this.epilogue = new Nest(last, views, stage.stores(), rank);
        MapLoop copy = loops.map(new LoopSpec(Bodies.copy(types), dense, dense));
        this.partial = new Nest(copy, views, views, rank);
    }

    List<DType> dense() {
        return dense;
    }

    /** Writes the results of a box of the tile, whose accumulators lie densely from the addresses on. */
    void write(Tile tile, boolean isPartial, long[] lo, long[] hi, long[] values, long[] stores) {
        long[] here = Boxes.strides(lo, hi, 1);
        long[] there = Boxes.strides(tile.lo(), tile.hi(), 1);
        long[] from = new long[accumulators];
        long[] to = new long[accumulators];
        long[][] strides = new long[accumulators + (isPartial ? accumulators : stores.length)][];
        for (int k = 0; k < accumulators; k++) {
            int bytes = dense.get(k).bytes();
            from[k] = Boxes.base(values[k], lo, here, bytes);
            strides[k] = here;
            if (isPartial) {
                to[k] = Boxes.base(stores[k], tile.lo(), there, bytes);
                strides[accumulators + k] = there;
            }
        }
        if (isPartial) {
            partial.run(lo, hi, from, to, new long[0], strides);
        } else {
            epilogue.run(lo, hi, from, stores, new long[0], strides);
        }
    }
}
