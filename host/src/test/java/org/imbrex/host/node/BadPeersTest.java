package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
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
import org.junit.jupiter.api.Test;

/** Peers that send what they should not: a node refuses them, and those who behave do not notice. */
class BadPeersTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final int FRAMES = Integer.getInteger("imbrex.test.cases", 200) * 5;
    private static final Credentials OPEN = new Credentials.Loopback();

    private static Node node() throws IOException {
        return Engine.node(
                new NodeOptions(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        "vector",
                        64 << 20,
                        8,
                        OPEN,
                        Duration.ofSeconds(2),
                        "imbrex test"),
                1);
    }

    private static void works(Node node) {
        FleetOptions options = new FleetOptions(List.of(node.address()), OPEN, Duration.ofSeconds(5), "imbrex test");
        double[] data = {1, 2, 3, 4};
        try (Engine engine = Engine.open(options)) {
            assertThat(engine.eval("x * 2", Map.of("x", Array.of(data, 4))).toDoubleArray())
                    .containsExactly(2, 4, 6, 8);
        }
    }

    @Test
    void noiseInPlaceOfAGreetingIsRefused() throws Exception {
        Random random = new Random(SEED);
        try (Node node = node()) {
            for (int round = 0; round < 100; round++) {
                try (Socket socket = new Socket(node.address().getAddress(), node.address().getPort())) {
                    byte[] noise = new byte[random.nextInt(3000)];
                    random.nextBytes(noise);
                    OutputStream out = socket.getOutputStream();
                    out.write(noise);
                    out.flush();
                } catch (IOException e) {
                    continue; // refused before all was sent
                }
            }
            works(node);
            for (int wait = 0; wait < 100 && node.numbers().get("refused_peers_total") < 100; wait++) {
                Thread.sleep(20);
            }
            // and the client itself, where it came while too many strangers were there
            assertThat(node.numbers().get("refused_peers_total")).as("seed " + SEED).isBetween(100L, 108L);
        }
    }

    /** Well-formed frames of any type with fields by chance, from a peer that has been greeted. */
    @Test
    void framesByChanceEndTheirConnectionAndNothingElse() throws Exception {
        Random random = new Random(SEED);
        try (Node node = node()) {
            int sent = 0;
            while (sent < FRAMES) {
                try (SocketChannel channel = SocketChannel.open(node.address())) {
                    Greeting.Peer peer = Greeting.asClient(channel, node.address(), OPEN, "imbrex test");
                    Wire wire = peer.wire();
                    wire.fields(wire.receive());
                    for (int frame = 0; frame < 20; frame++) {
                        sent++;
                        FrameType type = FrameType.values()[random.nextInt(FrameType.values().length)];
                        wire.send(type, random.nextInt(4), fields(random));
                    }
                } catch (IOException e) {
                    continue; // the node has had enough
                }
            }
            works(node);
            assertThat(node.heldBytes()).as("seed " + SEED).isLessThan(1 << 20);
        }
    }

    private static byte[] fields(Random random) {
        Encoder fields = new Encoder();
        for (int k = random.nextInt(30); k >= 0; k--) {
            switch (random.nextInt(4)) {
                case 0 -> fields.u8(random.nextInt(4));
                case 1 -> fields.u16(random.nextInt(3));
                case 2 -> fields.i64(random.nextInt(5) == 0 ? random.nextLong() : random.nextInt(100));
                default -> fields.longs(new long[random.nextInt(4)]);
            }
        }
        return fields.finished();
    }

    @Test
    void silentStrangersAreClosedAndKeepNobodyOut() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try (Node node = node()) {
            for (int k = 0; k < 20; k++) {
                silent.add(new Socket(node.address().getAddress(), node.address().getPort()));
            }
            works(node);
            for (Socket socket : silent) {
                socket.setSoTimeout(8000);
                assertThat(socket.getInputStream().read()).as("end of the connection").isEqualTo(-1);
            }
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }
}
