package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes over loopback: the same bits as one process, whatever happens to them. */
class FleetTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final int ROUNDS = Integer.getInteger("imbrex.test.cases", 3);
    /** Where nothing is to be missed: a busy machine is no lost node. */
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    /** Where a silent node is to be found out. */
    private static final Duration SHORT = Duration.ofSeconds(5);
    private static final Credentials OPEN = new Credentials.Loopback();

    private static final List<String> EXPRESSIONS = List.of(
            "mean(blocks(x, 8), axis=1)",
            "stencil(at(x, -1, 0) + at(x, 1, 0) - 4 * x + at(x, 0, -1) + at(x, 0, 1), mode='wrap')",
            "x @ transpose(y)",
            "sum(x * y)",
            "iterate(x=stencil(x + 0.1 * (at(x, -1, 0) - at(x, 0, 1)), mode='wrap'), steps=4)",
            "x - mean(x, axis=0)",
            "argmax(x, axis=1)");

    private static NodeOptions options(Credentials credentials) {
        return options(credentials, TIMEOUT);
    }

    private static NodeOptions options(Credentials credentials, Duration timeout) {
        return new NodeOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                "vector",
                64 << 20,
                4,
                credentials,
                timeout,
                "imbrex test");
    }

    private static List<Node> nodes(int count, Credentials credentials) throws IOException {
        return nodes(count, credentials, TIMEOUT);
    }

    private static List<Node> nodes(int count, Credentials credentials, Duration timeout) throws IOException {
        List<Node> nodes = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            nodes.add(Engine.node(options(credentials, timeout), 1));
        }
        return nodes;
    }

    private static Engine engine(List<InetSocketAddress> addresses, Credentials credentials) {
        return engine(addresses, credentials, TIMEOUT);
    }

    private static Engine engine(List<InetSocketAddress> addresses, Credentials credentials, Duration timeout) {
        return Engine.open(new FleetOptions(addresses, credentials, timeout, "imbrex test"));
    }

    private static List<InetSocketAddress> addresses(List<Node> nodes) {
        return nodes.stream().map(Node::address).toList();
    }

    private static Array table(int rows, int cols, long seed) {
        Random random = new Random(seed);
        double[] values = new double[rows * cols];
        for (int k = 0; k < values.length; k++) {
            values[k] = random.nextGaussian();
        }
        return Array.of(values, rows, cols);
    }

    private static double[] alone(String expression, Map<String, Array> inputs) {
        try (Engine engine = Engine.open()) {
            return engine.eval(expression, inputs).toDoubleArray();
        }
    }

    private static void same(Array found, double[] expected) {
        double[] values = found.toDoubleArray();
        assertThat(values).hasSameSizeAs(expected);
        for (int k = 0; k < expected.length; k++) {
            if (Double.doubleToRawLongBits(values[k]) != Double.doubleToRawLongBits(expected[k])) {
                throw new AssertionError("element " + k + " is 0x" + Long.toHexString(Double.doubleToRawLongBits(values[k]))
                        + ", expected 0x" + Long.toHexString(Double.doubleToRawLongBits(expected[k])));
            }
        }
    }

    @Test
    void anyNumberOfNodesGivesTheBitsOfOneProcess() throws IOException {
        Map<String, Array> inputs = Map.of("x", table(203, 67, SEED), "y", table(203, 67, SEED + 1));
        for (int count : new int[] {1, 2, 3, 5}) {
            List<Node> nodes = nodes(count, OPEN);
            try (Engine engine = engine(addresses(nodes), OPEN)) {
                for (String expression : EXPRESSIONS) {
                    RunOptions options = RunOptions.defaults().withTile(16, 32).withAttest(true);
                    Engine.Run run = engine.run(expression, inputs, options);
                    same(run.result(), alone(expression, inputs));
                    assertThat(run.summary().faults()).as(run.summary().text()).isZero();
                    assertThat(run.summary().devices()).isNotEmpty().allMatch(use -> use.id().endsWith("/vector"));
                    assertThat(run.summary().tiles()).isNotEmpty().allMatch(tile -> tile.device().endsWith("/vector"));
                }
            } finally {
                nodes.forEach(Node::close);
            }
        }
    }

    @Test
    void nodesAndThisProcessorShareAStage() throws IOException {
        Map<String, Array> inputs = Map.of("x", table(300, 70, SEED), "y", table(300, 70, SEED + 1));
        List<Node> nodes = nodes(1, OPEN);
        try (Engine engine = engine(addresses(nodes), OPEN)) {
            RunOptions options = RunOptions.defaults().withTile(4, 70).withDevice("nodes,vector");
            Engine.Run run = engine.run("exp(x) * y", inputs, options);
            same(run.result(), alone("exp(x) * y", inputs));
        } finally {
            nodes.forEach(Node::close);
        }
    }

    @Test
    void cutConnectionsAndFlippedBitsNeverShowInBits() throws IOException {
        Map<String, Array> inputs = Map.of("x", table(500, 120, SEED), "y", table(500, 120, SEED + 1));
        long[] met = new long[2];
        for (int round = 0; round < ROUNDS; round++) {
            long seed = SEED + round;
            Random random = new Random(seed);
            List<Node> nodes = nodes(3, OPEN, SHORT);
            List<Proxy> proxies = new ArrayList<>();
            for (Node node : nodes) {
                Proxy proxy = new Proxy(node.address(), random.nextLong());
                proxy.flipOneIn = random.nextBoolean() ? 60 : 0;
                proxy.cutOneIn = random.nextBoolean() ? 60 : 0;
                proxies.add(proxy);
            }
            proxies.getFirst().flipOneIn = 0;
            proxies.getFirst().cutOneIn = 0;
            proxies.get(1).flipOneIn = 60; // so that each is met, whatever the seed
            proxies.get(2).cutOneIn = 60;
            try (Engine engine = engine(proxies.stream().map(Proxy::address).toList(), OPEN, SHORT)) {
                for (int times = 0; times < 3; times++) {
                    String expression = EXPRESSIONS.get(random.nextInt(EXPRESSIONS.size()));
                    Engine.Run run = engine.run(expression, inputs, RunOptions.defaults().withTile(8, 40));
                    same(run.result(), alone(expression, inputs));
                }
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dimbrex.test.seed=" + seed, e);
            } finally {
                for (Proxy proxy : proxies) {
                    met[0] += proxy.flipped.get();
                    met[1] += proxy.cut.get();
                    proxy.close();
                }
                nodes.forEach(Node::close);
            }
        }
        assertThat(met[0]).isPositive();
        assertThat(met[1]).isPositive();
    }

    @Test
    void framesSentTwiceOrInAnotherOrderNeverShowInBits() throws IOException {
        Map<String, Array> inputs = Map.of("x", table(300, 120, SEED), "y", table(300, 120, SEED + 1));
        List<Node> nodes = nodes(3, OPEN, SHORT);
        List<Proxy> proxies = new ArrayList<>();
        for (Node node : nodes) {
            Proxy proxy = new Proxy(node.address(), SEED);
            proxy.disorderOneIn = proxies.isEmpty() ? 0 : 20;
            proxies.add(proxy);
        }
        long repeated = 0;
        long swapped = 0;
        try (Engine engine = engine(proxies.stream().map(Proxy::address).toList(), OPEN, SHORT)) {
            for (int times = 0; times < 50 && (repeated == 0 || swapped == 0 || times < 3 * ROUNDS); times++) {
                String expression = EXPRESSIONS.get(times % EXPRESSIONS.size());
                Engine.Run run = engine.run(expression, inputs, RunOptions.defaults().withTile(8, 40));
                same(run.result(), alone(expression, inputs));
                repeated = proxies.stream().mapToLong(proxy -> proxy.repeated.get()).sum();
                swapped = proxies.stream().mapToLong(proxy -> proxy.swapped.get()).sum();
            }
            assertThat(repeated).isPositive();
            assertThat(swapped).isPositive();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("-Dimbrex.test.seed=" + SEED, e);
        } finally {
            for (Proxy proxy : proxies) {
                proxy.close();
            }
            nodes.forEach(Node::close);
        }
    }

    @Test
    void aStalledNodesTilesRunElsewhere() throws Exception {
        Map<String, Array> inputs = Map.of("x", table(500, 120, SEED), "y", table(500, 120, SEED + 1));
        List<Node> nodes = nodes(2, OPEN, SHORT);
        try (Proxy slow = new Proxy(nodes.get(1).address(), SEED);
                Engine engine = engine(List.of(nodes.get(0).address(), slow.address()), OPEN, SHORT)) {
            double[] expected = alone("exp(x) + y", inputs);
            RunOptions options = RunOptions.defaults().withTile(5, 120);
            same(engine.run("exp(x) + y", inputs, options).result(), expected);
            slow.stalled = true;
            Summary summary = engine.run("exp(x) + y", inputs, options).summary();
            assertThat(summary.faults()).as(summary.text()).isPositive();
            slow.stalled = false;
            same(engine.run("exp(x) + y", inputs, options).result(), expected);
        } finally {
            nodes.forEach(Node::close);
        }
    }

    @Test
    void aNodeThatComesBackIsUsedAgain() throws Exception {
        Map<String, Array> inputs = Map.of("x", table(400, 50, SEED));
        Node first = Engine.node(options(OPEN), 1);
        Node second = Engine.node(options(OPEN), 1);
        InetSocketAddress address = second.address();
        try (Engine engine = engine(List.of(first.address(), address), OPEN)) {
            double[] expected = alone("exp(x)", inputs);
            RunOptions options = RunOptions.defaults().withTile(4, 50);
            second.drain(Duration.ofSeconds(1));
            second.close();
            Engine.Run run = engine.run("exp(x)", inputs, options);
            same(run.result(), expected);
            assertThat(run.summary().devices()).hasSize(1);
            NodeOptions again = new NodeOptions(address, "vector", 64 << 20, 4, OPEN, TIMEOUT, "imbrex test");
            second = Engine.node(again, 1);
            boolean used = false;
            for (int round = 0; round < 100 && !used; round++) {
                run = engine.run("exp(x)", inputs, options);
                same(run.result(), expected);
                used = run.summary().devices().size() == 2;
                Thread.sleep(20);
            }
            assertThat(used).isTrue();
        } finally {
            first.close();
            second.close();
        }
    }

    @Test
    void withoutAnyNodeARunFailsWithEachNodesReason() throws IOException {
        Node gone = Engine.node(options(OPEN), 1);
        InetSocketAddress address = gone.address();
        gone.close();
        try (Engine engine = engine(List.of(address), OPEN)) {
            Map<String, Array> inputs = Map.of("x", table(4, 5, SEED));
            assertThatThrownBy(() -> engine.eval("exp(x)", inputs))
                    .isInstanceOf(ImbrexException.class)
                    .hasMessageContaining(FleetOptions.name(address))
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void aTileThatNoNodeHasMemoryForIsCut() throws IOException {
        NodeOptions small = new NodeOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "vector", 100_000, 2, OPEN, TIMEOUT, "test");
        Map<String, Array> inputs = Map.of("x", table(400, 50, SEED));
        try (Node node = Engine.node(small, 1);
                Engine engine = engine(List.of(node.address()), OPEN)) {
            Engine.Run run = engine.run("exp(x)", inputs, RunOptions.defaults().withTile(400, 50));
            same(run.result(), alone("exp(x)", inputs));
            assertThat(run.summary().faults()).isPositive();
        }
    }

    private static void flipsTheFirstBit(List<Span> stores) {
        MemorySegment out = stores.getFirst().memory();
        byte first = out.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0);
        out.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) (first ^ 1));
    }

    @Test
    void aNodeWithWrongBitsIsNamedPutAsideAndItsTilesRunAgain() throws IOException {
        Map<String, Array> inputs = Map.of("x", table(400, 50, SEED));
        try (Node right = Engine.node(options(OPEN), 1);
                Node wrong = Node.start(options(OPEN), new Devices(List.of(new WrongBackend(FleetTest::flipsTheFirstBit))));
                Engine engine = engine(List.of(right.address(), wrong.address()), OPEN)) {
            RunOptions options = RunOptions.defaults().withTile(4, 50).withVerify(0.5);
            Engine.Run run = engine.run("exp(x)", inputs, options);
            same(run.result(), alone("exp(x)", inputs));
            assertThat(run.summary().notes())
                    .anyMatch(note -> note.startsWith(FleetOptions.name(wrong.address()) + "/vector is put aside"));
        }
    }

    @Test
    void aSecretInsideTlsLetsInWhoKnowsItAndNobodyElse(@TempDir Path folder) throws IOException {
        Credentials right = Credentials.secret(folder.resolve("secret"), true);
        assertThat(Files.getPosixFilePermissions(folder.resolve("secret"))).hasSize(2);
        Credentials wrong = Credentials.secret(folder.resolve("other"), true);
        Map<String, Array> inputs = Map.of("x", table(300, 50, SEED));
        try (Node node = Engine.node(options(right), 1)) {
            for (Credentials bad : List.of(wrong, OPEN)) {
                try (Engine engine = engine(List.of(node.address()), bad)) {
                    assertThatThrownBy(() -> engine.eval("exp(x)", inputs)).isInstanceOf(ImbrexException.class);
                }
            }
            assertThat(node.numbers().get("refused_peers_total")).isPositive();
            try (Engine engine = engine(List.of(node.address()), right)) {
                Engine.Run run = engine.run("exp(x)", inputs, RunOptions.defaults().withTile(30, 50));
                same(run.result(), alone("exp(x)", inputs));
            }
        }
    }

    @Test
    void certificatesOfOneAuthorityLetEachOtherIn(@TempDir Path folder) throws IOException {
        Credentials.make(folder.resolve("a"), List.of("localhost", "127.0.0.1"), Duration.ofDays(1));
        Credentials.make(folder.resolve("b"), List.of("localhost", "127.0.0.1"), Duration.ofDays(1));
        Credentials.make(folder.resolve("late"), List.of("localhost", "127.0.0.1"), Duration.ofSeconds(-1));
        Credentials ours = certificates(folder, "a", "a");
        Map<String, Array> inputs = Map.of("x", table(300, 50, SEED));
        try (Node node = Engine.node(options(ours), 1)) {
            for (Credentials bad : List.of(
                    certificates(folder, "b", "a"), certificates(folder, "a", "b"), certificates(folder, "late", "a"), OPEN)) {
                try (Engine engine = engine(List.of(node.address()), bad)) {
                    assertThatThrownBy(() -> engine.eval("exp(x)", inputs)).isInstanceOf(ImbrexException.class);
                }
            }
            try (Engine engine = engine(List.of(node.address()), ours)) {
                same(engine.eval("exp(x)", inputs), alone("exp(x)", inputs));
            }
        }
    }

    private static Credentials certificates(Path folder, String own, String authority) throws IOException {
        return Credentials.certificates(
                folder.resolve(own).resolve("node.pem"),
                folder.resolve(own).resolve("node.key"),
                folder.resolve(authority).resolve("ca.pem"));
    }

    @Test
    void nobodyListensBeyondLoopbackWithoutCredentials() {
        assertThatThrownBy(() -> new NodeOptions(
                        new InetSocketAddress("0.0.0.0", 0), "vector", 1 << 20, 1, OPEN, TIMEOUT, "test"))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("--secret");
    }

    @Test
    void nodesHoldNothingOnceTheirTilesAreDone() throws Exception {
        try (Node node = Engine.node(options(OPEN), 1);
                Engine engine = engine(List.of(node.address()), OPEN)) {
            engine.eval("exp(x)", Map.of("x", table(300, 50, SEED)));
            for (int wait = 0; wait < 200 && node.heldBytes() > 0; wait++) {
                Thread.sleep(10); // the last answer leaves before its memory is given back
            }
            assertThat(node.heldBytes()).isZero();
        }
    }
}
