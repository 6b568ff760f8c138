package org.imbrex.runtime.tile;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a cut should hold to.
 *
 * @param workers how many tiles run at once
 * @param targetBytes about what a tile should touch: enough that the cost of handing it over vanishes
 * @param memoryBytes the most that one tile's buffers may take
 * @param box the user's box, over the leading axes; the rest are whole
 * @param run the user's number of leaves in a tile, a power of two
 */
public record TileLimits(int workers, long targetBytes, long memoryBytes, Optional<long[]> box, OptionalLong run) {

    public static TileLimits of(int workers, long targetBytes, long memoryBytes) {
        return new TileLimits(workers, targetBytes, memoryBytes, Optional.empty(), OptionalLong.empty());
    }
}
