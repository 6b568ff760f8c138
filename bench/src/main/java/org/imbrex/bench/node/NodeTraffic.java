package org.imbrex.bench.node;

import java.io.IOException;
import java.util.ArrayList;
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
 * matrix product, whose tiles share an operand, and a simulation, whose tiles share borders from step to step.
 *
 * <p>Usage: {@code NodeTraffic [nodes, default 2] [side of the arrays, default 1024]}
 */
public final class NodeTraffic {
    private static final int ROUNDS = 7;
    private static final int WARM = 4;

    private static final Map<String, String> JOBS = Map.of(
            "a @ b", "a @ b",
            "heat, 400 steps",
            "iterate(a=stencil(a + 0.1 * (at(a, -1, 0) + at(a, 1, 0) + at(a, 0, -1) + at(a, 0, 1) - 4 * a), "
                    + "mode='wrap'), steps=400)");

    private NodeTraffic() {}

    public static void main(String[] args) throws IOException {
        int count = args.length > 0 ? Integer.parseInt(args[0]) : 2;
        int side = args.length > 1 ? Integer.parseInt(args[1]) : 1024;
        List<LocalNode> nodes = new ArrayList<>();
        try {
            for (int k = 0; k < count; k++) {
                nodes.add(LocalNode.start(Optional.empty()));
            }
            FleetOptions options = new FleetOptions(
                    nodes.stream().map(LocalNode::address).toList(),
                    new Credentials.Loopback(),
                    FleetOptions.TIMEOUT,
                    "imbrex bench");
            try (Engine engine = Engine.open(options)) {
                run(engine, count, side);
            }
        } finally {
            nodes.forEach(LocalNode::close);
        }
    }

    private static void run(Engine engine, int count, int side) {
        float[] values = new float[side * side];
        for (int k = 0; k < values.length; k++) {
            values[k] = (k * 31 % 1009) / 1009f;
        }
        Map<String, Array> inputs =
                Map.of("a", Array.of(values, side, side), "b", Array.of(values.clone(), side, side));
        System.out.printf(Locale.ROOT, "%-18s %10s %10s %10s %12s %12s   (%d², f32, %d nodes, median of %d)%n",
                "job", "nodes ms", "in kernels", "here ms", "MB sent", "MB back", side, count, ROUNDS);
        for (Map.Entry<String, String> job : JOBS.entrySet()) {
            Summary summary = once(engine, job.getValue(), inputs, "nodes");
            double[] onNodes = new double[ROUNDS];
            double[] here = new double[ROUNDS];
            for (int round = -WARM; round < ROUNDS; round++) {
                summary = once(engine, job.getValue(), inputs, "nodes");
                onNodes[Math.max(0, round)] = summary.wallNanos() / 1e6;
                here[Math.max(0, round)] = once(engine, job.getValue(), inputs, "vector").wallNanos() / 1e6;
            }
            System.out.printf(Locale.ROOT, "%-18s %10.1f %10.1f %10.1f %12.2f %12.2f%n", job.getKey(), TileOverhead.median(onNodes),
                    busiest(summary) / 1e6, TileOverhead.median(here), bytes(summary, true) / 1e6, bytes(summary, false) / 1e6);
        }
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
