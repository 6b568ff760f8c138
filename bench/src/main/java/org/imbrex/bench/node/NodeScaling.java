package org.imbrex.bench.node;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.schedule.RunOptions;

/**
 * The time of a job that computes much and sends little, on one node of one thread and on two, by turns in one run;
 * and the processor time of both sides, which bounds it where client and nodes share the cores.
 *
 * <p>Usage: {@code NodeScaling [rounds, default 5] [logarithms and sines of each element, default 400]}
 */
public final class NodeScaling {
    /** Both sides compile for some seconds: until then the client takes more time than the work that it hands out. */
    private static final double WARM_UP_MILLIS = 10_000;

    private NodeScaling() {}

    public static void main(String[] args) throws IOException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        int steps = args.length > 1 ? Integer.parseInt(args[1]) : 400;
        String expression = "sum(iterate(sin(u) + log(2 + cos(u)), steps=" + steps + "), axis=1)";
        try (LocalNode first = LocalNode.start(Optional.empty());
                LocalNode second = LocalNode.start(Optional.empty());
                Engine one = engine(first.address());
                Engine two = engine(first.address(), second.address());
                Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(8192L * 1024 * 4, 64);
            Map<String, Array> inputs = Map.of("u", Array.wrap(memory, DType.F32, Shape.of(8192, 1024)));
            double[] alone = new double[rounds];
            double[] together = new double[rounds];
            double[] clientCpu = new double[2];
            double[] nodesCpu = new double[2];
            for (double spent = 0; spent < WARM_UP_MILLIS; ) {
                spent += millis(one, expression, inputs) + millis(two, expression, inputs);
            }
            for (int round = 0; round < rounds; round++) {
                double[] cpu = {client(), nodes(first, second), 0, 0};
                double a = millis(one, expression, inputs);
                cpu[2] = client();
                cpu[3] = nodes(first, second);
                double b = millis(two, expression, inputs);
                alone[round] = a;
                together[round] = b;
                clientCpu[0] += (cpu[2] - cpu[0]) / rounds;
                nodesCpu[0] += (cpu[3] - cpu[1]) / rounds;
                clientCpu[1] += (client() - cpu[2]) / rounds;
                nodesCpu[1] += (nodes(first, second) - cpu[3]) / rounds;
            }
            double a = TileOverhead.median(alone);
            double b = TileOverhead.median(together);
            System.out.printf(Locale.ROOT, "%s%none node %.0f ms, two %.0f ms (median of %d): %.2f times%n",
                    expression, a, b, rounds, a / b);
            System.out.printf(Locale.ROOT, "processor time, mean: client %.0f ms and node %.0f ms, client %.0f ms and nodes %.0f ms%n",
                    clientCpu[0], nodesCpu[0], clientCpu[1], nodesCpu[1]);
            int cores = Runtime.getRuntime().availableProcessors();
            System.out.printf(Locale.ROOT, "with that on %d cores at most %.2f times%n",
                    cores, Math.min(2, cores * nodesCpu[0] / (clientCpu[1] + nodesCpu[1])));
        }
    }

    private static double client() {
        return TileOverhead.cpuMicros(ProcessHandle.current()) / 1e3;
    }

    private static double nodes(LocalNode first, LocalNode second) {
        return (TileOverhead.cpuMicros(first.process().toHandle()) + TileOverhead.cpuMicros(second.process().toHandle())) / 1e3;
    }

    private static Engine engine(InetSocketAddress... nodes) {
        return Engine.open(new FleetOptions(
                List.of(nodes), new Credentials.Loopback(), FleetOptions.TIMEOUT, "imbrex bench"));
    }

    private static double millis(Engine engine, String expression, Map<String, Array> inputs) {
        long began = System.nanoTime();
        engine.run(expression, inputs, RunOptions.defaults().withDevice("nodes"))
                .result()
                .close();
        return (System.nanoTime() - began) / 1e6;
    }
}
