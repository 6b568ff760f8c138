package org.imbrex.kernels.stage;

import java.util.List;
import org.imbrex.kernels.scalar.Body;

/**
 * For each index of the domain: reads each load there, runs the body, writes each result through its store.
 *
 * @param loads strides over the domain's axes; the body's LOAD slots count them
 * @param stores one per result of the body; a result is narrowed to the store's dtype by keeping its low bits
 */
public record MapStage(long[] domain, List<View> loads, Body body, List<View> stores) implements Stage {
    public MapStage {
        loads = List.copyOf(loads);
        stores = List.copyOf(stores);
    }

    /** Whether nothing is read that is written. */
    public boolean isApart() {
        return stores.stream().noneMatch(store -> loads.stream().anyMatch(load -> load.buffer() == store.buffer()));
    }
}
