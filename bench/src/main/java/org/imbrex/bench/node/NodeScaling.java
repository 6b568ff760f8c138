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
 * The time of a job that computes much and sends little, on one node of one thread and on two, by turns in one run.
 *
 * <p>Usage: {@code NodeScaling [rounds, default 7]}
 */
public final class NodeScaling {
    /** 50 logarithms and sines of each element. */
    private static final String EXPRESSION = "sum(iterate(sin(u) + log(2 + cos(u)), steps=50), axis=1)";

    private NodeScaling() {}

    public static void main(String[] args) throws IOException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 7;
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
            for (int round = -3; round < rounds; round++) {
                double[] cpu = {client(), nodes(first, second), 0, 0};
                double a = millis(one, inputs);
                cpu[2] = client();
                cpu[3] = nodes(first, second);
                double b = millis(two, inputs);
                if (round >= 0) {
                    alone[round] = a;
                    together[round] = b;
                    clientCpu[0] += (cpu[2] - cpu[0]) / rounds;
                    nodesCpu[0] += (cpu[3] - cpu[1]) / rounds;
                    clientCpu[1] += (client() - cpu[2]) / rounds;
                    nodesCpu[1] += (nodes(first, second) - cpu[3]) / rounds;
                }
            }
            double a = TileOverhead.median(alone);
            double b = TileOverhead.median(together);
            System.out.printf(Locale.ROOT, "%s%none node %.0f ms, two %.0f ms (median of %d): %.2f times%n",
                    EXPRESSION, a, b, rounds, a / b);
            System.out.printf(Locale.ROOT, "processor time, mean: client %.0f ms and node %.0f ms, client %.0f ms and nodes %.0f ms%n",
                    clientCpu[0], nodesCpu[0], clientCpu[1], nodesCpu[1]);
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

    private static double millis(Engine engine, Map<String, Array> inputs) {
        long began = System.nanoTime();
        engine.run(EXPRESSION, inputs, RunOptions.defaults().withDevice("nodes"))
                .result()
                .close();
        return (System.nanoTime() - began) / 1e6;
    }
}
