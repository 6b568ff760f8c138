package org.imbrex.kernels.lower;

import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.Tile;

/**
 * A stage lowered for this process.
 *
 * @param hash SHA-256, in hex, of the text that the kernel was made from: its lowering, bodies and dtypes
 */
public record Lowering(HostKernel kernel, String hash) implements HostKernel {
    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        kernel.run(tile, loads, stores);
    }

    @Override
    public void run(Tile tile, long[] loads, long[] stores, long work, int threads) {
        kernel.run(tile, loads, stores, work, threads);
    }
}
