package org.imbrex.host.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.Fleet;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.NodeProcess;
import org.imbrex.host.node.NodeStatus;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.runtime.schedule.RunOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes: the coordinator is killed by SIGKILL again and again, and what was finished stays finished. */
class CoordinatorProcessTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final int KILLS = 3;
    private static final int RECORD_BYTES = 150;
    private static final int PATIENCE_SECONDS = 300;
    /** A journal's first bytes: the job may be described behind them, or not yet. */
    private static final int DESCRIPTION_BYTES = 400;

    /** What a journal says: whether the job is described in it, and how many tiles have ended. */
    private record Found(boolean described, long tiles) {}

    private static FleetOptions options(InetSocketAddress... addresses) {
        return new FleetOptions(
                List.of(addresses), new Credentials.Loopback(), Duration.ofSeconds(20), "imbrex test");
    }

    /** Tiles that the nodes have computed, once none is at work. */
    private static long computed(FleetOptions nodes) throws Exception {
        try (Fleet fleet = new Fleet(nodes)) {
            for (long before = -1; ; ) {
                long now = 0;
                long busy = 0;
                for (NodeStatus node : fleet.status(Duration.ofSeconds(PATIENCE_SECONDS))) {
                    now += node.numbers().get("tiles_total");
                    busy += node.numbers().get("busy_workers") + node.numbers().get("waiting_tiles");
                }
                if (busy == 0 && now == before) {
                    return now;
                }
                before = now;
                Thread.sleep(50);
            }
        }
    }

    private static Path journal(Path store) throws IOException {
        for (Path job : Disk.list(store.resolve("jobs"))) {
            return job.resolve("journal");
        }
        return store.resolve("none");
    }

    private static long size(Path store) throws IOException {
        Path journal = Files.isDirectory(store.resolve("jobs")) ? journal(store) : store;
        return Files.isRegularFile(journal) ? Files.size(journal) : 0;
    }

    /** The tiles whose end is in the journal, each once. */
    private static Found found(Path store) throws IOException {
        Path copy = store.resolveSibling("copy");
        Files.copy(journal(store), copy, StandardCopyOption.REPLACE_EXISTING);
        Set<String> tiles = new HashSet<>();
        int[] records = {0};
        boolean[] described = {false};
        try (Journal journal = Journal.open(copy, record -> {
            described[0] |= record[0] == 0;
            if (record[0] == 2) {
                records[0]++;
                tiles.add(LogRecords.tile(new org.imbrex.host.node.wire.Decoder(
                                Arrays.copyOfRange(record, 1, record.length)))
                        .toString());
            }
        })) {
            assertThat(records[0]).as("no tile is finished twice").isEqualTo(tiles.size());
        }
        return new Found(described[0], tiles.size());
    }

    /** @param tiles about how many there are */
    private void goesOn(String expression, int rows, RunOptions how, int tiles, Path store) throws Exception {
        Random random = new Random(SEED);
        double[] data = new double[rows * 300];
        Arrays.setAll(data, i -> random.nextGaussian());
        Map<String, Array> inputs = Map.of("x", Array.of(data, rows, 300));
        double[] expected;
        try (Engine engine = Engine.open()) {
            expected = engine.eval(expression, inputs).toDoubleArray();
        }
        try (NodeProcess a = new NodeProcess(0);
                NodeProcess b = new NodeProcess(0)) {
            FleetOptions nodes = options(a.address(), b.address());
            String on = "127.0.0.1:" + a.port() + ",127.0.0.1:" + b.port();
            CoordinatorProcess coordinator = new CoordinatorProcess(0, store, on);
            int port = coordinator.port();
            CompletableFuture<Engine.Run> client = CompletableFuture.supplyAsync(() -> {
                try (Engine engine = Engine.openAt(options(new InetSocketAddress("127.0.0.1", port)))) {
                    Engine.Run run = engine.run(expression, inputs, how);
                    assertThat(run.result().toDoubleArray()).isEqualTo(expected);
                    return run;
                }
            });
            try {
                for (int kill = 0; kill < KILLS && !client.isDone(); kill++) {
                    // the first one perhaps while the job is described or its inputs come; the client has come by then
                    long wanted = size(store) + 1 + random.nextInt(kill == 0 ? DESCRIPTION_BYTES : RECORD_BYTES * tiles / 5);
                    while (size(store) < wanted && !client.isDone()) {
                        Thread.sleep(1);
                    }
                    coordinator.kill();
                    Found found = found(store);
                    long before = found.tiles;
                    long c0 = computed(nodes);
                    coordinator = new CoordinatorProcess(port, store, on);
                    if (found.described) { // else nobody was told that it has the job
                        assertThat(coordinator.told).anyMatch(line -> line.contains(": " + before + " of "));
                    }
                    if (kill == KILLS - 1) {
                        Engine.Run run = client.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                        long after = found(store).tiles;
                        long again = computed(nodes) - c0;
                        // what nodes keep for several time steps is lost with the coordinator
                        long most = expression.startsWith("iterate") ? Long.MAX_VALUE : after - before;
                        assertThat(again).isBetween(after - before, Math.max(most, most + run.summary().faults()));
                    }
                }
                client.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } finally {
                coordinator.close();
            }
        } catch (AssertionError | Exception e) {
            throw new AssertionError("-Dimbrex.test.seed=" + SEED, e);
        }
    }

    @Test
    void aKilledCoordinatorComputesNoFinishedTileAgain(@TempDir Path folder) throws Exception {
        goesOn("exp(x) * sin(x)", 2000, RunOptions.defaults().withTile(4, 300), 500, folder.resolve("store"));
    }

    @Test
    void partsOfAReductionAreKeptToo(@TempDir Path folder) throws Exception {
        goesOn("sum(exp(x) * sin(x))", 2000, RunOptions.defaults(), 74, folder.resolve("store"));
    }

    @Test
    void soAreStagesThatReadEarlierOnes(@TempDir Path folder) throws Exception {
        goesOn("sort(x - mean(x, axis=0), axis=1)", 2000, RunOptions.defaults().withTile(20, 20), 115, folder.resolve("store"));
    }

    @Test
    void aSimulationGoesOnFromTheLastFieldsThatCameBack(@TempDir Path folder) throws Exception {
        goesOn(
                "iterate(x=stencil(x + 0.1 * (at(x, -1, 0) - at(x, 0, 1)), mode='wrap'), steps=800)",
                160,
                RunOptions.defaults().withTile(20, 300),
                32,
                folder.resolve("store"));
    }
}
