package org.imbrex.host.format.file;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Bytes that can be read at any position: a file, or what was inflated from one. */
public interface Bytes extends AutoCloseable {
    long size();

    /** Fills the segment with the bytes from the position on. */
    void read(long position, MemorySegment into) throws IOException;

    /** The bytes where they lie, as long as the arena lives. */
    MemorySegment map(long position, long bytes, Arena arena) throws IOException;

    /** These bytes for one more owner, who closes them too. */
    Bytes share();

    @Override
    void close();

    /** A copy of a few bytes. */
    default byte[] read(long position, int count) throws IOException {
        byte[] copy = new byte[count];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(Math.max(count, 1)).asSlice(0, count);
            read(position, segment);
            MemorySegment.copy(segment, 0, MemorySegment.ofArray(copy), 0, count);
        }
        return copy;
    }
}
