package org.imbrex.host.format.file;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory as bytes; the last owner to close it frees it. */
public final class MemoryBytes implements Bytes {
    private final MemorySegment memory;
    private final Runnable release;
    private int owners = 1;

    public MemoryBytes(MemorySegment memory, Runnable release) {
        this.memory = memory;
        this.release = release;
    }

    @Override
    public long size() {
        return memory.byteSize();
    }

    @Override
    public void read(long position, MemorySegment into) {
        MemorySegment.copy(memory, position, into, 0, into.byteSize());
    }

    @Override
    public MemorySegment map(long position, long bytes, Arena arena) {
        return memory.asSlice(position, bytes);
    }

    @Override
    public synchronized MemoryBytes share() {
        owners++;
        return this;
    }

    @Override
    public synchronized void close() {
        if (owners > 0 && --owners == 0) {
            release.run();
        }
    }
}
