package org.imbrex.runtime.schedule;

import java.util.List;
import java.util.Optional;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.TileKernel;

/** One stage's kernels, one for each device, and which devices have been put aside. */
final class StageKernels {
    private final List<Device> devices;
    private final TileKernel[] kernels;
    private final boolean[] lost;

    /**
     * @param kernels null where a device does not take the stage
     * @param lost devices that are gone for the whole run; shared by its stages
     */
    StageKernels(List<Device> devices, TileKernel[] kernels, boolean[] lost) {
        this.devices = devices;
        this.kernels = kernels;
        this.lost = lost;
    }

    Device device(int number) {
        return devices.get(number);
    }

    synchronized boolean isLost(int number) {
        return lost[number] || kernels[number] == null;
    }

    /** The device's kernel, or null where it takes no more of this stage. */
    synchronized TileKernel at(int number) {
        return kernels[number];
    }

    /** A device whose tile failed takes no more of this stage; one that is gone, of any. */
    synchronized void putAside(int number, DeviceException why) {
        if (why.kind() == DeviceException.Kind.LOST) {
            lost[number] = true;
        }
        if (other(number).isPresent()) {
            kernels[number] = null;
        }
    }

    /** Another device that still works. */
    synchronized Optional<Integer> other(int than) {
        for (int number = 0; number < kernels.length; number++) {
            if (number != than && kernels[number] != null && !lost[number]) {
                return Optional.of(number);
            }
        }
        return Optional.empty();
    }

    synchronized int anyLeft() {
        return other(-1)
                .orElseThrow(() -> new DeviceException(
                        DeviceException.Kind.LOST, "no device is left for the rest of the stage"));
    }
}
