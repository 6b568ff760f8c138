package org.imbrex.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.imbrex.host.node.Fleet;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.NodeStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the nodes are and do. */
@Command(name = "nodes", description = "Shows nodes: devices, load, versions.")
final class NodesCommand implements Callable<Integer> {

    @Mixin
    private FleetArguments nodes;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetOptions options = nodes.options(spec.commandLine())
                .orElseThrow(() -> new ParameterException(spec.commandLine(), "expected --on HOST:PORT"));
        PrintWriter out = spec.commandLine().getOut();
        List<NodeStatus> all;
        try (Fleet fleet = new Fleet(options)) {
            all = fleet.status(Duration.ofSeconds(5));
        }
        if (json) {
            out.println(Json.of(all.stream().map(NodesCommand::data).toList()));
        } else {
            all.forEach(node -> tell(node, out));
        }
        return all.stream().allMatch(node -> node.devices().isEmpty()) ? Failures.FAILED : 0;
    }

    private static void tell(NodeStatus node, PrintWriter out) {
        out.println(node.address() + "  " + node.software());
        for (NodeStatus.DeviceLine device : node.devices()) {
            out.println("  " + device.id() + ", " + device.workers() + (device.workers() == 1 ? " tile" : " tiles")
                    + " at once  (" + device.name() + ")");
        }
        Map<String, Long> numbers = node.numbers();
        if (!numbers.isEmpty()) {
            out.println("  " + numbers.getOrDefault("busy_workers", 0L) + " of " + numbers.getOrDefault("workers", 0L)
                    + " workers busy, " + numbers.getOrDefault("waiting_tiles", 0L) + " tiles waiting, "
                    + numbers.getOrDefault("tiles_total", 0L) + " done"
                    + (numbers.getOrDefault("draining", 0L) > 0 ? "; draining" : ""));
        }
    }

    private static Map<String, Object> data(NodeStatus node) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("address", node.address());
        data.put("software", node.software());
        List<Object> devices = new ArrayList<>();
        for (NodeStatus.DeviceLine device : node.devices()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", device.id());
            one.put("name", device.name());
            one.put("workers", device.workers());
            devices.add(one);
        }
        data.put("devices", devices);
        data.put("numbers", node.numbers());
        return data;
    }
}
