package org.imbrex.runtime.tornado;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.DeviceInfo;

/** Every device that TornadoVM lists. */
public final class TornadoBackend implements Backend {

    @Override
    public String name() {
        return "tornado";
    }

    /** What it reaches is mostly reached by OpenCL too, with less on the way. */
    @Override
    public boolean isLastResort() {
        return true;
    }

    @Override
    public Discovery discover() {
        List<String> notes = new ArrayList<>();
        List<Device> devices = new ArrayList<>();
        try {
            List<TornadoVm.Found> found = TornadoVm.start();
            for (TornadoVm.Found each : found) {
                TornadoDevice device = new TornadoDevice(each, info(each, devices.size(), true));
                try {
                    boolean exact = Trial.isExact(device);
                    devices.add(exact ? device : new TornadoDevice(each, info(each, devices.size(), false)));
                } catch (DeviceException e) {
                    notes.add("tornado: " + each.name() + " is not used, a trial failed: " + e.getMessage());
                }
            }
            if (found.isEmpty()) {
                notes.add("tornado: TornadoVM " + TornadoVm.version() + " is here but lists no device; it needs a driver"
                        + " for one of the backends that it was built with");
            }
        } catch (TornadoMissing e) {
            notes.add(e.getMessage());
        }
        return new Discovery(List.copyOf(devices), List.copyOf(notes));
    }

    private static DeviceInfo info(TornadoVm.Found found, int number, boolean exact) {
        return new DeviceInfo(
                "tornado:" + number,
                "tornado",
                found.name(),
                "TornadoVM " + TornadoVm.version() + ", " + found.backend() + ", " + found.platform(),
                found.cpu(),
                found.units(),
                found.memoryBytes(),
                Math.min(found.allocationBytes(), TornadoDevice.MOST_BYTES),
                0,
                true,
                exact);
    }
}
