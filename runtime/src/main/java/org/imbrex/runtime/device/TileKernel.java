package org.imbrex.runtime.device;

import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.memory.Span;

/** A compiled stage on a device. */
public interface TileKernel {

    /** The kernel's hash: of the lowered source or bytecode. */
    String hash();

    /** The kernel for one run, in which no input changes, and within a stage nothing that it reads. */
    default TileKernel within(long run) {
        return this;
    }

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

    /**
     * As {@link #run}, at another of the places that the device is made of than the one that had the tile first; empty
     * where there is none.
     */
    default Optional<TileTimes> runElsewhere(Tile tile, List<Span> loads, List<Span> stores, Place first) {
        return Optional.empty();
    }

    /**
     * What a tile cost on the device, in nanoseconds and bytes moved to and from it; 0 where nothing moves.
     *
     * @param place where it ran, if the device is several
     * @param faults what was met and worked around on the way, a line each
     */
    record TileTimes(
            long uploadNanos,
            long kernelNanos,
            long downloadNanos,
            long bytesUp,
            long bytesDown,
            Optional<Place> place,
            List<String> faults) {
        public TileTimes(long uploadNanos, long kernelNanos, long downloadNanos, long bytesUp, long bytesDown) {
            this(uploadNanos, kernelNanos, downloadNanos, bytesUp, bytesDown, Optional.empty(), List.of());
        }

        public static TileTimes kernel(long nanos) {
            return new TileTimes(0, nanos, 0, 0, 0);
        }
    }

    /** One of the places that a device is made of: {@code host:7070/vector}. */
    record Place(String device, String backend, String name, String kernelHash) {}
}
