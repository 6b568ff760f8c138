package org.imbrex.host.format.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.runtime.memory.Sink;

/** Writes an array's elements in native order, one after another from a position of the target on. */
public final class FlatSink implements Sink.Chunked {
    private final Target target;
    private final long offset;
    private final ArrayType type;
    private final long elements;
    private final Coverage coverage = new Coverage();

    public FlatSink(Target target, long offset, ArrayType type) {
        this.target = target;
        this.offset = offset;
        this.type = type;
        this.elements = type.shape().elements();
    }

    @Override
    public void write(long first, long count, MemorySegment from) {
        Objects.checkFromIndexSize(first, count, elements);
        int size = type.dtype().bytes();
        try {
            target.write(offset + first * size, from.asSlice(0, count * size));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        coverage.add(first, count);
    }

    @Override
    public boolean ordered() {
        return target.sequential();
    }

    public ArrayType type() {
        return type;
    }

    /** Whether an element was written twice. */
    public boolean overlapped() {
        return coverage.overlapped();
    }

    /** @throws IllegalStateException where elements were not written */
    public void requireComplete() {
        if (coverage.firstMissing() != elements) {
            throw new IllegalStateException(target.path() + ": element " + coverage.firstMissing() + " of " + elements
                    + " was not written; nothing is put in place");
        }
    }
}
