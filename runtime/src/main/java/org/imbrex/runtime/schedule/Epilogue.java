package org.imbrex.runtime.schedule;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Span;

/** What is left to do with a reduction's merged accumulators: a map over them, run where they lie. */
final class Epilogue {
    /** Below so many results, compiling costs more than it saves. */
    private static final long FEW = 4096;

    private final Stage stage;

    Epilogue(Stage stage) {
        this.stage = stage;
    }

    /** @param accumulators dense over the tile's box, one for each */
    void run(Tile tile, List<MemorySegment> accumulators, List<Span> stores) {
        run(tile, accumulators, stores, tile.elements() < FEW);
    }

    /** As {@link #run}, by the oracle. */
    void runReference(Tile tile, List<MemorySegment> accumulators, List<Span> stores) {
        run(tile, accumulators, stores, true);
    }

    private void run(Tile tile, List<MemorySegment> accumulators, List<Span> stores, boolean reference) {
        ReduceStage reduce = (ReduceStage) stage;
        long[] box = new long[tile.lo().length];
        for (int axis = 0; axis < box.length; axis++) {
            box[axis] = tile.hi()[axis] - tile.lo()[axis];
        }
        long[] dense = new Shape(box).strides();
        List<View> loads = new ArrayList<>();
        long[] from = new long[accumulators.size()];
        for (int k = 0; k < from.length; k++) {
            DType dtype = Elements.dense(reduce.body().resultType(k));
            loads.add(new View(k, dtype, 0, dense));
            from[k] = accumulators.get(k).address();
        }
        List<View> views = new ArrayList<>();
        long[] to = new long[stores.size()];
        for (int k = 0; k < to.length; k++) {
            View view = reduce.stores().get(k);
            views.add(new View(from.length + k, view.dtype(), view.element(tile.lo()), view.strides()));
            to[k] = stores.get(k).base(view.dtype().bytes());
        }
        MapStage map = new MapStage(box, loads, reduce.epilogue(), views);
        (reference ? Lowerings.reference(map) : Lowerings.vector(map))
                .run(new Tile(0, new long[box.length], box, 0, 1), from, to);
    }
}
