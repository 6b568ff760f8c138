package org.imbrex.runtime.opencl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.Tunings;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/** Every device of every OpenCL platform on this machine. */
public final class OpenClBackend implements Backend {
    private static final String MORE =
            "a GPU's driver brings its own; for this processor install pocl-opencl-icd (Debian, Ubuntu)";
    /** What the loader says where no driver is registered. */
    private static final int NO_PLATFORM = -1001;

    private final Function<DeviceFacts, OpenClOptions> options;
    private final Tunings tunings;

    public OpenClBackend() {
        this(Tunings.NONE);
    }

    /** @param tunings what has been measured */
    public OpenClBackend(Tunings tunings) {
        this(facts -> OpenClOptions.usual(facts), tunings);
    }

    OpenClBackend(Function<DeviceFacts, OpenClOptions> options, Tunings tunings) {
        this.options = options;
        this.tunings = tunings;
    }

    @Override
    public String name() {
        return "opencl";
    }

    @Override
    public Discovery discover() {
        List<String> notes = new ArrayList<>();
        List<DeviceFacts> found = new ArrayList<>();
        try {
            JoclLibrary.load();
            find(found, notes);
        } catch (LinkageError e) {
            notes.add("opencl: no OpenCL loader or binding for this machine (" + firstLine(e) + "); install ocl-icd-libopencl1,"
                    + " then " + MORE);
        } catch (RuntimeException e) {
            notes.add("opencl: looking for platforms failed: " + firstLine(e));
        }
        found.sort(Comparator.comparingInt(DeviceFacts::rank));
        List<Device> devices = new ArrayList<>();
        for (DeviceFacts facts : found) {
            DeviceInfo info = facts.info(devices.size());
            Tunings.Found tuning = tunings.of(info);
            notes.addAll(tuning.notes());
            devices.add(new OpenClDevice(facts, info, options.apply(facts), tuning));
        }
        if (devices.isEmpty() && notes.isEmpty()) {
            notes.add("opencl: no device was found; " + MORE);
        }
        return new Discovery(List.copyOf(devices), List.copyOf(notes));
    }

    private static void find(List<DeviceFacts> found, List<String> notes) {
        List<cl_platform_id> platforms;
        try {
            platforms = DeviceFacts.platforms();
        } catch (CLException e) {
            if (e.getStatus() != NO_PLATFORM) {
                notes.add("opencl: the loader failed with " + OpenClError.name(e.getStatus()));
            }
            return;
        }
        for (cl_platform_id platform : platforms) {
            String name = "a platform";
            try {
                name = DeviceFacts.name(platform);
                for (cl_device_id id : DeviceFacts.ids(platform)) {
                    DeviceFacts facts = DeviceFacts.of(platform, id);
                    if (facts.usable()) {
                        found.add(facts);
                    } else {
                        notes.add("opencl: " + facts.name() + " of " + name
                                + " is not used: it is not available, has no compiler, or is not 64 bits, little-endian");
                    }
                }
            } catch (CLException e) {
                notes.add("opencl: the driver of " + name + " is broken: " + CL.stringFor_errorCode(e.getStatus())
                        + "; reinstall it");
            }
        }
    }

    private static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName());
    }
}
