package org.imbrex.kernels.stage;

/**
 * A stage lowered to code that runs in this process, on memory that this process can address.
 *
 * <p>Addresses are <em>bases</em>: element e of the view's buffer (the number that {@link View#element} gives) lies at
 * {@code base + e * dtype.bytes()}; where only a part of the buffer is in memory, the base lies outside it. The caller
 * has checked that every element the tile touches is there. For a partial tile of a {@link ReduceStage},
 * {@code stores[k]} is instead the address of the dense array of accumulator k.
 *
 * <p>Implementations may be called by several threads at once.
 */
@FunctionalInterface
public interface HostKernel {
    void run(Tile tile, long[] loads, long[] stores);

    /**
     * Runs a tile of a stage that needs working memory.
     *
     * @param work as many bytes as the stage asks for, 64-byte aligned
     * @param threads how many may work on the tile
     */
    default void run(Tile tile, long[] loads, long[] stores, long work, int threads) {
        run(tile, loads, stores);
    }
}
