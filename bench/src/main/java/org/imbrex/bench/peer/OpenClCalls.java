package org.imbrex.bench.peer;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** What CLBlast needs of OpenCL beside itself: a device, a queue, buffers. */
final class OpenClCalls {
    private static final AddressLayout P = ValueLayout.ADDRESS;
    private static final MemoryLayout I = ValueLayout.JAVA_INT;
    private static final MemoryLayout L = ValueLayout.JAVA_LONG;
    private static final long GPU = 1 << 2;
    private static final long ALL = 0xFFFFFFFFL;
    private static final int NAME = 0x102B;
    private static final long READ_WRITE = 1;
    private static final long COPY_HOST_POINTER = 1 << 5;
    private static final int MOST = 16;

    private final MethodHandle release;
    private final MethodHandle create;
    private final MethodHandle read;
    private final MethodHandle finish;
    private final MemorySegment context;
    /** A cl_command_queue*, as CLBlast takes it. */
    private final MemorySegment queue;

    private final String device;

    private OpenClCalls(NativeLibrary library, MemorySegment id) throws Throwable {
        release = library.handle("clReleaseMemObject", FunctionDescriptor.of(I, P));
        create = library.handle("clCreateBuffer", FunctionDescriptor.of(P, P, L, L, P, P));
        read = library.handle("clEnqueueReadBuffer", FunctionDescriptor.of(I, P, P, I, L, L, P, I, P, P));
        finish = library.handle("clFinish", FunctionDescriptor.of(I, P));
        Arena arena = Arena.global();
        MemorySegment status = arena.allocate(I);
        MemorySegment ids = arena.allocate(P);
        ids.set(P, 0, id);
        context = (MemorySegment) library.handle("clCreateContext", FunctionDescriptor.of(P, P, I, P, P, P, P))
                .invokeExact(MemorySegment.NULL, 1, ids, MemorySegment.NULL, MemorySegment.NULL, status);
        check("clCreateContext", status.get(ValueLayout.JAVA_INT, 0));
        MemorySegment made = (MemorySegment) library.handle("clCreateCommandQueue", FunctionDescriptor.of(P, P, P, L, P))
                .invokeExact(context, id, 0L, status);
        check("clCreateCommandQueue", status.get(ValueLayout.JAVA_INT, 0));
        queue = arena.allocate(P);
        queue.set(P, 0, made);
        MemorySegment text = arena.allocate(1024);
        check("clGetDeviceInfo", (int) library.handle("clGetDeviceInfo", FunctionDescriptor.of(I, P, I, L, P, P))
                .invokeExact(id, NAME, text.byteSize(), text, MemorySegment.NULL));
        device = text.getString(0).strip();
    }

    /** The first GPU, or the first device of any kind; empty where there is no loader or no device. */
    static Optional<OpenClCalls> open() {
        return NativeLibrary.find("libOpenCL.so.1", "OpenCL.framework/OpenCL", "OpenCL.dll").flatMap(library -> {
            try {
                MemorySegment id = first(library, GPU);
                id = id.address() == 0 ? first(library, ALL) : id;
                return id.address() == 0 ? Optional.empty() : Optional.of(new OpenClCalls(library, id));
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static MemorySegment first(NativeLibrary library, long kind) throws Throwable {
        MethodHandle platforms = library.handle("clGetPlatformIDs", FunctionDescriptor.of(I, I, P, P));
        MethodHandle devices = library.handle("clGetDeviceIDs", FunctionDescriptor.of(I, P, L, I, P, P));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(P, MOST);
            MemorySegment count = arena.allocate(I);
            int status = (int) platforms.invokeExact(MOST, list, count);
            int found = status == 0 ? Math.min(MOST, count.get(ValueLayout.JAVA_INT, 0)) : 0;
            for (int k = 0; k < found; k++) {
                MemorySegment id = arena.allocate(P);
                int none = (int) devices.invokeExact(list.getAtIndex(P, k), kind, 1, id, MemorySegment.NULL);
                if (none == 0) {
                    return id.get(P, 0);
                }
            }
        }
        return MemorySegment.NULL;
    }

    private static void check(String call, int status) {
        if (status != 0) {
            throw new IllegalStateException(call + " returned " + status);
        }
    }

    String device() {
        return device;
    }

    MemorySegment queue() {
        return queue;
    }

    /** A buffer on the device that begins as a copy of memory. */
    MemorySegment buffer(MemorySegment memory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(I);
            MemorySegment made = (MemorySegment) create.invokeExact(
                    context, READ_WRITE | COPY_HOST_POINTER, memory.byteSize(), memory, status);
            check("clCreateBuffer of " + memory.byteSize() + " bytes", status.get(ValueLayout.JAVA_INT, 0));
            return made;
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    void read(MemorySegment buffer, MemorySegment to) {
        try {
            check("clEnqueueReadBuffer", (int) read.invokeExact(
                    queue.get(P, 0), buffer, 1, 0L, to.byteSize(), to, 0, MemorySegment.NULL, MemorySegment.NULL));
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    void finish() {
        try {
            check("clFinish", (int) finish.invokeExact(queue.get(P, 0)));
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    void release(MemorySegment buffer) {
        try {
            check("clReleaseMemObject", (int) release.invokeExact(buffer));
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
