package org.imbrex.host.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.imbrex.host.Engine;
import org.imbrex.runtime.device.DeviceInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What this machine can compute on. */
@Command(name = "devices", description = "Tells what was found, what each can do, and what is missing to find more.")
final class DevicesCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (Engine engine = Engine.open()) {
            List<DeviceInfo> devices = engine.devices();
            List<String> notes = engine.deviceNotes();
            if (json) {
                out.println(Json.of(data(devices, notes)));
                return 0;
            }
            for (DeviceInfo device : devices) {
                out.println(device.id());
                out.println("  name      " + device.name());
                out.println("  driver    " + device.driver());
                out.println("  units     " + device.units() + (device.hostCpu() ? " threads of this processor" : ""));
                out.println("  memory    " + ByteSize.text(device.memoryBytes()) + ", at most "
                        + ByteSize.text(device.allocationBytes()) + " in one buffer");
                out.println("  float64   " + (device.fp64() ? "yes" : "no"));
                out.println("  rounding  " + (device.exact()
                        ? "exact: same bits as the reference"
                        : "not exact: used with --fast only"));
            }
            notes.forEach(note -> out.println("note: " + note));
            return 0;
        }
    }

    private static Map<String, Object> data(List<DeviceInfo> devices, List<String> notes) {
        List<Object> list = new ArrayList<>();
        for (DeviceInfo device : devices) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", device.id());
            one.put("backend", device.backend());
            one.put("name", device.name());
            one.put("driver", device.driver());
            one.put("host_cpu", device.hostCpu());
            one.put("units", device.units());
            one.put("memory_bytes", device.memoryBytes());
            one.put("allocation_bytes", device.allocationBytes());
            one.put("cache_bytes", device.cacheBytes());
            one.put("fp64", device.fp64());
            one.put("exact", device.exact());
            list.add(one);
        }
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("devices", list);
        data.put("notes", notes);
        return data;
    }
}
