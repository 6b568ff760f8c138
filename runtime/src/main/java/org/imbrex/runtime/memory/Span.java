package org.imbrex.runtime.memory;

import java.lang.foreign.MemorySegment;

/**
 * A run of a flat buffer's elements in native memory.
 *
 * @param memory off heap; holds the elements one after another, in native byte order
 * @param first the number of the element that lies at the start of {@code memory}
 */
public record Span(MemorySegment memory, long first) {

    /** The address at which element 0 would lie: {@link org.imbrex.kernels.stage.HostKernel}'s base. */
    public long base(int elementBytes) {
        return memory.address() - first * elementBytes;
    }
}
