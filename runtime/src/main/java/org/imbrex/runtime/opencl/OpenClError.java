package org.imbrex.runtime.opencl;

import java.util.Set;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.DeviceException.Kind;
import org.jocl.CL;
import org.jocl.CLException;

/** What OpenCL's error codes mean for the scheduler. */
final class OpenClError {
    private static final Set<Integer> NO_MEMORY = Set.of(
            CL.CL_OUT_OF_RESOURCES,
            CL.CL_MEM_OBJECT_ALLOCATION_FAILURE,
            CL.CL_OUT_OF_HOST_MEMORY,
            CL.CL_INVALID_BUFFER_SIZE);
    private static final Set<Integer> GONE = Set.of(
            CL.CL_DEVICE_NOT_AVAILABLE,
            CL.CL_INVALID_COMMAND_QUEUE,
            CL.CL_INVALID_CONTEXT,
            CL.CL_INVALID_DEVICE,
            CL.CL_DEVICE_NOT_FOUND);

    private OpenClError() {}

    /** The exception to throw for what OpenCL threw while doing something on a device. */
    static DeviceException of(String device, String doing, CLException e) {
        int code = e.getStatus();
        Kind kind = NO_MEMORY.contains(code) ? Kind.OUT_OF_MEMORY : GONE.contains(code) ? Kind.LOST : Kind.FAILED;
        return new DeviceException(kind, "%s: %s failed with %s".formatted(device, doing, name(code)), e);
    }

    static String name(int code) {
        return CL.stringFor_errorCode(code);
    }
}
