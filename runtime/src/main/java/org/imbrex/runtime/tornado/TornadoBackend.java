package org.imbrex.runtime.tornado;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.tornado.TornadoTypes;
import org.imbrex.kernels.tornado.TornadoTypes.Fma;
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
                try {
                    devices.add(device(each, devices.size()));
                } catch (DeviceException e) {
                    notes.add("tornado: " + each.name() + " is not used, a trial failed: " + e.getMessage());
                }
            }
            if (found.isEmpty()) {
                notes.add("tornado: TornadoVM " + TornadoVersion.found().orElseThrow() + " is here but lists no device; it needs a driver"
                        + " for one of the backends that it was built with");
            }
        } catch (TornadoMissing e) {
            return TornadoVm.isAskedFor()
                    ? new Discovery(List.of(), List.of(e.getMessage()))
                    : new Discovery(List.of(), List.of(), List.of(e.getMessage()));
        }
        return new Discovery(List.copyOf(devices), List.copyOf(notes));
    }

    /** With the first way to say fma that gives the reference's bits, the fast one before the sure one. */
    private static TornadoDevice device(TornadoVm.Found found, int number) {
        for (Fma fma : List.of(Fma.CONTRACTED, Fma.SOFTWARE)) {
            TornadoDevice device = new TornadoDevice(found, info(found, number, true), TornadoTypes.TORNADO.with(fma));
            if (Trial.isExact(device)) {
                return device;
            }
            device.close();
        }
        return new TornadoDevice(found, info(found, number, false), TornadoTypes.TORNADO);
    }

    private static DeviceInfo info(TornadoVm.Found found, int number, boolean exact) {
        return new DeviceInfo(
                "tornado:" + number,
                "tornado",
                found.name(),
                "TornadoVM " + TornadoVersion.found().orElseThrow() + ", " + found.backend() + ", " + found.platform(),
                found.cpu(),
                found.units(),
                found.memoryBytes(),
                Math.min(found.allocationBytes(), TornadoDevice.MOST_BYTES),
                0,
                true,
                exact);
    }
}
