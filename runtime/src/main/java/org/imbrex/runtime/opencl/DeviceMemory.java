package org.imbrex.runtime.opencl;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.memory.BufferPool;
import org.jocl.cl_context;
import org.jocl.cl_mem;

/** Buffers on a device, used again by tiles of about the same size. */
final class DeviceMemory {
    private final Calls calls;
    private final cl_context context;
    private final long keepBytes;
    private final Map<Long, ArrayDeque<cl_mem>> free = new HashMap<>();
    private long freeBytes;

    /** @param bytes what the buffer holds, which may be more than was asked for */
    record Buffer(cl_mem memory, long bytes) {}

    DeviceMemory(Calls calls, cl_context context, long keepBytes) {
        this.calls = calls;
        this.context = context;
        this.keepBytes = keepBytes;
    }

    /** A buffer of at least so many bytes; if there is no room, what is kept for later is freed first. */
    Buffer take(long bytes) {
        long size = BufferPool.sizeOf(bytes);
        synchronized (this) {
            ArrayDeque<cl_mem> same = free.get(size);
            if (same != null && !same.isEmpty()) {
                freeBytes -= size;
                return new Buffer(same.pop(), size);
            }
        }
        try {
            return new Buffer(calls.buffer(context, size), size);
        } catch (DeviceException e) {
            if (e.kind() != DeviceException.Kind.OUT_OF_MEMORY || !trim()) {
                throw e;
            }
            return new Buffer(calls.buffer(context, size), size);
        }
    }

    void give(Buffer buffer) {
        synchronized (this) {
            if (freeBytes + buffer.bytes <= keepBytes) {
                freeBytes += buffer.bytes;
                free.computeIfAbsent(buffer.bytes, size -> new ArrayDeque<>()).push(buffer.memory);
                return;
            }
        }
        calls.release(buffer.memory);
    }

    /** Frees what nobody uses; false where there was nothing. */
    synchronized boolean trim() {
        boolean any = freeBytes > 0;
        free.values().forEach(same -> same.forEach(calls::release));
        free.clear();
        freeBytes = 0;
        return any;
    }
}
