package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Logger;
import java.util.zip.CRC32C;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.schedule.RunOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While a client's job runs, others come who should not, or ask for more than there is: no bit of it and no tile shows it. */
class BadPeersDuringAJobTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final String EXPRESSION = "mean(blocks(exp(x) * sin(x), 8), axis=1)";
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int ROUNDS = 3;

    @TempDir
    private Path folder;

    static {
        // only here, so the module does without
        Module here = BadPeersDuringAJobTest.class.getModule();
        here.addReads(ModuleLayer.boot().findModule("java.logging").orElseThrow());
    }

    /** Comes to a node, and is closed by it. */
    private interface Peer {
        void come(InetSocketAddress node) throws IOException;
    }

    private static byte[] noise(int seed) {
        byte[] noise = new byte[500];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    /** Sends bytes to the port, and waits until the node closes the connection. */
    private static Peer says(byte[] bytes) {
        return node -> {
            try (Socket socket = new Socket(node.getAddress(), node.getPort())) {
                socket.getOutputStream().write(bytes);
                while (socket.getInputStream().read() >= 0) {
                    Thread.onSpinWait();
                }
            }
        };
    }

    private static Peer greets(Credentials with) {
        return node -> {
            try (SocketChannel channel = SocketChannel.open(node)) {
                Wire wire = Greeting.asClient(channel, node, with, "bad").wire();
                wire.receive();
                throw new AssertionError("it came in");
            }
        };
    }

    /** One that is let in and claims what no client may. */
    private static Peer claims(Credentials with, FrameType type, byte[] fields) {
        return node -> {
            try (SocketChannel channel = SocketChannel.open(node)) {
                Wire wire = Greeting.asClient(channel, node, with, "bad").wire();
                wire.fields(wire.receive());
                wire.send(type, 1, fields);
                for (Wire.Header header = wire.receive(); header.type() != FrameType.GOODBYE; header = wire.receive()) {
                    wire.fields(header);
                }
            }
        };
    }

    /** A header alone, with its checksum right, that claims so much. */
    private static byte[] header(FrameType type, int fields, long data) {
        ByteBuffer header = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        header.put("IBX1".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).putInt(type.ordinal());
        header.putInt(1).putInt(fields).putLong(data);
        CRC32C sum = new CRC32C();
        sum.update(header.duplicate().flip());
        return header.putInt((int) sum.getValue()).array();
    }

    private static byte[] block(long last) {
        return new Encoder().u8(8).i64(0).i64(last).u16(0).finished();
    }

    private List<Peer> claimsOf(Credentials right) {
        return List.of(
                claims(right, FrameType.BLOCK, block(1L << 36)),
                claims(right, FrameType.PROGRAM, noise(1)),
                claims(right, FrameType.TILE, noise(2)),
                claims(right, FrameType.TILE, new byte[64 << 10]),
                claims(right, FrameType.DROP, new byte[0]),
                claims(right, FrameType.RESULT, new byte[0]));
    }

    private static List<Peer> strangers(List<Credentials> wrong) {
        List<Peer> peers = new ArrayList<>();
        wrong.forEach(credentials -> peers.add(greets(credentials)));
        peers.add(greets(new Credentials.Loopback())); // a plain client on a TLS port
        peers.add(says("GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        peers.add(says(noise(3)));
        peers.add(says(header(FrameType.HELLO, Integer.MAX_VALUE, 0)));
        peers.add(says(header(FrameType.TILE, 100, 1L << 30)));
        peers.add(says(new byte[] {22, 3, 3, (byte) 0xff, (byte) 0xff})); // a hello of 64 KiB
        return peers;
    }

    private void unharmed(Credentials right, List<Credentials> wrong) throws Exception {
        Random random = new Random(SEED);
        double[] data = new double[800 * 60];
        java.util.Arrays.setAll(data, k -> random.nextGaussian());
        Map<String, Array> inputs = Map.of("x", Array.of(data, 800, 60));
        double[] expected;
        try (Engine alone = Engine.open()) {
            expected = alone.eval(EXPRESSION, inputs).toDoubleArray();
        }
        List<Peer> strangers = strangers(wrong);
        List<Peer> claims = claimsOf(right);
        ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
        Logger log = Logger.getLogger(Door.class.getName());
        log.setFilter(record -> {
            told.add(record.getMessage());
            return false;
        });
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Node node = Engine.node(new NodeOptions(any, "vector", 16 << 20, 4, right, TIMEOUT, "test"), 1);
                Engine engine = Engine.open(new FleetOptions(List.of(node.address()), right, TIMEOUT, "test"))) {
            connected(engine, inputs);
            long before = node.numbers().get("refused_peers_total");
            CompletableFuture<Void> bad = CompletableFuture.runAsync(() -> {
                for (int round = 0; round < ROUNDS; round++) {
                    strangers.forEach(peer -> come(peer, node.address()));
                    claims.forEach(peer -> come(peer, node.address()));
                }
            });
            int runs = 0;
            while (!bad.isDone() || runs == 0) {
                Engine.Run run = engine.run(EXPRESSION, inputs, RunOptions.defaults().withTile(2, 60));
                assertThat(run.result().toDoubleArray()).as("-Dimbrex.test.seed=" + SEED).isEqualTo(expected);
                assertThat(run.summary().faults()).as(run.summary().text()).isZero();
                runs++;
            }
            bad.join();
            counted(node, "refused_peers_total", before + (long) ROUNDS * strangers.size());
            counted(node, "broken_connections_total", (long) ROUNDS * claims.size());
            assertThat(node.numbers().get("clients")).as("the one whose job it is").isEqualTo(1);
            assertThat(told).anyMatch(line -> line.startsWith("refused "));
            assertThat(told).anyMatch(line -> line.startsWith("closed the connection of "));
        } finally {
            log.setFilter(null);
        }
    }

    /** The client is there before the others come; on a busy machine its greeting may not be over in time at first. */
    private static void connected(Engine engine, Map<String, Array> inputs) {
        for (int tries = 0; ; tries++) {
            try {
                engine.run(EXPRESSION, inputs, RunOptions.defaults());
                return;
            } catch (DeviceException e) {
                assertThat(tries).as(e.getMessage()).isLessThan(20);
            }
        }
    }

    private static void come(Peer peer, InetSocketAddress node) {
        try {
            peer.come(node);
        } catch (IOException e) {
            return; // as it should be
        }
    }

    /** A connection is counted a moment after its peer has seen it closed. */
    private static void counted(Node node, String name, long expected) throws InterruptedException {
        for (int wait = 0; wait < 3000 && node.numbers().get(name) < expected; wait++) {
            Thread.sleep(10);
        }
        assertThat(node.numbers().get(name)).as(name).isEqualTo(expected);
    }

    @Test
    void whoDoesNotKnowTheSecretHarmsNoJob() throws Exception {
        Credentials right = Credentials.secret(folder.resolve("right"), true);
        Credentials wrong = Credentials.secret(folder.resolve("wrong"), true);
        unharmed(right, List.of(wrong));
    }

    @Test
    void norWhoseCertificateIsForeignOrHasExpired() throws Exception {
        List<String> hosts = List.of("localhost", "127.0.0.1");
        Credentials.make(folder.resolve("a"), hosts, Duration.ofDays(1));
        Credentials.make(folder.resolve("b"), hosts, Duration.ofDays(1));
        Credentials.make(folder.resolve("late"), hosts, Duration.ofSeconds(-1));
        unharmed(
                certificates("a", "a"),
                List.of(
                        certificates("b", "a"),
                        certificates("a", "b"),
                        certificates("late", "a"),
                        Credentials.secret(folder.resolve("secret"), true)));
    }

    private Credentials certificates(String own, String authority) throws IOException {
        return Credentials.certificates(
                folder.resolve(own).resolve("node.pem"),
                folder.resolve(own).resolve("node.key"),
                folder.resolve(authority).resolve("ca.pem"));
    }
}
