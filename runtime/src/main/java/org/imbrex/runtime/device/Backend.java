package org.imbrex.runtime.device;

import java.util.List;

/** A way to run kernels: finds its devices. */
public interface Backend {

    /** As in {@code --device}: {@code vector}, {@code opencl}, {@code reference}. */
    String name();

    /** What was found. Never throws: a driver that is missing or broken is told in {@code notes}. */
    Discovery discover();

    /**
     * @param devices ready to use; the caller closes them
     * @param notes one line each: what is missing to find more, or what is broken
     */
    record Discovery(List<Device> devices, List<String> notes) {}
}
