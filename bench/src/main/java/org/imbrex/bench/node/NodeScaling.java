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
            for (int round = -3; round < rounds; round++) {
                double a = millis(one, inputs);
                double b = millis(two, inputs);
                if (round >= 0) {
                    alone[round] = a;
                    together[round] = b;
                }
            }
            double a = TileOverhead.median(alone);
            double b = TileOverhead.median(together);
            System.out.printf(Locale.ROOT, "%s%none node %.0f ms, two %.0f ms (median of %d): %.2f times%n",
                    EXPRESSION, a, b, rounds, a / b);
        }
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
