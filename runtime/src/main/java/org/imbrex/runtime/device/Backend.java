package org.imbrex.runtime.device;

import java.util.List;
import java.util.stream.Stream;

/** A way to run kernels: finds its devices. */
public interface Backend {

    /** As in {@code --device}: {@code vector}, {@code opencl}, {@code tornado}, {@code reference}. */
    String name();

    /** Whether {@code auto} looks for its devices only where no other backend has more than this machine's processor. */
    default boolean isLastResort() {
        return false;
    }

    /** What was found. Never throws: a driver that is missing or broken is told in {@code notes}. */
    Discovery discover();

    /**
     * @param devices ready to use; the caller closes them
     * @param notes one line each: what is missing to find more, or what is broken
     * @param hints one line each, for a list of all devices alone: what a user who asked for none of it could set up
     */
    record Discovery(List<Device> devices, List<String> notes, List<String> hints) {

        public Discovery(List<Device> devices, List<String> notes) {
            this(devices, notes, List.of());
        }

        /** Everything that there is to say. */
        public List<String> all() {
            return Stream.concat(notes.stream(), hints.stream()).toList();
        }
    }
}
