package org.imbrex.bench.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;

/**
 * What travels between a client and its nodes, and how long the job takes, beside the same job in this process: a
 * matrix product, whose tiles share an operand, and a simulation, whose tiles share borders from step to step. Nodes hand
 * those to each other, or with {@code --alone} the client carries them.
 *
 * <p>Usage: {@code NodeTraffic [nodes, default 2,3,5] [side of the arrays, default 1024] [rounds, default 7]}
 */
public final class NodeTraffic {
    private static final int WARM = 4;
    private static final String PRODUCT = "a @ b";
    private static final String HEAT =
            "iterate(a=stencil(a + 0.1 * (at(a, -1, 0) + at(a, 1, 0) + at(a, 0, -1) + at(a, 0, 1) - 4 * a), "
                    + "mode='wrap'), steps=%d)";
    private static final int STEPS = 400;
    /** Two runs in which the fields come back equally often: they differ in what each step brings to the client. */
    private static final int[] FEW_STEPS = {144, 240};

    private NodeTraffic() {}

    public static void main(String[] args) throws IOException {
        String counts = args.length > 0 ? args[0] : "2,3,5";
        int side = args.length > 1 ? Integer.parseInt(args[1]) : 1024;
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 7;
        float[] values = new float[side * side];
        for (int k = 0; k < values.length; k++) {
            values[k] = (k * 31 % 1009) / 1009f;
        }
        Map<String, Array> inputs =
                Map.of("a", Array.of(values, side, side), "b", Array.of(values.clone(), side, side));
        System.out.printf(Locale.ROOT, "%-16s %5s %-8s %9s %10s %9s %8s %8s %12s   (%d², f32, median of %d)%n", "job",
                "nodes", "borders", "nodes ms", "in kernels", "here ms", "MB sent", "MB back", "bytes a step", side, rounds);
        for (String count : counts.split(",", -1)) {
            on(Integer.parseInt(count), inputs, rounds);
        }
    }

    /** Nodes that hand borders to each other and such that do not, by turns: what else the machine does meets both. */
    private static void on(int count, Map<String, Array> inputs, int rounds) throws IOException {
        List<LocalNode> nodes = new ArrayList<>();
        try {
            for (int k = 0; k < 2 * count; k++) {
                nodes.add(LocalNode.start(Optional.empty(), k < count ? List.of() : List.of("--alone")));
            }
            try (Engine handing = engine(nodes.subList(0, count));
                    Engine alone = engine(nodes.subList(count, 2 * count))) {
                Map<String, Engine> engines = new LinkedHashMap<>();
                engines.put("handed", handing);
                rows("a @ b", PRODUCT, count, engines, inputs, rounds, Map.of());
                engines.put("carried", alone);
                Map<String, Double> aStep = new LinkedHashMap<>();
                for (Map.Entry<String, Engine> engine : engines.entrySet()) {
                    aStep(engine.getValue(), inputs, rounds).ifPresent(bytes -> aStep.put(engine.getKey(), bytes));
                }
                String heat = String.format(Locale.ROOT, HEAT, STEPS);
                rows("heat, " + STEPS + " steps", heat, count, engines, inputs, rounds, aStep);
            }
        } finally {
            nodes.forEach(LocalNode::close);
        }
    }

    private static Engine engine(List<LocalNode> nodes) {
        return Engine.open(new FleetOptions(
                nodes.stream().map(LocalNode::address).toList(),
                new Credentials.Loopback(),
                FleetOptions.TIMEOUT,
                "imbrex bench"));
    }

    private static void rows(
            String name,
            String expression,
            int count,
            Map<String, Engine> engines,
            Map<String, Array> inputs,
            int rounds,
            Map<String, Double> aStep) {
        Map<String, double[]> onNodes = new LinkedHashMap<>();
        Map<String, Summary> last = new LinkedHashMap<>();
        double[] here = new double[rounds];
        for (int round = -WARM; round < rounds; round++) {
            for (Map.Entry<String, Engine> engine : engines.entrySet()) {
                Summary summary = once(engine.getValue(), expression, inputs, "nodes");
                onNodes.computeIfAbsent(engine.getKey(), k -> new double[rounds])[Math.max(0, round)] =
                        summary.wallNanos() / 1e6;
                last.put(engine.getKey(), summary);
            }
            here[Math.max(0, round)] =
                    once(engines.get("handed"), expression, inputs, "vector").wallNanos() / 1e6;
        }
        last.forEach((borders, summary) -> System.out.printf(Locale.ROOT, "%-16s %5d %-8s %9.1f %10.1f %9.1f %8.2f %8.2f %12s%n",
                name, count, engines.size() > 1 ? borders : "-", TileOverhead.median(onNodes.get(borders)),
                busiest(summary) / 1e6, TileOverhead.median(here), bytes(summary, true) / 1e6, bytes(summary, false) / 1e6,
                aStep.containsKey(borders) ? String.format(Locale.ROOT, "%.0f", aStep.get(borders)) : "-"));
    }

    /** All bytes of this process's connections that a step costs more, frames and all; none where the kernel does not count. */
    private static Optional<Double> aStep(Engine engine, Map<String, Array> inputs, int rounds) throws IOException {
        double[][] moved = new double[FEW_STEPS.length][rounds];
        for (int round = -WARM; round < rounds; round++) {
            for (int which = 0; which < FEW_STEPS.length; which++) {
                Optional<Long> before = moved();
                once(engine, String.format(Locale.ROOT, HEAT, FEW_STEPS[which]), inputs, "nodes");
                Optional<Long> after = moved();
                if (before.isEmpty() || after.isEmpty()) {
                    return Optional.empty();
                }
                moved[which][Math.max(0, round)] = after.get() - before.get();
            }
        }
        return Optional.of((TileOverhead.median(moved[1]) - TileOverhead.median(moved[0])) / (FEW_STEPS[1] - FEW_STEPS[0]));
    }

    /** Bytes that this process has read and written so far, as Linux counts them. */
    private static Optional<Long> moved() throws IOException {
        Path counts = Path.of("/proc/self/io");
        if (!Files.isReadable(counts)) {
            return Optional.empty();
        }
        long sum = 0;
        for (String line : Files.readAllLines(counts)) {
            if (line.startsWith("rchar:") || line.startsWith("wchar:")) {
                sum += Long.parseLong(line.substring(line.indexOf(' ') + 1).strip());
            }
        }
        return Optional.of(sum);
    }

    private static long busiest(Summary summary) {
        return summary.devices().stream().mapToLong(Summary.DeviceUse::kernelNanos).max().orElse(0);
    }

    private static long bytes(Summary summary, boolean up) {
        return summary.devices().stream().mapToLong(use -> up ? use.bytesUp() : use.bytesDown()).sum();
    }

    private static Summary once(Engine engine, String expression, Map<String, Array> inputs, String device) {
        Engine.Run run = engine.run(expression, inputs, RunOptions.defaults().withDevice(device));
        run.result().close();
        return run.summary();
    }
}
