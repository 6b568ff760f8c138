package org.imbrex.runtime.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Native buffers that are used again: fresh memory costs a page fault every 4 KiB, which is slower than most kernels.
 * Buffers start at 64 bytes, come in sizes a quarter of a power of two apart, and hold what was left in them.
 */
public final class BufferPool implements AutoCloseable {
    private static final long SMALLEST = 4096;

    /**
     * @param memory as long as was asked for
     * @param bytes what the buffer takes, which is what counts against a budget
     */
    public record Buffer(MemorySegment memory, long bytes, Arena arena, MemorySegment whole) {}

    private final long keepBytes;
    private final Map<Long, ArrayDeque<Buffer>> free = new HashMap<>();
    private long freeBytes;
    private long lentBytes;
    private boolean closed;

    /** @param keepBytes how much unused memory to keep; what comes back beyond it is freed at once */
    public BufferPool(long keepBytes) {
        this.keepBytes = keepBytes;
    }

    /** What a buffer for so many bytes takes. */
    public static long sizeOf(long bytes) {
        if (bytes <= SMALLEST) {
            return SMALLEST;
        }
        long step = Math.max(SMALLEST, Long.highestOneBit(bytes - 1) >> 2);
        return Math.ceilDiv(bytes, step) * step;
    }

    /** A buffer of at least so many bytes, to be given back. */
    public Buffer take(long bytes) {
        return take(bytes, Long.MAX_VALUE);
    }

    /**
     * A buffer of at least so many bytes, to be given back. Where none of its size is free, and a fresh one would
     * bring the pool above {@code mostBytes}, what is kept for use again is freed first.
     */
    public Buffer take(long bytes, long mostBytes) {
        long size = sizeOf(bytes);
        boolean full;
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("the pool is closed");
            }
            lentBytes += size;
            ArrayDeque<Buffer> same = free.get(size);
            if (same != null && !same.isEmpty()) {
                freeBytes -= size;
                Buffer buffer = same.pop();
                return new Buffer(buffer.whole.asSlice(0, bytes), size, buffer.arena, buffer.whole);
            }
            full = freeBytes > 0 && freeBytes > mostBytes - lentBytes;
        }
        if (full) {
            trim();
        }
        Arena arena = Arena.ofShared();
        try {
            MemorySegment whole = Pages.allocate(arena, size);
            return new Buffer(whole.asSlice(0, bytes), size, arena, whole);
        } catch (OutOfMemoryError e) {
            arena.close();
            synchronized (this) {
                lentBytes -= size;
            }
            throw e;
        }
    }

    public void give(Buffer buffer) {
        synchronized (this) {
            lentBytes -= buffer.bytes;
            if (!closed && freeBytes + buffer.bytes <= keepBytes) {
                freeBytes += buffer.bytes;
                free.computeIfAbsent(buffer.bytes, size -> new ArrayDeque<>()).push(buffer);
                return;
            }
        }
        buffer.arena.close();
    }

    /** Frees what nobody uses. */
    public void trim() {
        Map<Long, ArrayDeque<Buffer>> gone;
        synchronized (this) {
            gone = new HashMap<>(free);
            free.clear();
            freeBytes = 0;
        }
        gone.values().forEach(same -> same.forEach(buffer -> buffer.arena.close()));
    }

    /** Bytes in buffers that have not come back. */
    public synchronized long lentBytes() {
        return lentBytes;
    }

    /** Bytes kept for use again. */
    public synchronized long freeBytes() {
        return freeBytes;
    }

    /** Frees what is here; what is lent is freed when it comes back. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        trim();
    }
}
