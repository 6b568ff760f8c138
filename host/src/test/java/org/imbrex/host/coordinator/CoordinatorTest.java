package org.imbrex.host.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.Node;
import org.imbrex.host.node.NodeException;
import org.imbrex.host.node.NodeOptions;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.schedule.Cancellation;
import org.imbrex.runtime.schedule.RunOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs given to a coordinator, in one process: who asks, what is refused, and what is told. */
class CoordinatorTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final Credentials OPEN = new Credentials.Loopback();
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @TempDir
    private Path folder;

    private static InetSocketAddress local(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static Node node(int port, Credentials credentials) throws IOException {
        return Engine.node(
                new NodeOptions(local(port), "vector", 64 << 20, 4, credentials, TIMEOUT, "imbrex test"), 1);
    }

    private static FleetOptions at(InetSocketAddress address, Credentials credentials) {
        return new FleetOptions(List.of(address), credentials, TIMEOUT, "imbrex test");
    }

    private Coordinator coordinator(InetSocketAddress node, Credentials credentials) throws IOException {
        return Engine.coordinator(new CoordinatorOptions(
                local(0),
                folder.resolve("store"),
                () -> at(node, credentials),
                64 << 20,
                4,
                credentials,
                TIMEOUT,
                "imbrex test"));
    }

    private static Array table() {
        Random random = new Random(SEED);
        double[] data = new double[300 * 70];
        Arrays.setAll(data, k -> random.nextGaussian());
        return Array.of(data, 300, 70);
    }

    private static double[] alone(String expression) {
        try (Engine engine = Engine.open()) {
            return engine.eval(expression, Map.of("x", table())).toDoubleArray();
        }
    }

    @Test
    void everyKindOfStageGivesTheBitsOfOneProcess() throws IOException {
        try (Node node = node(0, OPEN);
                Coordinator coordinator = coordinator(node.address(), OPEN);
                Engine engine = Engine.openAt(at(coordinator.address(), OPEN))) {
            for (String expression : List.of(
                    "x * 2 + 1",
                    "mean(blocks(x, 8), axis=1)",
                    "sum(x)",
                    "x @ transpose(x)",
                    "sort(x, axis=0)",
                    "x - mean(x, axis=0)",
                    "stencil(at(x, -1, 0) + at(x, 0, 1), mode='wrap')",
                    "iterate(x=stencil(x + 0.1 * (at(x, -1, 0) - at(x, 0, 1)), mode='wrap'), steps=40)")) {
                Engine.Run run = engine.run(expression, Map.of("x", table()), RunOptions.defaults().withVerify(0.1));
                assertThat(run.result().toDoubleArray()).as(expression).isEqualTo(alone(expression));
                assertThat(run.summary().devices()).isNotEmpty().allMatch(use -> use.id().endsWith("/vector"));
            }
            assertThat(coordinator.jobs()).allMatch(job -> job.state() == JobStatus.State.DONE);
        }
    }

    @Test
    void theClientMayGoAndComeBackAndTheSameJobIsDoneOnce() throws Exception {
        Credentials secret = Credentials.secret(folder.resolve("secret"), true);
        try (Node node = node(0, secret);
                Coordinator coordinator = coordinator(node.address(), secret)) {
            FleetOptions at = at(coordinator.address(), secret);
            String name;
            try (Engine engine = Engine.openAt(at)) {
                name = engine.submit(Parser.parse("exp(x)"), Map.of("x", table()), Optional.empty(), RunOptions.defaults())
                        .name();
            }
            try (JobClient client = new JobClient(at)) {
                JobStatus done = client.await(name, RunOptions.defaults());
                assertThat(done.done()).isEqualTo(done.total()).isPositive();
                assertThat(client.jobs()).singleElement().matches(job -> job.name().equals(name));
            }
            long tiles = node.numbers().get("tiles_total");
            try (Engine engine = Engine.openAt(at)) {
                assertThat(engine.eval("exp(x)", Map.of("x", table())).toDoubleArray()).isEqualTo(alone("exp(x)"));
            }
            assertThat(node.numbers().get("tiles_total")).isEqualTo(tiles);
            try (JobClient client = new JobClient(at)) {
                client.forget(name);
                assertThat(client.jobs()).isEmpty();
                assertThatThrownBy(() -> client.status(name, new Cancellation()))
                        .isInstanceOf(NodeException.class)
                        .hasMessageContaining("found no job " + name);
            }
            assertThat(Disk.list(folder.resolve("store/jobs"))).isEmpty();
            assertThat(Disk.list(folder.resolve("store/inputs"))).isEmpty();
        }
    }

    @Test
    void withoutNodesAJobWaitsAndSaysWhy() throws Exception {
        InetSocketAddress address;
        try (Node node = node(0, OPEN)) {
            address = node.address();
        }
        try (Coordinator coordinator = coordinator(address, OPEN);
                Engine engine = Engine.openAt(at(coordinator.address(), OPEN));
                JobClient client = new JobClient(at(coordinator.address(), OPEN))) {
            String name = engine.submit(Parser.parse("x + 1"), Map.of("x", table()), Optional.empty(), RunOptions.defaults())
                    .name();
            JobStatus status;
            do {
                Thread.sleep(20);
                status = client.status(name, new Cancellation());
            } while (status.message().isEmpty());
            assertThat(status.state()).isEqualTo(JobStatus.State.WAITING);
            assertThat(status.message()).contains("no node is there").contains(FleetOptions.name(address));
            try (Node node = node(address.getPort(), OPEN)) {
                client.await(name, RunOptions.defaults());
                assertThat(node.numbers().get("tiles_total")).isPositive();
            }
        }
    }

    @Test
    void resultsStayInTheStoreAndNamesDoNotLeaveIt() throws IOException {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        try (Node node = node(0, OPEN);
                Coordinator coordinator = coordinator(node.address(), OPEN);
                Engine engine = Engine.openAt(at(coordinator.address(), OPEN));
                JobClient client = new JobClient(at(coordinator.address(), OPEN))) {
            Path files = folder.resolve("store/files");
            Files.createSymbolicLink(files.resolve("link"), outside);
            Map<String, Array> inputs = Map.of("x", table());
            for (String out : List.of("../y.npy", "/tmp/y.npy", "a/../../y.npy", "link/y.npy", "link/b/y.npy", ".y.npy", "y.exe")) {
                assertThatThrownBy(() -> engine.submit(
                                Parser.parse("x + 1"), inputs, Optional.of(out), RunOptions.defaults()))
                        .as(out)
                        .isInstanceOf(NodeException.class)
                        .hasMessageContaining("the store's file");
            }
            assertThat(Disk.list(outside)).isEmpty();
            String name = engine.submit(Parser.parse("x + 1"), inputs, Optional.of("a/y.npy"), RunOptions.defaults())
                    .name();
            JobStatus done = client.await(name, RunOptions.defaults());
            Sink nowhere = new Sink.Resident(MemorySegment.NULL);
            assertThatThrownBy(() -> client.fetch(done, nowhere, new Cancellation()))
                    .hasMessageContaining("stays in the store as a/y.npy");
            try (Engine reader = Engine.open()) {
                assertThat(reader.read(files.resolve("a/y.npy")).toDoubleArray()).isEqualTo(alone("x + 1"));
            }
        }
    }

    @Test
    void mistakenPeersAndStoresAreToldPlainly() throws IOException {
        try (Node node = node(0, OPEN);
                Coordinator coordinator = coordinator(node.address(), OPEN)) {
            Map<String, Array> inputs = Map.of("x", table());
            try (Engine engine = Engine.openAt(at(node.address(), OPEN))) {
                assertThatThrownBy(() -> engine.eval("x + 1", inputs)).hasMessageContaining("is a node, which takes no jobs");
            }
            try (Engine engine = Engine.open(at(coordinator.address(), OPEN))) {
                assertThatThrownBy(() -> engine.eval("x + 1", inputs)).hasMessageContaining("it is a coordinator");
            }
            assertThatThrownBy(() -> coordinator(node.address(), OPEN)).hasMessageContaining("another coordinator");
            try (Engine engine = Engine.openAt(at(coordinator.address(), OPEN))) {
                assertThatThrownBy(() -> engine.run("x + 1", inputs, RunOptions.defaults().withDevice("opencl")))
                        .isInstanceOf(ImbrexException.class)
                        .hasMessageContaining("a coordinator");
            }
            InetSocketAddress nowhere = local(1);
            try (Engine engine = Engine.openAt(at(nowhere, OPEN))) {
                assertThatThrownBy(() -> engine.eval("x + 1", inputs)).hasMessageContaining("cannot reach the coordinator");
            }
        }
    }

    /** Well-formed frames of any type with fields by chance, and what a client may not send. */
    @Test
    void framesByChanceHarmNobody() throws Exception {
        Random random = new Random(SEED);
        try (Node node = node(0, OPEN);
                Coordinator coordinator = coordinator(node.address(), OPEN)) {
            for (int round = 0; round < 100; round++) {
                try (SocketChannel channel = SocketChannel.open(coordinator.address())) {
                    Wire wire = Greeting.asClient(channel, coordinator.address(), OPEN, "imbrex test").wire();
                    wire.fields(wire.receive());
                    for (int frame = 0; frame < 20; frame++) {
                        Encoder fields = new Encoder();
                        for (int k = random.nextInt(12); k > 0; k--) {
                            switch (random.nextInt(4)) {
                                case 0 -> fields.u8(random.nextInt(4));
                                case 1 -> fields.text("0123456789abcdef".repeat(random.nextInt(3)));
                                case 2 -> fields.i64(random.nextInt(5) == 0 ? random.nextLong() : random.nextInt(100));
                                default -> fields.bytes(new byte[random.nextInt(40)]);
                            }
                        }
                        wire.send(
                                FrameType.values()[random.nextInt(FrameType.values().length)],
                                random.nextInt(4),
                                fields.finished());
                    }
                } catch (IOException e) {
                    continue; // the coordinator has had enough
                }
            }
            try (Engine engine = Engine.openAt(at(coordinator.address(), OPEN))) {
                assertThat(engine.eval("x + 1", Map.of("x", table())).toDoubleArray())
                        .as("seed " + SEED)
                        .isEqualTo(alone("x + 1"));
            }
            assertThat(coordinator.jobs()).hasSize(1);
        }
    }
}
