package org.imbrex.runtime.device;

import java.lang.ref.Reference;
import java.util.List;
import java.util.function.Function;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.memory.Span;

/**
 * A kernel whose work on a tile is a sequence of launches: none, and the tile is done; else the spans' memory stays for
 * as long as they run.
 */
public record LaunchedKernel(String hash, Function<Tile, Launch.Sequence> launches, Work work) implements TileKernel {

    /** Does a tile's launches. */
    public interface Work {
        TileTimes run(Launch.Sequence sequence, Tile tile, List<Span> loads, List<Span> stores);
    }

    @Override
    public TileTimes run(Tile tile, List<Span> loads, List<Span> stores) {
        Launch.Sequence sequence = launches.apply(tile);
        if (sequence.launches().isEmpty()) {
            return TileTimes.kernel(0);
        }
        try {
            return work.run(sequence, tile, loads, stores);
        } finally {
            Reference.reachabilityFence(loads);
            Reference.reachabilityFence(stores);
        }
    }
}
