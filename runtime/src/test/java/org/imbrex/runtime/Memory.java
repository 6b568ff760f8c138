package org.imbrex.runtime;

import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;

/** Sources and sinks over memory that behave as files do. */
public final class Memory {
    private Memory() {}

    /** In parts, as a file in the other byte order would be read. */
    public record Parts(MemorySegment memory, int width) implements Source.Chunked {
        @Override
        public void read(long first, long count, MemorySegment into) {
            MemorySegment.copy(memory, first * width, into, 0, count * width);
        }
    }

    public record Taken(MemorySegment memory, int width) implements Sink.Chunked {
        @Override
        public void write(long first, long count, MemorySegment from) {
            MemorySegment.copy(from, 0, memory, first * width, count * width);
        }
    }

    /** As a pipe: refuses what does not come next. */
    public record Ordered(MemorySegment memory, int width, AtomicLong next) implements Sink.Chunked {
        public Ordered(MemorySegment memory, int width) {
            this(memory, width, new AtomicLong());
        }

        @Override
        public void write(long first, long count, MemorySegment from) {
            if (!next.compareAndSet(first, first + count)) {
                throw new IllegalStateException("found element " + first + ", expected " + next.get());
            }
            MemorySegment.copy(from, 0, memory, first * width, count * width);
        }

        @Override
        public boolean ordered() {
            return true;
        }
    }

    /** Fails at its nth part. */
    public record Failing(Source.Chunked inner, AtomicLong left, UncheckedIOException failure) implements Source.Chunked {
        @Override
        public void read(long first, long count, MemorySegment into) {
            if (left.getAndDecrement() == 0) {
                throw failure;
            }
            inner.read(first, count, into);
        }
    }
}
