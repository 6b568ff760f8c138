package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;
import org.junit.jupiter.api.Test;

/** Blocks that nodes hold for their clients: what tiles share travels once, and nobody takes more than his share. */
class BlocksTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final Credentials OPEN = new Credentials.Loopback();
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static Node node(long memory) throws IOException {
        NodeOptions options = new NodeOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "vector", memory, 1, OPEN, TIMEOUT, "test");
        return Engine.node(options, 1);
    }

    private static Engine engine(List<InetSocketAddress> nodes) {
        return Engine.open(new FleetOptions(nodes, OPEN, TIMEOUT, "imbrex test"));
    }

    private static Array table(int rows, int cols, long seed) {
        Random random = new Random(seed);
        double[] values = new double[rows * cols];
        java.util.Arrays.setAll(values, k -> random.nextGaussian());
        return Array.of(values, rows, cols);
    }

    private static void same(Engine.Run run, String expression, Map<String, Array> inputs) {
        try (Engine alone = Engine.open()) {
            assertThat(run.result().toDoubleArray())
                    .as("-Dimbrex.test.seed=" + SEED)
                    .isEqualTo(alone.run(expression, inputs, RunOptions.defaults().withDevice("vector"))
                            .result()
                            .toDoubleArray());
        }
    }

    private static long bytesSent(Summary summary) {
        return summary.devices().stream().mapToLong(Summary.DeviceUse::bytesUp).sum();
    }

    @Test
    void whatTilesShareTravelsToEachNodeOnce() throws IOException {
        int side = 128;
        Map<String, Array> inputs = Map.of("a", table(side, side, SEED), "b", table(side, side, SEED + 1));
        long bytes = 8L * side * side;
        try (NodeProcess one = new NodeProcess(0);
                NodeProcess two = new NodeProcess(0);
                Engine engine = engine(List.of(one.address(), two.address()))) {
            Engine.Run run = engine.run("a @ b", inputs, RunOptions.defaults().withTile(8, side));
            same(run, "a @ b", inputs);
            assertThat(bytesSent(run.summary())).isBetween(2 * bytes, 3 * bytes);
            // a later run has other inputs under the same names
            Map<String, Array> others = Map.of("a", table(side, side, SEED + 2), "b", table(side, side, SEED + 3));
            same(engine.run("a @ b", others, RunOptions.defaults().withTile(8, side)), "a @ b", others);
            // an array that is made on the way is shared within its stage
            String centred = "(a - mean(a, axis=0)) @ (b + 1)";
            same(engine.run(centred, inputs, RunOptions.defaults().withTile(16, 48)), centred, inputs);
        }
    }

    @Test
    void blocksMakeRoomForOthersAndAreGoneAfterTheRun() throws Exception {
        Map<String, Array> inputs = Map.of("a", table(256, 400, SEED), "b", table(320, 400, SEED + 1));
        String expression = "a @ transpose(b)";
        try (Node node = node(1 << 20);
                Engine engine = engine(List.of(node.address()))) {
            Engine.Run run = engine.run(expression, inputs, RunOptions.defaults().withTile(32, 64));
            same(run, expression, inputs);
            assertThat(run.summary().faults()).as(run.summary().text()).isZero();
            for (int wait = 0; wait < 200 && node.heldBytes() > 0; wait++) {
                Thread.sleep(10);
            }
            assertThat(node.heldBytes()).isZero();
        }
    }

    /** What a greeted peer may do with a wire. */
    private interface Attack {
        void on(Wire wire) throws IOException;
    }

    private static byte[] block(long first, long last) {
        return new Encoder().u8(8).i64(first).i64(last).u16(0).finished();
    }

    private static byte[] read(int number, long first, long last) {
        return new Encoder().i32(number).i64(first).i64(last).finished();
    }

    @Test
    void badBlocksEndTheirConnectionAndLeaveNothing() throws Exception {
        List<Attack> attacks = List.of(
                wire -> wire.send(FrameType.DROP, 5, new byte[0]),
                wire -> wire.send(FrameType.READ, 1, read(5, 0, 1)),
                wire -> wire.send(FrameType.BLOCK, 1, block(0, 1L << 40)),
                wire -> wire.send(FrameType.BLOCK, 1, block(9, 8)),
                wire -> wire.send(FrameType.BLOCK, 1, new Encoder().u8(3).i64(0).i64(9).u16(0).finished()),
                wire -> {
                    for (int number = 0; number < 100; number++) {
                        wire.send(FrameType.BLOCK, number, block(0, 100_000)); // more than the node gives
                    }
                },
                wire -> {
                    wire.send(FrameType.BLOCK, 1, block(10, 20));
                    wire.send(FrameType.READ, 1, read(1, 10, 21));
                },
                wire -> {
                    wire.send(FrameType.BLOCK, 1, block(10, 20));
                    wire.send(FrameType.BLOCK, 1, block(9, 20));
                },
                wire -> {
                    wire.send(FrameType.BLOCK, 1, block(10, 20));
                    wire.send(FrameType.DROP, 1, new byte[0]);
                    wire.send(FrameType.READ, 1, read(1, 10, 20));
                });
        try (Node node = node(8 << 20)) {
            for (Attack attack : attacks) {
                try (SocketChannel channel = SocketChannel.open(node.address())) {
                    Wire wire = Greeting.asClient(channel, node.address(), OPEN, "test").wire();
                    wire.fields(wire.receive());
                    String said = "";
                    try {
                        attack.on(wire);
                        Wire.Header header = wire.receive();
                        said = header.type().toString();
                    } catch (IOException e) {
                        said = "closed";
                    }
                    assertThat(said).as("attack " + attacks.indexOf(attack)).isIn("GOODBYE", "closed");
                }
                // the node has its clients until it has seen them go, and turns others away
                for (int wait = 0; wait < 500 && (node.heldBytes() > 0 || node.numbers().get("clients") > 0); wait++) {
                    Thread.sleep(10);
                }
                assertThat(node.heldBytes()).isZero();
            }
            long expected = attacks.size() - 1L;
            for (int wait = 0; wait < 500 && node.numbers().get("broken_connections_total") < expected; wait++) {
                Thread.sleep(10); // a connection is counted after its memory is free
            }
            assertThat(node.numbers().get("broken_connections_total")).isGreaterThanOrEqualTo(expected);
        }
    }

    @Test
    void aNewBlockShowsNothingOfAnotherClients() throws Exception {
        try (Node node = node(8 << 20)) {
            List<Long> seen = new ArrayList<>();
            try (Engine engine = engine(List.of(node.address()))) {
                engine.eval("x + 1", Map.of("x", table(100, 100, SEED)));
            }
            for (int tries = 0; tries < 200 && seen.isEmpty(); tries++) {
                try (SocketChannel channel = SocketChannel.open(node.address())) {
                    Wire wire = Greeting.asClient(channel, node.address(), OPEN, "test").wire();
                    Wire.Header header = wire.receive();
                    wire.fields(header);
                    if (header.type() == FrameType.GOODBYE) {
                        Thread.sleep(10); // the client before is still there
                        continue;
                    }
                    wire.send(FrameType.BLOCK, 1, block(0, 9_999));
                    wire.send(FrameType.READ, 7, read(1, 0, 9_999));
                    received(wire, Arena.ofAuto().allocate(80_000), seen);
                }
            }
            assertThat(seen).isNotEmpty().containsOnly(0L);
        }
    }

    private static void received(Wire wire, MemorySegment into, List<Long> seen) throws IOException {
        Wire.Header header = wire.receive();
        wire.fields(header);
        assertThat(header.type()).isEqualTo(FrameType.ELEMENTS);
        wire.take(into);
        wire.endOfData();
        for (long at = 0; at < into.byteSize(); at += 8) {
            seen.add(into.get(ValueLayout.JAVA_LONG, at));
        }
    }
}
