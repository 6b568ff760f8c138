package org.imbrex.runtime.opencl;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;

/** The calls to OpenCL that a device makes: errors are told as the scheduler needs them, live objects are counted. */
final class Calls {

    /** What may fail. */
    enum Kind {
        OPEN("opening the device"),
        BUILD("building a kernel"),
        ALLOCATE("allocating a buffer"),
        UPLOAD("copying to the device"),
        LAUNCH("launching a kernel"),
        DOWNLOAD("reading a result back");

        private final String doing;

        Kind(String doing) {
            this.doing = doing;
        }
    }

    /** Called before each call; what it throws, the call throws. */
    @FunctionalInterface
    interface Before {
        void call(Kind kind);
    }

    private final String device;
    private final Before before;
    private final AtomicLong live = new AtomicLong();

    Calls(String device, Before before) {
        this.device = device;
        this.before = before;
    }

    /** OpenCL objects that were made and not released. */
    long live() {
        return live.get();
    }

    private <T> T made(Kind kind, Supplier<T> call) {
        return made(kind, 1, call);
    }

    private <T> T made(Kind kind, int objects, Supplier<T> call) {
        try {
            before.call(kind);
            T made = call.get();
            live.addAndGet(objects);
            return made;
        } catch (CLException e) {
            throw OpenClError.of(device, kind.doing, e);
        }
    }

    private void done(Kind kind, Runnable call) {
        made(kind, 0, () -> {
            call.run();
            return kind;
        });
    }

    private void released(Runnable call) {
        live.decrementAndGet();
        try {
            call.run();
        } catch (CLException e) {
            // the device is gone, and with it the object
            throw OpenClError.of(device, "releasing an object", e);
        }
    }

    // ---- context and queue

    cl_context context(cl_platform_id platform, cl_device_id id) {
        return made(Kind.OPEN, () -> {
            cl_context_properties properties = new cl_context_properties();
            properties.addProperty(CL.CL_CONTEXT_PLATFORM, platform);
            return CL.clCreateContext(properties, 1, new cl_device_id[] {id}, null, null, null);
        });
    }

    @SuppressWarnings("deprecation") // the new one is missing before OpenCL 2.0
    cl_command_queue queue(cl_context context, cl_device_id id, boolean profiling) {
        return made(
                Kind.OPEN,
                () -> CL.clCreateCommandQueue(context, id, profiling ? CL.CL_QUEUE_PROFILING_ENABLE : 0, null));
    }

    void release(cl_context context) {
        released(() -> CL.clReleaseContext(context));
    }

    void release(cl_command_queue queue) {
        released(() -> CL.clReleaseCommandQueue(queue));
    }

    // ---- programs

    cl_program source(cl_context context, String source) {
        return made(Kind.BUILD, () -> CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, null));
    }

    cl_program binary(cl_context context, cl_device_id id, byte[] binary) {
        int[] status = new int[1];
        cl_program program = made(
                Kind.BUILD,
                () -> CL.clCreateProgramWithBinary(
                        context, 1, new cl_device_id[] {id}, new long[] {binary.length}, new byte[][] {binary}, status,
                        null));
        return program;
    }

    /** Compiles and links; the caller tells a compiler's error apart by the log. */
    void build(cl_program program, cl_device_id id, String options) throws CLException {
        before.call(Kind.BUILD);
        CL.clBuildProgram(program, 1, new cl_device_id[] {id}, options, null, null);
    }

    String log(cl_program program, cl_device_id id) {
        try {
            long[] size = new long[1];
            CL.clGetProgramBuildInfo(program, id, CL.CL_PROGRAM_BUILD_LOG, 0, null, size);
            byte[] text = new byte[Math.toIntExact(size[0])];
            CL.clGetProgramBuildInfo(program, id, CL.CL_PROGRAM_BUILD_LOG, text.length, Pointer.to(text), null);
            return new String(text, java.nio.charset.StandardCharsets.UTF_8).replace("\0", "").strip();
        } catch (CLException e) {
            return "no build log: " + OpenClError.name(e.getStatus());
        }
    }

    byte[] binary(cl_program program) {
        return made(Kind.BUILD, 0, () -> {
            long[] size = new long[1];
            CL.clGetProgramInfo(program, CL.CL_PROGRAM_BINARY_SIZES, Sizeof.size_t, Pointer.to(size), null);
            byte[] binary = new byte[Math.toIntExact(size[0])];
            CL.clGetProgramInfo(
                    program, CL.CL_PROGRAM_BINARIES, Sizeof.POINTER, Pointer.to(Pointer.to(binary)), null);
            return binary;
        });
    }

    cl_kernel kernel(cl_program program, String name) {
        return made(Kind.BUILD, () -> CL.clCreateKernel(program, name, null));
    }

    void release(cl_program program) {
        released(() -> CL.clReleaseProgram(program));
    }

    void release(cl_kernel kernel) {
        released(() -> CL.clReleaseKernel(kernel));
    }

    // ---- memory

    cl_mem buffer(cl_context context, long bytes) {
        return made(Kind.ALLOCATE, () -> CL.clCreateBuffer(context, CL.CL_MEM_READ_WRITE, bytes, null, null));
    }

    /** A buffer that is host memory itself, which the caller keeps alive. */
    cl_mem buffer(cl_context context, long bytes, Pointer host) {
        return made(
                Kind.ALLOCATE,
                () -> CL.clCreateBuffer(
                        context, CL.CL_MEM_READ_WRITE | CL.CL_MEM_USE_HOST_PTR, bytes, host, null));
    }

    void release(cl_mem buffer) {
        released(() -> CL.clReleaseMemObject(buffer));
    }

    /** Starts a copy to the device; the host memory stays as it is until the queue has got there. */
    void write(cl_command_queue queue, cl_mem to, long bytes, Pointer from, cl_event event) {
        done(Kind.UPLOAD, () -> CL.clEnqueueWriteBuffer(queue, to, false, 0, bytes, from, 0, null, event));
    }

    void read(cl_command_queue queue, cl_mem from, long bytes, Pointer to, cl_event event) {
        done(Kind.DOWNLOAD, () -> CL.clEnqueueReadBuffer(queue, from, false, 0, bytes, to, 0, null, event));
    }

    /** Waits for the queue, and makes what kernels have written to a host buffer seen by the host. */
    void sync(cl_command_queue queue, cl_mem buffer, long bytes) {
        done(Kind.DOWNLOAD, () -> {
            java.nio.ByteBuffer mapped =
                    CL.clEnqueueMapBuffer(queue, buffer, true, CL.CL_MAP_READ, 0, bytes, 0, null, null, null);
            CL.clEnqueueUnmapMemObject(queue, buffer, mapped, 0, null, null);
        });
    }

    // ---- launch

    void argument(cl_kernel kernel, int position, cl_mem buffer) {
        done(Kind.LAUNCH, () -> CL.clSetKernelArg(kernel, position, Sizeof.cl_mem, Pointer.to(buffer)));
    }

    void arguments(cl_kernel kernel, int from, long[] numbers) {
        done(Kind.LAUNCH, () -> {
            Pointer first = Pointer.to(numbers);
            for (int k = 0; k < numbers.length; k++) {
                CL.clSetKernelArg(kernel, from + k, Sizeof.cl_long, first.withByteOffset((long) k * Sizeof.cl_long));
            }
        });
    }

    void launch(cl_command_queue queue, cl_kernel kernel, long[] items, long[] group, cl_event event) {
        done(
                Kind.LAUNCH,
                () -> CL.clEnqueueNDRangeKernel(queue, kernel, items.length, null, items, group, 0, null, event));
    }

    void flush(cl_command_queue queue) {
        done(Kind.LAUNCH, () -> CL.clFlush(queue));
    }

    void finish(cl_command_queue queue) {
        done(Kind.DOWNLOAD, () -> CL.clFinish(queue));
    }

    /** How long an event that is over took, in nanoseconds. */
    long nanos(cl_event event) {
        long[] begin = new long[1];
        long[] end = new long[1];
        done(Kind.DOWNLOAD, () -> {
            CL.clGetEventProfilingInfo(event, CL.CL_PROFILING_COMMAND_START, Sizeof.cl_ulong, Pointer.to(begin), null);
            CL.clGetEventProfilingInfo(event, CL.CL_PROFILING_COMMAND_END, Sizeof.cl_ulong, Pointer.to(end), null);
            CL.clReleaseEvent(event);
        });
        return end[0] - begin[0];
    }
}
