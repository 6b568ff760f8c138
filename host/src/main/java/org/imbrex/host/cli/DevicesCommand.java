package org.imbrex.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.imbrex.host.Engine;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.Tuning;
import org.imbrex.runtime.tune.Probe;
import org.imbrex.runtime.tune.TuningFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What this machine can compute on. */
@Command(name = "devices", description = "Tells what was found, what each can do, and what is missing to find more.")
final class DevicesCommand implements Callable<Integer> {

    private static final double TUNE_SECONDS = 5;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
            names = "--tune",
            description = "Measure for some seconds which sizes of tiles, queues and products suit each device, and keep them"
                    + " for later runs. Results never depend on them.")
    private boolean tune;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (tune) {
            tune(json ? spec.commandLine().getErr() : out);
        }
        try (Engine engine = Engine.open()) {
            List<DeviceInfo> devices = engine.devices();
            List<String> notes = new ArrayList<>(engine.deviceNotes());
            notes.addAll(engine.deviceHints());
            Map<String, Tuning> tunings = engine.tunings();
            if (json) {
                out.println(Json.of(data(devices, tunings, notes)));
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
                if (tunings.containsKey(device.id())) {
                    out.println("  sizes     " + text(device, tunings.get(device.id())));
                }
            }
            notes.forEach(note -> out.println("note: " + note));
            return 0;
        }
    }

    /** By a probe of each device; a busy machine leaves the usual sizes, as no others win clearly. */
    private static void tune(PrintWriter out) throws IOException {
        TuningFiles files = TuningFiles.ofUser();
        try (Engine engine = Engine.openUntuned()) {
            for (DeviceInfo device : engine.devices()) {
                if (!engine.tunings().containsKey(device.id())) {
                    continue;
                }
                out.println("tuning " + device.id() + " (" + device.name() + "), about " + (int) TUNE_SECONDS + " seconds");
                out.flush();
                Probe.Found found = engine.tune(device.id(), TUNE_SECONDS);
                for (Probe.Step step : found.steps()) {
                    out.println(String.format(Locale.ROOT, "  %-31s %-8s %s", step.name(), step.chosen(), step.gain() > 1
                            ? String.format(Locale.ROOT, "%.2f times as fast as usual", step.gain())
                            : "as usual") + ", " + step.rounds() + (step.rounds() == 1 ? " round" : " rounds"));
                    step.tried().forEach((size, millis) ->
                            out.println(String.format(Locale.ROOT, "    %-12s %9.3f ms", size, millis)));
                }
                out.println(String.format(Locale.ROOT, "  %.1f seconds; kept in %s", found.seconds(), files.store(device, found.tuning())));
            }
        }
    }

    private static String text(DeviceInfo device, Tuning tuning) {
        String sizes = "tiles " + ByteSize.text(tuning.tileBytes()) + ", streams " + ByteSize.text(tuning.streamBytes()) + ", "
                + tuning.depth() + " in flight";
        String products = "";
        if (device.backend().equals("vector")) {
            Map<String, Long> numbers = tuning.numbers();
            products = ", products "
                    + (numbers.get("product_rows") == 0 ? "" : numbers.get("product_rows") + " x " + numbers.get("product_vectors") + ", ")
                    + ByteSize.text(numbers.get("panel_a_bytes")) + " and " + ByteSize.text(numbers.get("panel_b_bytes"));
        }
        return sizes + products + (tuning.measured() ? "; measured" : "; usual, --tune measures them");
    }

    private static Map<String, Object> data(List<DeviceInfo> devices, Map<String, Tuning> tunings, List<String> notes) {
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
            if (tunings.containsKey(device.id())) {
                Map<String, Object> sizes = new LinkedHashMap<>(tunings.get(device.id()).numbers());
                sizes.put("measured", tunings.get(device.id()).measured());
                one.put("tuning", sizes);
            }
            list.add(one);
        }
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("devices", list);
        data.put("notes", notes);
        return data;
    }
}
