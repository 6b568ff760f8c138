package org.imbrex.runtime.memory;

import java.lang.foreign.MemorySegment;

/** Where an input's elements come from. */
public sealed interface Source {

    /**
     * Native memory, or a mapped file, that kernels read where it lies.
     *
     * @param memory off heap, native byte order; element e of the flat buffer at {@code e * dtype.bytes()}
     */
    record Resident(MemorySegment memory) implements Source {}

    /**
     * Elements that must be brought: a heap array, a file in the other byte order, text. Read in parts as tiles need
     * them.
     */
    non-sealed interface Chunked extends Source {
        /**
         * Copies elements [first, first + count) of the flat buffer into native memory. May be called by several
         * threads at once.
         *
         * @throws java.io.UncheckedIOException where reading fails
         */
        void read(long first, long count, MemorySegment into);
    }
}
