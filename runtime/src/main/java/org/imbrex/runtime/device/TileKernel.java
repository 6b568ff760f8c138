package org.imbrex.runtime.device;

import java.util.List;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.memory.Span;

/** A compiled stage on a device. */
public interface TileKernel {

    /** The kernel's hash: of the lowered source or bytecode. */
    String hash();

    /**
     * Runs one tile to its end. Several workers may do so at once.
     *
     * @param loads one per load of the stage, covering at least the elements that the tile reads
     * @param stores one per store, covering the elements it writes; for a partial tile one dense array per
     *     accumulator
     * @throws DeviceException as its kind says; the stores then hold anything
     */
    TileTimes run(Tile tile, List<Span> loads, List<Span> stores);

    /**
     * As above, with working memory for stages that ask for it, and as many threads as the tile may have.
     *
     * @param work what the stage asks for
     */
    default TileTimes run(Tile tile, List<Span> loads, List<Span> stores, Span work, int threads) {
        return run(tile, loads, stores);
    }

    /** What a tile cost on the device, in nanoseconds and bytes moved to and from it; 0 where nothing moves. */
    record TileTimes(long uploadNanos, long kernelNanos, long downloadNanos, long bytesUp, long bytesDown) {
        public static TileTimes kernel(long nanos) {
            return new TileTimes(0, nanos, 0, 0, 0);
        }
    }
}
