package org.imbrex.bench.limit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.bench.measure.Contest;
import org.imbrex.bench.measure.Spread;
import org.imbrex.bench.measure.Trial;
import org.imbrex.runtime.device.DeviceInfo;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;
import org.jocl.cl_queue_properties;

/** What an OpenCL device can do at most: a launch, transfers both ways, a copy within it, chains of fma. */
public final class OpenClLimits implements AutoCloseable {
    private static final String SOURCE = """
            kernel void nothing(global float *x) { if (get_global_id(0) > 1000000000) x[0] = 0; }
            #define CHAINS(name, T) kernel void name(global T *x, int times) { \\
                T a = (T)0.999f, b = (T)0.001f, c0 = get_global_id(0), c1 = c0 + 1, c2 = c0 + 2, c3 = c0 + 3; \\
                T c4 = c0 + 4, c5 = c0 + 5, c6 = c0 + 6, c7 = c0 + 7; \\
                for (int i = 0; i < times; i++) { \\
                    c0 = fma(c0, a, b); c1 = fma(c1, a, b); c2 = fma(c2, a, b); c3 = fma(c3, a, b); \\
                    c4 = fma(c4, a, b); c5 = fma(c5, a, b); c6 = fma(c6, a, b); c7 = fma(c7, a, b); \\
                } \\
                x[get_global_id(0)] = c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7; \\
            }
            CHAINS(f32, float)
            #ifdef TWICE
            #pragma OPENCL EXTENSION cl_khr_fp64 : enable
            CHAINS(f64, double)
            #endif
            """;
    private static final int CHAINS = 8;
    private static final int TIMES = 512;
    /** So many of them at most share a device's time. */
    private static final int PROBES = 6;

    private final DeviceInfo device;
    private final long bytes;
    private final cl_context context;
    private final cl_command_queue queue;
    private final cl_program program;
    private final cl_mem memory;
    private final cl_mem other;
    private final ByteBuffer host;
    private final long items;

    private OpenClLimits(DeviceInfo device, cl_platform_id platform, cl_device_id id, long bytes) {
        this.device = device;
        this.bytes = bytes;
        this.items = 1 << 18;
        cl_context_properties properties = new cl_context_properties();
        properties.addProperty(CL.CL_CONTEXT_PLATFORM, platform);
        context = CL.clCreateContext(properties, 1, new cl_device_id[] {id}, null, null, null);
        queue = CL.clCreateCommandQueueWithProperties(context, id, new cl_queue_properties(), null);
        program = CL.clCreateProgramWithSource(context, 1, new String[] {SOURCE}, null, null);
        CL.clBuildProgram(program, 0, null, device.fp64() ? "-DTWICE" : "", null, null);
        memory = CL.clCreateBuffer(context, CL.CL_MEM_READ_WRITE, Math.max(bytes, items * 8), null, null);
        other = CL.clCreateBuffer(context, CL.CL_MEM_READ_WRITE, bytes, null, null);
        host = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    }

    /**
     * Measures one device.
     *
     * @param bytes of a transfer
     * @param seconds what it should take
     * @throws CLException where its driver fails
     * @throws IllegalStateException where the driver lists no such device any more
     */
    public static List<Limit> measure(DeviceInfo device, long bytes, Contest contest, double seconds) {
        for (cl_platform_id platform : platforms()) {
            for (cl_device_id id : devices(platform)) {
                if (name(id).strip().equals(device.name().strip())) {
                    try (OpenClLimits limits = new OpenClLimits(device, platform, id, bytes)) {
                        return limits.measure(contest, seconds / PROBES);
                    }
                }
            }
        }
        throw new IllegalStateException("found no OpenCL device of the name " + device.name());
    }

    private List<Limit> measure(Contest contest, double seconds) {
        List<Limit> limits = new ArrayList<>();
        Pointer data = Pointer.to(host);
        cl_kernel nothing = CL.clCreateKernel(program, "nothing", null);
        CL.clSetKernelArg(nothing, 0, Sizeof.cl_mem, Pointer.to(memory));
        Spread launch = spread(contest, seconds, () -> launch(nothing, 1));
        limits.add(new Limit("launch", device.id(), "", 0, 0, launch.median() * 1e6, launch.least() * 1e6,
                launch.most() * 1e6, "µs"));
        limits.add(rate("upload", "", bytes, "GB/s",
                spread(contest, seconds, () -> CL.clEnqueueWriteBuffer(queue, memory, true, 0, bytes, data, 0, null, null)), bytes));
        limits.add(rate("download", "", bytes, "GB/s",
                spread(contest, seconds, () -> CL.clEnqueueReadBuffer(queue, memory, true, 0, bytes, data, 0, null, null)), bytes));
        limits.add(rate("copy", "", 2 * bytes, "GB/s", spread(contest, seconds, () -> {
            CL.clEnqueueCopyBuffer(queue, memory, other, 0, 0, bytes, 0, null, null);
            CL.clFinish(queue);
        }), 2 * bytes));
        // of a device that is this processor, the host's peak is the limit: it need not turn such chains into vectors
        List<String> dtypes = device.hostCpu() ? List.of() : device.fp64() ? List.of("f32", "f64") : List.of("f32");
        for (String dtype : dtypes) {
            cl_kernel chains = CL.clCreateKernel(program, dtype, null);
            CL.clSetKernelArg(chains, 0, Sizeof.cl_mem, Pointer.to(memory));
            CL.clSetKernelArg(chains, 1, Sizeof.cl_int, Pointer.to(new int[] {TIMES}));
            limits.add(rate("peak-" + dtype, dtype, 0, "GF/s", spread(contest, seconds, () -> launch(chains, items)),
                    2.0 * CHAINS * TIMES * items));
            CL.clReleaseKernel(chains);
        }
        CL.clReleaseKernel(nothing);
        return limits;
    }

    private void launch(cl_kernel kernel, long count) {
        CL.clEnqueueNDRangeKernel(queue, kernel, 1, null, new long[] {count}, null, 0, null, null);
        CL.clFinish(queue);
    }

    private Limit rate(String name, String dtype, long size, String unit, Spread s, double amount) {
        double giga = amount / 1e9;
        return new Limit(name, device.id(), dtype, size, 0, giga / s.median(), giga / s.most(), giga / s.least(), unit);
    }

    private static Spread spread(Contest contest, double seconds, Runnable work) {
        Trial trial = times -> {
            long began = System.nanoTime();
            for (int k = 0; k < times; k++) {
                work.run();
            }
            return (System.nanoTime() - began) / 1e9;
        };
        return contest.run(List.of(new Contest.Entrant("limit", false, trial)), seconds, (who, e) -> {
                    throw e;
                })
                .spreads()
                .get("limit");
    }

    private static List<cl_platform_id> platforms() {
        int[] count = new int[1];
        CL.clGetPlatformIDs(0, null, count);
        cl_platform_id[] ids = new cl_platform_id[count[0]];
        CL.clGetPlatformIDs(ids.length, ids, null);
        return List.of(ids);
    }

    private static List<cl_device_id> devices(cl_platform_id platform) {
        try {
            int[] count = new int[1];
            CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, 0, null, count);
            cl_device_id[] ids = new cl_device_id[count[0]];
            CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, ids.length, ids, null);
            return List.of(ids);
        } catch (CLException none) {
            return List.of();
        }
    }

    private static String name(cl_device_id id) {
        byte[] text = new byte[1024];
        long[] size = new long[1];
        CL.clGetDeviceInfo(id, CL.CL_DEVICE_NAME, text.length, Pointer.to(text), size);
        return new String(text, 0, (int) Math.max(0, size[0] - 1), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        CL.clReleaseMemObject(memory);
        CL.clReleaseMemObject(other);
        CL.clReleaseProgram(program);
        CL.clReleaseCommandQueue(queue);
        CL.clReleaseContext(context);
    }
}
