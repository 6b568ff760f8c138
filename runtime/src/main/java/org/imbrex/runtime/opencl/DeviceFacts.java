package org.imbrex.runtime.opencl;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.runtime.device.DeviceInfo;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/**
 * What OpenCL tells of a device.
 *
 * @param platform name and version
 * @param correctDivision whether float32 division and square root can be correctly rounded, which must be asked for
 * @param exact whether its arithmetic is IEEE's in every type it has, subnormals and fma among it
 * @param groupItems the most work items in a group
 * @param argumentBytes the most that a kernel's arguments may take
 * @param vectorBytes the width of its vectors of float32
 * @param localBytes the local memory that a work group may have
 */
record DeviceFacts(
        cl_platform_id platformId,
        cl_device_id id,
        String platform,
        String name,
        String driver,
        long type,
        boolean usable,
        int units,
        long memoryBytes,
        long allocationBytes,
        long groupItems,
        long argumentBytes,
        int vectorBytes,
        long localBytes,
        boolean fp64,
        boolean correctDivision,
        boolean exact) {
    private static final long NEEDED =
            CL.CL_FP_DENORM | CL.CL_FP_INF_NAN | CL.CL_FP_ROUND_TO_NEAREST | CL.CL_FP_FMA;

    static List<cl_device_id> ids(cl_platform_id platform) {
        int[] count = new int[1];
        try {
            CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, 0, null, count);
        } catch (CLException e) {
            if (e.getStatus() == CL.CL_DEVICE_NOT_FOUND) {
                return List.of();
            }
            throw e;
        }
        cl_device_id[] ids = new cl_device_id[count[0]];
        CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, ids.length, ids, null);
        return List.of(ids);
    }

    static List<cl_platform_id> platforms() {
        int[] count = new int[1];
        CL.clGetPlatformIDs(0, null, count);
        cl_platform_id[] ids = new cl_platform_id[count[0]];
        if (ids.length > 0) {
            CL.clGetPlatformIDs(ids.length, ids, null);
        }
        return List.of(ids);
    }

    static String name(cl_platform_id platform) {
        return text(platform, CL.CL_PLATFORM_NAME);
    }

    static DeviceFacts of(cl_platform_id platform, cl_device_id id) {
        long single = number(id, CL.CL_DEVICE_SINGLE_FP_CONFIG);
        long twice = optional(id, CL.CL_DEVICE_DOUBLE_FP_CONFIG);
        boolean correct = (single & CL.CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0;
        List<Boolean> able = new ArrayList<>();
        able.add(number(id, CL.CL_DEVICE_AVAILABLE) != 0);
        able.add(number(id, CL.CL_DEVICE_COMPILER_AVAILABLE) != 0);
        able.add(number(id, CL.CL_DEVICE_ENDIAN_LITTLE) != 0);
        able.add(number(id, CL.CL_DEVICE_ADDRESS_BITS) == 64);
        return new DeviceFacts(
                platform,
                id,
                name(platform) + ", " + text(platform, CL.CL_PLATFORM_VERSION),
                text(id, CL.CL_DEVICE_NAME),
                text(id, CL.CL_DEVICE_VERSION) + ", driver " + text(id, CL.CL_DRIVER_VERSION),
                number(id, CL.CL_DEVICE_TYPE),
                !able.contains(false),
                (int) number(id, CL.CL_DEVICE_MAX_COMPUTE_UNITS),
                number(id, CL.CL_DEVICE_GLOBAL_MEM_SIZE),
                number(id, CL.CL_DEVICE_MAX_MEM_ALLOC_SIZE),
                number(id, CL.CL_DEVICE_MAX_WORK_GROUP_SIZE),
                number(id, CL.CL_DEVICE_MAX_PARAMETER_SIZE),
                (int) number(id, CL.CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT) * Float.BYTES,
                number(id, CL.CL_DEVICE_LOCAL_MEM_SIZE),
                twice != 0,
                correct,
                correct && (single & NEEDED) == NEEDED && (twice == 0 || (twice & NEEDED) == NEEDED));
    }

    boolean isCpu() {
        return (type & CL.CL_DEVICE_TYPE_CPU) != 0;
    }

    /** GPUs before other accelerators, this machine's processor last. */
    int rank() {
        return isCpu() ? 2 : (type & CL.CL_DEVICE_TYPE_GPU) != 0 ? 0 : 1;
    }

    DeviceInfo info(int number) {
        return new DeviceInfo(
                "opencl:" + number,
                "opencl",
                name,
                platform + "; " + driver,
                isCpu(),
                units,
                memoryBytes,
                allocationBytes,
                0,
                fp64,
                exact);
    }

    private static String text(cl_platform_id platform, int what) {
        long[] size = new long[1];
        CL.clGetPlatformInfo(platform, what, 0, null, size);
        byte[] text = new byte[Math.toIntExact(size[0])];
        CL.clGetPlatformInfo(platform, what, text.length, Pointer.to(text), null);
        return string(text);
    }

    private static String text(cl_device_id id, int what) {
        long[] size = new long[1];
        CL.clGetDeviceInfo(id, what, 0, null, size);
        byte[] text = new byte[Math.toIntExact(size[0])];
        CL.clGetDeviceInfo(id, what, text.length, Pointer.to(text), null);
        return string(text);
    }

    private static String string(byte[] text) {
        return new String(text, StandardCharsets.UTF_8).replace("\0", "").strip();
    }

    /** A number of up to 64 bits, little-endian as all hosts are that JOCL has a library for. */
    private static long number(cl_device_id id, int what) {
        long[] value = new long[1];
        CL.clGetDeviceInfo(id, what, Sizeof.cl_ulong, Pointer.to(value), null);
        return value[0];
    }

    /** 0 where the driver does not know the question. */
    private static long optional(cl_device_id id, int what) {
        try {
            return number(id, what);
        } catch (CLException e) {
            return 0;
        }
    }
}
