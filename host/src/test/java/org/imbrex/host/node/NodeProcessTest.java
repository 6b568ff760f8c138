package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.runtime.schedule.RunOptions;
import org.junit.jupiter.api.Test;

/** Real processes, really stopped: SIGKILL, SIGSTOP and SIGTERM while they have tiles. */
class NodeProcessTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final String EXPRESSION = "mean(blocks(exp(x) * sin(x), 8), axis=1)";

    @Test
    void killedStoppedAndComingBackNodesNeverShowInBits() throws Exception {
        Random random = new Random(SEED);
        double[] data = new double[1600 * 60];
        java.util.Arrays.setAll(data, i -> random.nextGaussian());
        Map<String, Array> inputs = Map.of("x", Array.of(data, 1600, 60));
        double[] expected;
        try (Engine engine = Engine.open()) {
            expected = engine.eval(EXPRESSION, inputs).toDoubleArray();
        }
        NodeProcess a = new NodeProcess(0);
        NodeProcess b = new NodeProcess(0);
        NodeProcess c = new NodeProcess(0);
        FleetOptions options = new FleetOptions(
                List.of(a.address(), b.address(), c.address()),
                new Credentials.Loopback(),
                Duration.ofSeconds(10),
                "imbrex test");
        try (Engine engine = Engine.open(options)) {
            check(engine, inputs, expected);
            CompletableFuture<Void> trouble = CompletableFuture.runAsync(() -> {
                try {
                    Thread.sleep(random.nextInt(30));
                    b.signal("KILL");
                    Thread.sleep(random.nextInt(30));
                    c.signal("STOP");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            // until the faults are met
            int faults = 0;
            for (int round = 0; round < 200 && (faults < 1 || !trouble.isDone()); round++) {
                faults += check(engine, inputs, expected);
            }
            trouble.join();
            assertThat(faults).isPositive();
            c.signal("CONT");
            try (NodeProcess again = new NodeProcess(b.port())) {
                boolean used = false;
                for (int round = 0; round < 300 && !used; round++) {
                    Engine.Run run = engine.run(EXPRESSION, inputs, RunOptions.defaults().withTile(1, 60));
                    assertThat(run.result().toDoubleArray()).isEqualTo(expected);
                    used = run.summary().devices().stream()
                            .anyMatch(use -> use.id().startsWith(FleetOptions.name(again.address()) + "/"));
                    Thread.sleep(10);
                }
                assertThat(used).as("the node that came back").isTrue();
                again.signal("TERM");
                check(engine, inputs, expected);
                assertThat(again.end()).isEqualTo(143); // as a process that ends by SIGTERM
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("-Dimbrex.test.seed=" + SEED, e);
        } finally {
            a.close();
            b.close();
            c.close();
        }
    }

    private static int check(Engine engine, Map<String, Array> inputs, double[] expected) {
        Engine.Run run = engine.run(EXPRESSION, inputs, RunOptions.defaults().withTile(1, 60));
        assertThat(run.result().toDoubleArray()).isEqualTo(expected);
        return run.summary().faults();
    }
}
