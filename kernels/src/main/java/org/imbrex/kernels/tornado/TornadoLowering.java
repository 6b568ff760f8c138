package org.imbrex.kernels.tornado;

import java.util.List;
import java.util.function.Function;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.DType;

/**
 * A stage lowered for TornadoVM.
 *
 * @param kernels by the names that launches have
 * @param hash SHA-256, in hex, of their class files
 * @param scratch the dtypes of the memory between launches, by its number
 * @param launches what runs for a tile; numbers are relative to where a memory's element 0 would lie in the array of its
 *     role and dtype
 */
public record TornadoLowering(
        List<TornadoKernel> kernels, String hash, List<DType> scratch, Function<Tile, Launch.Sequence> launches) {}
