package org.imbrex.runtime.device;

import java.util.List;
import java.util.Optional;

/** What has been measured for devices. */
@FunctionalInterface
public interface Tunings {
    /** Nothing was measured. */
    Tunings NONE = device -> Found.NOTHING;

    /**
     * What there is for one device.
     *
     * @param notes a line for each thing that is wrong with it
     */
    record Found(Optional<Tuning> tuning, List<String> notes) {
        static final Found NOTHING = new Found(Optional.empty(), List.of());
    }

    Found of(DeviceInfo device);
}
