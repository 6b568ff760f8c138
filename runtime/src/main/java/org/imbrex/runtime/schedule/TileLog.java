package org.imbrex.runtime.schedule;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.tile.Tiling;

/**
 * Keeps what tiles have written beyond a run's end, so that the same run, begun again, computes only what is missing.
 * Called by several threads at once.
 */
public interface TileLog {
    /** Keeps nothing. */
    TileLog NONE = new NoLog();

    /** What a tile writes: runs of memory, each time in the same order. */
    interface Memory {
        long bytes();

        void each(Consumer<MemorySegment> run);
    }

    /** How the stages were cut when the log was begun, which a later run keeps to; none before {@link #begin}. */
    List<Tiling> tilings();

    /** A run begins with these, one for each stage. */
    void begin(List<Tiling> tilings);

    /** Whether nothing of a stage is needed any more: not its results, and so not its tiles. */
    boolean isOver(int stage);

    /** Whether a tile was cut in halves, which are looked for in its place. */
    boolean isCut(Tile tile);

    void cut(Tile tile);

    boolean has(Tile tile);

    /**
     * Fills in what a tile has written.
     *
     * @return whether it did; if not, the tile is to be computed, and whatever was filled in is written again
     */
    boolean restore(Tile tile, Memory into);

    /**
     * A tile has been computed. Its results may be used before they are safe.
     *
     * @param place where, as attestations name it
     */
    void keep(Tile tile, String place, Memory from);

    /** All tiles of a stage are done. */
    void ended(int stage);
}
