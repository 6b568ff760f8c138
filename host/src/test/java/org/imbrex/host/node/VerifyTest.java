package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.schedule.RunOptions;
import org.junit.jupiter.api.Test;

/** {@code --verify}: tiles are computed again on another node, and one that computes wrong bits is found and named. */
class VerifyTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final int ROUNDS = Integer.getInteger("imbrex.test.cases", 6);
    private static final Credentials OPEN = new Credentials.Loopback();
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static NodeOptions options() {
        return new NodeOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "vector", 64 << 20, 4, OPEN, TIMEOUT, "test");
    }

    /** A node that flips one bit of some tiles' results, as the seed says. */
    private static Node wrongNode(Random random, double share, AtomicInteger flipped) throws IOException {
        Backend wrong = new WrongBackend(stores -> {
            synchronized (random) {
                if (random.nextDouble() < share) {
                    MemorySegment out = stores.getFirst().memory();
                    long at = random.nextLong(out.byteSize());
                    byte bit = (byte) (1 << random.nextInt(6));
                    out.set(ValueLayout.JAVA_BYTE, at, (byte) (out.get(ValueLayout.JAVA_BYTE, at) ^ bit));
                    flipped.incrementAndGet();
                }
            }
        });
        return Node.start(options(), new Devices(List.of(wrong)));
    }

    private static Map<String, Array> inputs(Random random) {
        double[] values = new double[400 * 50];
        java.util.Arrays.setAll(values, k -> random.nextGaussian());
        return Map.of("x", Array.of(values, 400, 50));
    }

    private static double[] alone(String expression, Map<String, Array> inputs) {
        try (Engine engine = Engine.open()) {
            return engine.run(expression, inputs, RunOptions.defaults().withDevice("vector"))
                    .result()
                    .toDoubleArray();
        }
    }

    @Test
    void aNodeThatIsWrongNowAndThenIsFoundNamedAndUsedNoMore() throws IOException {
        List<String> expressions = List.of("exp(x)", "sum(x * x, axis=0)", "x[1:] - x[:-1]");
        for (int round = 0; round < ROUNDS; round++) {
            long seed = SEED + round;
            Random random = new Random(seed);
            String expression = expressions.get(random.nextInt(expressions.size()));
            AtomicInteger flipped = new AtomicInteger();
            Map<String, Array> inputs = inputs(random);
            double[] expected = alone(expression, inputs);
            try (Node first = Engine.node(options(), 1);
                    Node wrong = wrongNode(random, 0.2 + 0.8 * random.nextDouble(), flipped);
                    Node last = Engine.node(options(), 1);
                    Engine engine = Engine.open(new FleetOptions(
                            random.nextBoolean()
                                    ? List.of(first.address(), wrong.address(), last.address())
                                    : List.of(wrong.address(), first.address()),
                            OPEN,
                            TIMEOUT,
                            "test"))) {
                String name = FleetOptions.name(wrong.address());
                RunOptions options = RunOptions.defaults().withTile(4, 50).withVerify(1);
                Engine.Run run = engine.run(expression, inputs, options);
                assertThat(run.result().toDoubleArray()).as("-Dimbrex.test.seed=" + seed).isEqualTo(expected);
                assertThat(run.summary().verified()).isPositive();
                if (flipped.get() > 0) {
                    assertThat(run.summary().notes())
                            .as("-Dimbrex.test.seed=" + seed)
                            .anyMatch(note -> note.startsWith(name + "/vector is put aside"));
                    assertThat(run.summary().devices()).noneMatch(use -> use.id().startsWith(name));
                }
            }
        }
    }

    @Test
    void rightNodesConfirmEachOtherWithoutTheReference() throws IOException {
        Random random = new Random(SEED);
        Map<String, Array> inputs = inputs(random);
        try (Node first = Engine.node(options(), 1);
                Node second = Engine.node(options(), 1);
                Engine engine = Engine.open(
                        new FleetOptions(List.of(first.address(), second.address()), OPEN, TIMEOUT, "test"))) {
            Engine.Run run = engine.run("exp(x)", inputs, RunOptions.defaults().withTile(4, 50).withVerify(1));
            assertThat(run.result().toDoubleArray()).isEqualTo(alone("exp(x)", inputs));
            assertThat(run.summary().verified()).isEqualTo(100);
            // each tile twice, on either node once; one that is slow perhaps once more
            assertThat(first.numbers().get("tiles_total")).isGreaterThanOrEqualTo(100);
            assertThat(second.numbers().get("tiles_total")).isGreaterThanOrEqualTo(100);
        }
    }
}
