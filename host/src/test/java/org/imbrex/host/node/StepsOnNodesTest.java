package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Simulations that stay on the nodes: the bits of one process, on any number of nodes, whatever happens to them. */
class StepsOnNodesTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final Credentials OPEN = new Credentials.Loopback();
    private static final Duration TIMEOUT = Duration.ofMillis(1500);

    private static final String HEAT =
            "iterate(x=stencil(x + 0.1 * (at(x, -1, 0) + at(x, 1, 0) + at(x, 0, -1) + at(x, 0, 1) - 4 * x), mode='wrap'),"
                    + " steps=%d)";

    private static final List<String> SIMULATIONS = List.of(
            String.format(HEAT, 41),
            // edges of every kind, one axis, neighbours on one side only
            "iterate(x=stencil(x * 0.5 + at(x, -3, 0) * 0.25 + at(x, 2, 1) * 0.25, mode='reflect'), steps=23)",
            "iterate(x=stencil(0.9 * at(x, -1, 0) + 0.1 * x, mode='edge'), steps=150)",
            "iterate(x=stencil(at(x, 1, 0) + 0.01 * x, mode=0.5), steps=140)",
            "iterate(x=stencil(x - 0.2 * (x - at(x, -1, 0)), mode='wrap'), steps=200)",
            // no neighbours along the leading axis
            "iterate(x=stencil(x + 0.1 * (at(x, 0, -1) - x), mode='symmetric'), steps=150)",
            // two fields, one step in several stages, and arrays that do not change
            "iterate(x=x + 0.1 * (at(y, 1, 0) - y), y=y - 0.1 * (x - at(x, -1, 0)), steps=80)[0]",
            "iterate(x=stencil(x + k * (at(x, -1, 0) + at(x, 1, 0) - 2 * x) + r, mode='wrap'), steps=150)",
            "iterate(v=stencil(v + 0.05 * (at(v, -1, 0, 0) + at(v, 0, 1, 0) + at(v, 0, 0, -1) - 3 * v), mode='wrap'),"
                    + " steps=9)",
            // fields that are computed before, and used after
            "mean(iterate(x=stencil(exp(-x * x) + 0.1 * at(x, 1, 1), mode='wrap'), steps=30), axis=0)",
            "sum(iterate(x=stencil((x + at(x, 1, 0)) / 2, mode='edge'), steps=400) * y)");

    private static Node node(long memory) throws IOException {
        NodeOptions options = new NodeOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "vector", memory, 1, OPEN, TIMEOUT, "test");
        return Engine.node(options, 1);
    }

    private static Engine engine(List<InetSocketAddress> nodes) {
        return Engine.open(new FleetOptions(nodes, OPEN, TIMEOUT, "imbrex test"));
    }

    private static FleetOptions patient(List<InetSocketAddress> nodes) {
        return new FleetOptions(nodes, OPEN, Duration.ofSeconds(30), "imbrex test");
    }

    private static Array table(Random random, long... shape) {
        double[] values = new double[(int) java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        java.util.Arrays.setAll(values, k -> random.nextGaussian());
        return Array.of(values, shape);
    }

    private static Map<String, Array> inputs(Random random, long rows) {
        Map<String, Array> all = new LinkedHashMap<>();
        all.put("x", table(random, rows, 37));
        all.put("y", table(random, rows, 37));
        all.put("k", table(random, rows, 1));
        all.put("r", table(random, 37));
        all.put("v", table(random, rows, 6, 9));
        return all;
    }

    private static Map<String, Array> used(String expression, Map<String, Array> all) {
        Map<String, Array> used = new LinkedHashMap<>(all);
        used.keySet().retainAll(org.imbrex.kernels.parse.Parser.parse(expression).inputs());
        return used;
    }

    private static double[] alone(String expression, Map<String, Array> inputs) {
        try (Engine engine = Engine.open()) {
            return engine.run(expression, inputs, RunOptions.defaults().withDevice("vector"))
                    .result()
                    .toDoubleArray();
        }
    }

    private static void same(Engine.Run run, double[] expected, String where) {
        double[] found = run.result().toDoubleArray();
        assertThat(found).as(where).hasSameSizeAs(expected);
        for (int k = 0; k < expected.length; k++) {
            assertThat(Double.doubleToRawLongBits(found[k]))
                    .as("element " + k + " of " + where)
                    .isEqualTo(Double.doubleToRawLongBits(expected[k]));
        }
    }

    private static long bytes(Summary summary) {
        return summary.devices().stream().mapToLong(use -> use.bytesUp() + use.bytesDown()).sum();
    }

    @Test
    void anyNumberOfNodesGivesTheBitsOfOneProcess() throws Exception {
        Random random = new Random(SEED);
        List<Node> nodes = new ArrayList<>();
        for (int k = 0; k < 5; k++) {
            nodes.add(node(64 << 20));
        }
        try {
            for (String expression : SIMULATIONS) {
                Map<String, Array> inputs = used(expression, inputs(random, 90 + random.nextInt(60)));
                double[] expected = alone(expression, inputs);
                for (int count : new int[] {1, 2, 3, 5}) {
                    List<InetSocketAddress> addresses =
                            nodes.subList(0, count).stream().map(Node::address).toList();
                    String where = expression + " on " + count + " nodes, -Dimbrex.test.seed=" + SEED;
                    for (int tries = 0; ; tries++) {
                        try (Engine engine = engine(addresses)) {
                            Engine.Run run = engine.run(expression, inputs, RunOptions.defaults());
                            same(run, expected, where + run.summary().text());
                            assertThat(run.summary().faults()).as(where + run.summary().text()).isZero();
                            break;
                        } catch (org.imbrex.kernels.type.ImbrexException e) {
                            assertThat(tries).as(where + e).isLessThan(20); // the client before is still leaving
                            Thread.sleep(50);
                        }
                    }
                }
            }
            for (Node node : nodes) {
                for (int wait = 0; wait < 200 && node.heldBytes() > 0; wait++) {
                    Thread.sleep(10);
                }
                assertThat(node.heldBytes()).isZero();
            }
        } finally {
            nodes.forEach(Node::close);
        }
    }

    @Test
    void onlyTheFieldsPassThroughTheClient() throws IOException {
        Random random = new Random(SEED);
        Map<String, Array> inputs = Map.of("x", table(random, 256, 64));
        long row = 64 * 8;
        long field = 256 * row;
        // a machine that stands still for a moment must not be taken for a lost node: what moves is counted
        try (NodeProcess one = new NodeProcess(0);
                NodeProcess two = new NodeProcess(0);
                Engine engine = Engine.open(patient(List.of(one.address(), two.address())))) {
            long[] moved = new long[2];
            for (int which = 0; which < 2; which++) {
                String expression = String.format(HEAT, which == 0 ? 80 : 160);
                Engine.Run run = engine.run(expression, inputs, RunOptions.defaults());
                same(run, alone(expression, inputs), "-Dimbrex.test.seed=" + SEED);
                assertThat(run.summary().faults()).as(run.summary().text()).isZero();
                moved[which] = bytes(run.summary());
            }
            // The first round's tiles bring their input from a Java array; the others keep it there. So the field travels
            // there and back twice, with the rows around tiles and slabs; whole tiles would take twenty fields. What
            // crosses after each round goes from node to node.
            assertThat(moved[0]).isBetween(4 * field, 4 * field + 80 * row);
            assertThat(moved[1]).isEqualTo(moved[0]);
        }
    }

    private static Node node(Credentials credentials, boolean connects) throws IOException {
        return Engine.node(
                new NodeOptions(
                        new InetSocketAddress("localhost", 0),
                        "vector",
                        64 << 20,
                        1,
                        credentials,
                        Duration.ofSeconds(10),
                        "test",
                        connects),
                1);
    }

    @Test
    void nodesMeetByTheirOwnSecretOrCertificates(@TempDir Path folder) throws Exception {
        Random random = new Random(SEED);
        Credentials.make(folder, List.of("localhost", "127.0.0.1"), Duration.ofDays(1));
        List<Credentials> all = List.of(
                Credentials.secret(folder.resolve("secret"), true),
                Credentials.certificates(
                        folder.resolve("node.pem"), folder.resolve("node.key"), folder.resolve("ca.pem")));
        Map<String, Array> inputs = Map.of("x", table(random, 120, 30));
        String expression = String.format(HEAT, 80);
        double[] expected = alone(expression, inputs);
        for (Credentials credentials : all) {
            try (Node one = node(credentials, true);
                    Node two = node(credentials, true);
                    Engine engine = Engine.open(new FleetOptions(
                            List.of(one.address(), two.address()), credentials, Duration.ofSeconds(30), "test"))) {
                Engine.Run run = engine.run(expression, inputs, RunOptions.defaults());
                same(run, expected, "-Dimbrex.test.seed=" + SEED);
                assertThat(run.summary().faults()).as(run.summary().text()).isZero();
                for (Node node : List.of(one, two)) {
                    // both rows of borders, above and below, after each of the chain's rounds but the last
                    assertThat(node.numbers().get("borders_total")).isEqualTo(2 * 8);
                    assertThat(node.numbers().get("border_bytes_total")).isEqualTo(2 * 8 * 8 * 30 * 8);
                }
            }
        }
    }

    @Test
    void whereNodesDoNotReachEachOtherTheClientCarriesTheirBorders() throws Exception {
        Random random = new Random(SEED);
        Map<String, Array> inputs = Map.of("x", table(random, 120, 30));
        String expression = String.format(HEAT, 400);
        double[] expected = alone(expression, inputs);
        try (Node one = node(OPEN, true);
                Node two = node(OPEN, false);
                Node three = node(OPEN, true);
                Engine engine = Engine.open(patient(List.of(one.address(), two.address(), three.address())))) {
            Engine.Run run = engine.run(expression, inputs, RunOptions.defaults());
            same(run, expected, "-Dimbrex.test.seed=" + SEED);
            List<String> notes = run.summary().notes().stream()
                    .filter(note -> note.startsWith("borders pass through this client"))
                    .toList();
            assertThat(notes).as(run.summary().text()).hasSize(1);
            String from = "from " + FleetOptions.name(two.address()) + " to ";
            assertThat(notes.getFirst())
                    .contains(from + FleetOptions.name(one.address()), from + FleetOptions.name(three.address()))
                    .contains("connects to no other")
                    .doesNotContain("from " + FleetOptions.name(one.address()));
            assertThat(run.summary().faults()).isEqualTo(1);
            assertThat(one.numbers().get("borders_total")).isPositive();
            assertThat(two.numbers().get("borders_total")).isPositive();
        }
    }

    @Test
    void nodesWithoutMemoryForTheirSlabAreSentTiles() throws IOException {
        Random random = new Random(SEED);
        Map<String, Array> inputs = Map.of("x", table(random, 400, 64));
        String expression = String.format(HEAT, 40);
        try (Node node = node(300_000);
                Engine engine = engine(List.of(node.address()))) {
            Engine.Run run = engine.run(expression, inputs, RunOptions.defaults());
            same(run, alone(expression, inputs), "-Dimbrex.test.seed=" + SEED);
            assertThat(run.summary().notes()).anyMatch(note -> note.contains("has no memory for its part"));
        }
    }

    @Test
    void killedAndStoppedNodesCostARepetitionAndNoBit() throws Exception {
        Random random = new Random(SEED);
        Map<String, Array> inputs = Map.of("x", table(random, 300, 60));
        String expression = String.format(HEAT, 400);
        double[] expected = alone(expression, inputs);
        try (NodeProcess one = new NodeProcess(0);
                NodeProcess two = new NodeProcess(0);
                NodeProcess three = new NodeProcess(0);
                Engine engine = engine(List.of(one.address(), two.address(), three.address()))) {
            same(engine.run(expression, inputs, RunOptions.defaults()), expected, "before");
            CompletableFuture<Void> trouble = CompletableFuture.runAsync(() -> {
                try {
                    Thread.sleep(random.nextInt(100));
                    two.signal("KILL");
                    Thread.sleep(random.nextInt(100));
                    three.signal("STOP");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            int faults = 0;
            for (int round = 0; round < 50 && (faults < 1 || !trouble.isDone()); round++) {
                Engine.Run run = engine.run(expression, inputs, RunOptions.defaults());
                same(run, expected, "-Dimbrex.test.seed=" + SEED);
                faults += run.summary().faults();
            }
            trouble.join();
            assertThat(faults).isPositive();
            three.signal("CONT");
            same(engine.run(expression, inputs, RunOptions.defaults()), expected, "after");
        }
    }
}
