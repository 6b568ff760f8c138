package org.imbrex.runtime.memory;

import java.lang.foreign.MemorySegment;

/** Where a result's elements go. */
public sealed interface Sink {

    /** Native memory that kernels write where it lies. */
    record Resident(MemorySegment memory) implements Sink {}

    /** A file or a stream: takes tiles as they finish. */
    non-sealed interface Chunked extends Sink {
        /**
         * Takes elements [first, first + count) of the C-contiguous result. Called by several threads at once with
         * runs that do not overlap, in any order unless {@link #ordered()}.
         *
         * @throws java.io.UncheckedIOException where writing fails
         */
        void write(long first, long count, MemorySegment from);

        /** Whether the runs must come in order, one at a time. */
        default boolean ordered() {
            return false;
        }
    }
}
