package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.runtime.schedule.RunOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three hosts of their own networks, over a network that is late and loses packets: a cut link, a link that works one
 * way only, a stopped and a killed node in the middle of a job, and always the bits of one process. Skipped where
 * namespaces cannot be made, unless IMBREX_REQUIRE_NETNS is set.
 */
class NamespacesTest {
    private static final boolean REQUIRED = "true".equals(System.getenv("IMBREX_REQUIRE_NETNS"));
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final String EXPRESSION = "mean(blocks(exp(x) * sin(x), 8), axis=1)";
    private static final String STEPS =
            "iterate(x=stencil(x + 0.1 * (at(x, -1, 0) + at(x, 1, 0) - 2 * x), mode='wrap'), steps=%d)";
    private static final int HOSTS = 3;

    private interface Trouble {
        void befall() throws Exception;
    }

    @Test
    void lostPacketsCutLinksAndLostHostsNeverShowInBits(@TempDir Path folder) throws Exception {
        String obstacle = Namespaces.obstacle();
        if (!obstacle.isEmpty() && !REQUIRED) {
            System.out.println("skipped, no network namespaces here: " + obstacle);
        }
        assumeTrue(obstacle.isEmpty() || REQUIRED, obstacle);
        Random random = new Random(SEED);
        double[] data = new double[1600 * 60];
        java.util.Arrays.setAll(data, i -> random.nextGaussian());
        Map<String, Array> inputs = Map.of("x", Array.of(data, 1600, 60));
        double[] expected;
        try (Engine engine = Engine.open()) {
            expected = engine.eval(EXPRESSION, inputs).toDoubleArray();
        }
        Path secret = folder.resolve("secret");
        Credentials credentials = Credentials.secret(secret, true);
        List<NodeProcess> nodes = new ArrayList<>();
        try (Namespaces hosts = new Namespaces(HOSTS, SEED)) {
            System.out.println("hosts as namespaces, by " + hosts.wires().told());
            List<InetSocketAddress> addresses = new ArrayList<>();
            for (int host = 0; host < HOSTS; host++) {
                nodes.add(NodeProcess.on(Namespaces.on(host), Namespaces.address(host), 7070, "--secret=" + secret, "--node-timeout=2.5"));
                addresses.add(nodes.get(host).address());
            }
            FleetOptions options =
                    new FleetOptions(addresses, credentials, Duration.ofMillis(2500), "imbrex test");
            steps(hosts, options, random);
            try (Engine engine = Engine.open(options)) {
                assertThat(job(engine, inputs, expected, () -> {})).as("places").isGreaterThan(1);
                job(engine, inputs, expected, () -> hosts.cut(1));
                hosts.mend(1);
                job(engine, inputs, expected, () -> hosts.oneWay(2));
                hosts.bothWays(2);
                job(engine, inputs, expected, () -> nodes.get(1).signal("STOP"));
                nodes.get(1).signal("CONT");
                job(engine, inputs, expected, () -> nodes.get(2).signal("KILL"));
            }
            if (hosts.wires() instanceof Wires.Switched(ImpairedSwitch network)) {
                ImpairedSwitch.Counts counts = network.counts();
                System.out.println("the switch: " + counts);
                assertThat(List.of(counts.lost(), counts.twice(), counts.overtaken())).as("troubles").doesNotContain(0L);
            }
        } catch (AssertionError | Exception e) {
            throw new AssertionError("-Dimbrex.test.seed=" + SEED, e);
        } finally {
            nodes.forEach(NodeProcess::close);
        }
    }

    /** Time steps, while two hosts reach each other, while they are separated in the middle, and when they are. */
    private static void steps(Namespaces hosts, FleetOptions options, Random random) throws Exception {
        double[] data = new double[300 * 20];
        java.util.Arrays.setAll(data, i -> random.nextGaussian());
        Map<String, Array> inputs = Map.of("x", Array.of(data, 300, 20));
        String few = String.format(STEPS, 200);
        String many = String.format(STEPS, 2000);
        double[] expected;
        double[] afterMany;
        try (Engine engine = Engine.open()) {
            expected = engine.eval(few, inputs).toDoubleArray();
            afterMany = engine.eval(many, inputs).toDoubleArray();
        }
        String carried = "borders pass through this client";
        String pair = "from " + FleetOptions.name(options.nodes().get(0)) + " to " + FleetOptions.name(options.nodes().get(1));
        try (Engine engine = Engine.open(options)) {
            Engine.Run before = engine.run(few, inputs, RunOptions.defaults());
            assertThat(before.result().toDoubleArray()).isEqualTo(expected);
            Thread cut = Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(400);
                    hosts.separate(0, 1);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            Engine.Run during = engine.run(many, inputs, RunOptions.defaults());
            cut.join();
            System.out.println("separated in the middle: " + during.summary().notes());
            assertThat(during.result().toDoubleArray()).isEqualTo(afterMany);
        }
        try (Engine engine = Engine.open(options)) {
            Engine.Run apart = engine.run(many, inputs, RunOptions.defaults());
            System.out.println("separated: " + apart.summary().notes());
            assertThat(apart.result().toDoubleArray()).isEqualTo(afterMany);
            assertThat(apart.summary().notes().stream().filter(note -> note.startsWith(carried)))
                    .hasSize(1)
                    .allMatch(note -> note.contains(pair) && !note.contains(Namespaces.address(2)));
        } finally {
            hosts.join(0, 1);
        }
    }

    /** A job with a trouble in its middle; on how many places its tiles ran. */
    private static int job(Engine engine, Map<String, Array> inputs, double[] expected, Trouble trouble)
            throws Exception {
        Exception[] failed = new Exception[1];
        Thread troubling = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(150);
                trouble.befall();
            } catch (Exception e) {
                failed[0] = e;
            }
        });
        Engine.Run run = engine.run(EXPRESSION, inputs, RunOptions.defaults().withTile(1, 60));
        troubling.join();
        if (failed[0] != null) {
            throw failed[0];
        }
        assertThat(run.result().toDoubleArray()).isEqualTo(expected);
        // once more, now that it is there from the beginning
        Engine.Run after = engine.run(EXPRESSION, inputs, RunOptions.defaults().withTile(4, 60));
        assertThat(after.result().toDoubleArray()).isEqualTo(expected);
        return run.summary().devices().size();
    }
}
