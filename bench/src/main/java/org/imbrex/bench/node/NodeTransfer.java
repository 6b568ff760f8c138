package org.imbrex.bench.node;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.schedule.RunOptions;

/**
 * Bytes a second in each direction between this process and one node over loopback, plain and within TLS, beside what
 * iperf3 and OpenSSL reach with one stream, and a bare stream of this JVM, by turns in one run.
 *
 * <p>Usage: {@code NodeTransfer [rounds, default 5]}
 */
public final class NodeTransfer {
    private static final long BYTES = 256L << 20;
    private static final int COLUMNS = 1 << 16;
    /** C2 works for some fifteen seconds in either process, on the cores that a transfer needs. */
    private static final int WARM_UPS = 50;

    private NodeTransfer() {}

    /** A node and an engine that runs on it alone. */
    private record Link(LocalNode node, Engine engine) implements AutoCloseable {
        static Link open(Optional<Path> secret) throws IOException {
            LocalNode node = LocalNode.start(secret);
            Credentials credentials =
                    secret.isPresent() ? Credentials.secret(secret.get(), false) : new Credentials.Loopback();
            return new Link(
                    node,
                    Engine.open(new FleetOptions(
                            List.of(node.address()), credentials, FleetOptions.TIMEOUT, "imbrex bench")));
        }

        double rate(String expression, Map<String, Array> inputs) {
            long began = System.nanoTime();
            engine.run(expression, inputs, RunOptions.defaults().withDevice("nodes"))
                    .result()
                    .close();
            return BYTES / (double) (System.nanoTime() - began);
        }

        @Override
        public void close() {
            engine.close();
            node.close();
        }
    }

    public static void main(String[] args) throws IOException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        Path folder = Files.createTempDirectory("imbrex-transfer");
        Path secret = folder.resolve("secret");
        Files.deleteIfExists(secret);
        try (Link plain = Link.open(Optional.empty());
                Link tls = Link.open(Optional.of(secret));
                Arena arena = Arena.ofShared();
                BareStream hot = BareStream.ofOneBuffer();
                BareStream memory = BareStream.ofMemory(BYTES);
                StreamPeers peers = new StreamPeers(folder)) {
            long rows = BYTES / 4 / COLUMNS;
            Map<String, Array> large = Map.of("x", array(arena, rows, COLUMNS));
            Map<String, Array> small = Map.of("a", array(arena, rows, 1), "b", array(arena, 1, COLUMNS));
            double[][] seen = new double[8][rounds];
            for (int round = 0; round < WARM_UPS; round++) {
                plain.rate("sum(x, axis=1)", large);
                plain.rate("a + b", small);
                tls.rate("sum(x, axis=1)", large);
                tls.rate("a + b", small);
                hot.rate(BYTES);
                memory.rate(BYTES);
            }
            for (int round = 0; round < rounds; round++) {
                double[] now = {
                    plain.rate("sum(x, axis=1)", large),
                    plain.rate("a + b", small),
                    peers.iperf().orElse(Double.NaN),
                    tls.rate("sum(x, axis=1)", large),
                    tls.rate("a + b", small),
                    peers.openssl().orElse(Double.NaN),
                    hot.rate(BYTES),
                    memory.rate(BYTES)
                };
                for (int k = 0; k < now.length; k++) {
                    seen[k][round] = now[k];
                }
            }
            System.out.printf(Locale.ROOT, "%-6s %12s %12s %12s %10s   (median of %d, GB/s)%n",
                    "", "to a node", "from a node", "one stream", "of it", rounds);
            line("plain", seen[0], seen[1], seen[2], "iperf3");
            line("TLS", seen[3], seen[4], seen[5], "openssl");
            System.out.printf(Locale.ROOT, "bare stream: %.2f GB/s of one buffer, %.2f from memory to memory with checksums%n",
                    TileOverhead.median(seen[6]), TileOverhead.median(seen[7]));
        } finally {
            Files.deleteIfExists(secret);
            Files.deleteIfExists(folder);
        }
    }

    private static void line(String name, double[] there, double[] back, double[] peer, String peerName) {
        double best = TileOverhead.median(peer);
        double least = Math.min(TileOverhead.median(there), TileOverhead.median(back));
        OptionalDouble share = Double.isNaN(best) ? OptionalDouble.empty() : OptionalDouble.of(least / best);
        System.out.printf(Locale.ROOT, "%-6s %12.2f %12.2f %12s %10s%n",
                name,
                TileOverhead.median(there),
                TileOverhead.median(back),
                share.isPresent() ? String.format(Locale.ROOT, "%.2f", best) : "no " + peerName,
                share.isPresent() ? String.format(Locale.ROOT, "%.2f", share.getAsDouble()) : "");
    }

    private static Array array(Arena arena, long rows, long columns) {
        MemorySegment memory = arena.allocate(rows * columns * 4, 64);
        memory.fill((byte) 1);
        return Array.wrap(memory, DType.F32, Shape.of(rows, columns));
    }
}
