package org.imbrex.kernels.opencl;

import java.util.function.Function;
import org.imbrex.kernels.stage.Tile;

/**
 * A stage lowered to OpenCL C.
 *
 * @param source the program's text
 * @param hash SHA-256, in hex, of the source
 * @param fp64 whether it computes in float64
 * @param argumentBytes what the arguments of its largest kernel take
 * @param launches what runs for a tile
 */
public record OpenClLowering(
        String source, String hash, boolean fp64, long argumentBytes, Function<Tile, Launch.Sequence> launches) {}
