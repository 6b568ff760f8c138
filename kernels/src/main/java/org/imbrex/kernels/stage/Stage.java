package org.imbrex.kernels.stage;

import java.util.List;

/** One fused loop nest over an index space; it reads buffers through views and writes others through views. */
public sealed interface Stage permits MapStage, ReduceStage, MatMulStage, IterateStage {

    /** The extents of the space that tiles cut: one index for each result element. */
    long[] domain();

    List<View> loads();

    /** Over {@link #domain()}'s axes; disjoint tiles write disjoint elements. */
    List<View> stores();

    /** The number of leaves of the reduced axes, {@link CanonicalTree}; 1 where nothing is reduced. */
    default long leaves() {
        return 1;
    }
}
