package org.imbrex.bench.node;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.schedule.RunOptions;

/**
 * What a tile costs a client of many nodes, and what a node costs it in memory: over loopback, against nodes that compute
 * nothing ({@link EmptyNodes}), so that the client is what is measured. Processor time is the client process's, its
 * collector and compiler included; idle it is the share of a core that heartbeats take. Memory is the heap's after a collection
 * and that of direct buffers.
 *
 * <p>Usage: {@code ManyNodes [most nodes, default 10000] [tiles, default 200000] [least nodes, default 1]}
 */
public final class ManyNodes {
    private static final int COLUMNS = 8;
    private static final int ROUNDS = 3;
    private static final int IDLE_SECONDS = 10;

    private ManyNodes() {}

    public static void main(String[] args) throws IOException {
        int most = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
        int tiles = args.length > 1 ? Integer.parseInt(args[1]) : 200_000;
        Process nodes = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-XX:MaxDirectMemorySize=4g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EmptyNodes.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (Arena arena = Arena.ofShared()) {
            int port = Integer.parseInt(LocalNode.line(nodes, "\\d+"));
            MemorySegment memory = arena.allocate((long) tiles * COLUMNS * 4, 64);
            Array x = Array.wrap(memory, DType.F32, Shape.of(tiles, COLUMNS));
            System.out.printf(Locale.ROOT, "%,d tiles of %d bytes, median of %d%n", tiles, COLUMNS * 4, ROUNDS);
            System.out.printf(Locale.ROOT, "%-8s %14s %14s %16s %14s %14s%n",
                    "nodes", "us a tile", "client's CPU", "tiles/s a core", "KiB a node", "idle CPU");
            for (int count = args.length > 2 ? Integer.parseInt(args[2]) : 1; count <= most; count *= 10) {
                measure(port, count, tiles, x);
            }
        } finally {
            nodes.destroy();
        }
    }

    /** Each at a loopback address of its own, since one machine has not so many ports to listen at. */
    private static List<InetSocketAddress> addresses(int count, int port) throws IOException {
        List<InetSocketAddress> all = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            byte[] address = {127, 1, (byte) (k >> 8), (byte) k};
            all.add(new InetSocketAddress(InetAddress.getByAddress(address), port));
        }
        return all;
    }

    private static void measure(int port, int count, int tiles, Array x) throws IOException {
        FleetOptions options = new FleetOptions(
                addresses(count, port), new Credentials.Loopback(), FleetOptions.TIMEOUT, "imbrex bench");
        long before = usedBytes();
        try (Engine engine = Engine.open(options)) {
            run(engine, x); // connects and warms up
            long used = usedBytes() - before;
            double[] wall = new double[ROUNDS];
            double[] cpu = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                double cpuBefore = TileOverhead.cpuMicros(ProcessHandle.current());
                long began = System.nanoTime();
                run(engine, x);
                wall[round] = (System.nanoTime() - began) / 1e3 / tiles;
                cpu[round] = (TileOverhead.cpuMicros(ProcessHandle.current()) - cpuBefore) / tiles;
            }
            double cpuBefore = TileOverhead.cpuMicros(ProcessHandle.current());
            sleep();
            double idle = (TileOverhead.cpuMicros(ProcessHandle.current()) - cpuBefore) / (IDLE_SECONDS * 1e6);
            double micros = TileOverhead.median(cpu);
            System.out.printf(Locale.ROOT, "%-8d %14.1f %14.1f %16.0f %14.1f %14.3f%n",
                    count, TileOverhead.median(wall), micros, 1e6 / micros, used / 1024.0 / count, idle);
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(Duration.ofSeconds(IDLE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(Engine engine, Array x) {
        RunOptions options = RunOptions.defaults().withDevice("nodes").withTile(1, COLUMNS);
        engine.run("x + x", Map.of("x", x), options).result().close();
    }

    private static long usedBytes() {
        System.gc();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return direct + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
