package org.imbrex.runtime.schedule;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Span;

/**
 * What is left to do with a reduction's merged accumulators: a map over them, run where they lie. Kept from run to run,
 * with what it has lowered; may be used by several threads.
 */
final class Epilogue {
    /** Below so many results, compiling costs more than it saves. */
    private static final long FEW = 4096;

    private static final int MOST_KERNELS = 64;

    private final ReduceStage stage;
    private final Map<Box, HostKernel> kernels = new HashMap<>();

    private record Box(List<Long> extents, boolean reference) {}

    Epilogue(ReduceStage stage) {
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
        long[] box = new long[tile.lo().length];
        for (int axis = 0; axis < box.length; axis++) {
            box[axis] = tile.hi()[axis] - tile.lo()[axis];
        }
        long[] from = new long[accumulators.size()];
        for (int k = 0; k < from.length; k++) {
            from[k] = accumulators.get(k).address();
        }
        long[] to = new long[stores.size()];
        for (int k = 0; k < to.length; k++) {
            View view = stage.stores().get(k);
            int bytes = view.dtype().bytes();
            to[k] = stores.get(k).base(bytes) + view.element(tile.lo()) * bytes;
        }
        kernel(box, reference).run(new Tile(0, new long[box.length], box, 0, 1), from, to);
    }

    /** Boxes are of few extents: the tiles', and those at the edges. */
    private HostKernel kernel(long[] box, boolean reference) {
        Box key = new Box(Arrays.stream(box).boxed().toList(), reference);
        synchronized (kernels) {
            if (kernels.size() == MOST_KERNELS && !kernels.containsKey(key)) {
                kernels.clear();
            }
            return kernels.computeIfAbsent(
                    key, made -> reference ? Lowerings.reference(map(box)) : Lowerings.vector(map(box)));
        }
    }

    private MapStage map(long[] box) {
        long[] dense = new Shape(box).strides();
        List<View> loads = new ArrayList<>();
        for (int k = 0; k < stage.combines().size(); k++) {
            loads.add(new View(k, Elements.dense(stage.body().resultType(k)), 0, dense));
        }
        List<View> stores = new ArrayList<>();
        for (View view : stage.stores()) {
            stores.add(new View(loads.size() + stores.size(), view.dtype(), 0, view.strides()));
        }
        return new MapStage(box, loads, stage.epilogue(), stores);
    }
}
