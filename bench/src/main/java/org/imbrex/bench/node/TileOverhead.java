package org.imbrex.bench.node;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
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
 * The time of a job of very small tiles on one node over loopback, by the number of tiles, and the processor time of both
 * sides, beside the same job on this process's own processor; then the bytes a second of large tiles.
 *
 * <p>Usage: {@code TileOverhead [most tiles, default 1000000] [secret file, default plain]}
 */
public final class TileOverhead {
    private static final int COLUMNS = 8;
    private static final int ROUNDS = 5;
    /** No run begins later. */
    private static final long MOST_NANOS = 60_000_000_000L;
    private static final long LARGE_BYTES = 256L << 20;

    private TileOverhead() {}

    public static void main(String[] args) throws IOException {
        int most = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
        Optional<Path> secret = args.length > 1 ? Optional.of(Path.of(args[1])) : Optional.empty();
        try (LocalNode node = LocalNode.start(secret)) {
            Credentials credentials =
                    secret.isPresent() ? Credentials.secret(secret.get(), false) : new Credentials.Loopback();
            FleetOptions nodes =
                    new FleetOptions(List.of(node.address()), credentials, FleetOptions.TIMEOUT, "imbrex bench");
            try (Engine engine = Engine.open(nodes);
                    Arena arena = Arena.ofShared()) {
                run(engine, arena, node, most);
            }
        }
    }

    private static void run(Engine engine, Arena arena, LocalNode node, int most) {
        Array warm = floats(arena, 20_000);
        for (int round = 0; round < 4; round++) {
            micros(engine, warm, "nodes", 20_000);
        }
        System.out.printf(Locale.ROOT, "microseconds a tile, median of up to %d runs in %d s%n", ROUNDS, MOST_NANOS / 1_000_000_000);
        System.out.printf(Locale.ROOT, "%-12s %12s %16s %16s %16s %6s%n",
                "tiles", "one node", "client's CPU", "node's CPU", "this process", "runs");
        for (int tiles = 1000; tiles <= most; tiles *= 10) {
            Array x = floats(arena, tiles);
            double[] times = new double[ROUNDS];
            double[] alone = new double[ROUNDS];
            double clientCpu = 0;
            double nodeCpu = 0;
            int rounds = 0;
            for (long began = System.nanoTime(); rounds < ROUNDS && System.nanoTime() - began < MOST_NANOS; rounds++) {
                double clientBefore = cpuMicros(ProcessHandle.current());
                double nodeBefore = cpuMicros(node.process().toHandle());
                times[rounds] = micros(engine, x, "nodes", tiles);
                clientCpu += cpuMicros(ProcessHandle.current()) - clientBefore;
                nodeCpu += cpuMicros(node.process().toHandle()) - nodeBefore;
                alone[rounds] = micros(engine, x, "vector", tiles);
            }
            System.out.printf(Locale.ROOT, "%,-12d %12.1f %16.1f %16.1f %16.2f %6d%n",
                    tiles,
                    median(Arrays.copyOf(times, rounds)),
                    clientCpu / rounds / tiles,
                    nodeCpu / rounds / tiles,
                    median(Arrays.copyOf(alone, rounds)),
                    rounds);
        }
        long rows = LARGE_BYTES / 4 / 1024;
        Array large = array(arena, rows, 1024);
        double[] rates = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long began = System.nanoTime();
            engine.run("x + 1", Map.of("x", large), RunOptions.defaults().withDevice("nodes"))
                    .result()
                    .close();
            rates[round] = 2.0 * LARGE_BYTES / (System.nanoTime() - began);
        }
        System.out.printf(Locale.ROOT, "large tiles, there and back: %.2f GB/s%n", median(rates));
    }

    /** Processor time that a process has had, in steps of 10 ms. */
    static double cpuMicros(ProcessHandle process) {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L) / 1e3;
    }

    private static Array floats(Arena arena, int tiles) {
        return array(arena, tiles, COLUMNS);
    }

    private static Array array(Arena arena, long rows, long columns) {
        MemorySegment memory = arena.allocate(rows * columns * 4, 64);
        return Array.wrap(memory, DType.F32, Shape.of(rows, columns));
    }

    private static double micros(Engine engine, Array x, String device, int tiles) {
        RunOptions options = RunOptions.defaults().withDevice(device).withTile(1, COLUMNS).withThreads(1);
        long began = System.nanoTime();
        engine.run("x + 1", Map.of("x", x), options).result().close();
        return (System.nanoTime() - began) / 1e3 / tiles;
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
