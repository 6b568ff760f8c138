package org.imbrex.host.format.file;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A stretch of other bytes, such as a member of an archive. */
public record SliceBytes(Bytes whole, long offset, long size) implements Bytes {
    @Override
    public void read(long position, MemorySegment into) throws IOException {
        if (position + into.byteSize() > size) {
            throw new EOFException("found " + size + " bytes, expected " + (position + into.byteSize()));
        }
        whole.read(offset + position, into);
    }

    @Override
    public MemorySegment map(long position, long bytes, Arena arena) throws IOException {
        return whole.map(offset + position, bytes, arena);
    }

    @Override
    public Bytes share() {
        return new SliceBytes(whole.share(), offset, size);
    }

    @Override
    public void close() {
        whole.close();
    }
}
