package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.imbrex.host.Engine;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Block;
import org.imbrex.host.node.wire.Borders;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Ticket;
import org.imbrex.host.node.wire.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Elements that nodes hand to each other: only with the ticket that a client was given, only where it expects them, whole
 * or not at all; and no node is led to connect where it should not.
 */
class BordersTest {
    private static final Credentials OPEN = new Credentials.Loopback();
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int BLOCK = 7;
    private static final long MEMORY = 1 << 20;

    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            logged.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private final Logger logger = Logger.getLogger("org.imbrex.host.node");

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
    }

    @AfterEach
    void listenNoMore() {
        logger.removeHandler(handler);
    }

    private static Node node(Credentials credentials, boolean connects) throws IOException {
        return Engine.node(
                new NodeOptions(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        "vector",
                        MEMORY,
                        1,
                        credentials,
                        TIMEOUT,
                        "test",
                        connects),
                1);
    }

    /** What a greeted peer may do with a wire. */
    private record Peer(SocketChannel channel, Wire wire) implements AutoCloseable {
        /** Once more where it is turned away: a machine that stands still has let the time for it pass. */
        static Peer greeted(Node node, Credentials credentials, int capabilities) throws IOException {
            for (int tries = 0; ; tries++) {
                try {
                    return once(node, credentials, capabilities);
                } catch (IOException e) {
                    if (tries == 3) {
                        throw e;
                    }
                }
            }
        }

        private static Peer once(Node node, Credentials credentials, int capabilities) throws IOException {
            SocketChannel channel = SocketChannel.open(node.address());
            Wire wire = Greeting.asClient(channel, node.address(), credentials, "test", capabilities, Wire.BUFFER)
                    .wire();
            Wire.Header header = wire.receive();
            wire.fields(header);
            assertThat(header.type()).isEqualTo(FrameType.WELCOME);
            return new Peer(channel, wire);
        }

        static Peer client(Node node) throws IOException {
            return greeted(node, OPEN, 0);
        }

        static Peer ofNode(Node node) throws IOException {
            return greeted(node, OPEN, Greeting.BORDERS);
        }

        /** The next answer's type, and what a FAULT or GOODBYE says. */
        String answer() throws IOException {
            while (true) {
                Wire.Header header = wire.receive();
                byte[] fields = wire.fields(header);
                switch (header.type()) {
                    case PING -> {}
                    case FAULT -> {
                        Decoder from = new Decoder(fields);
                        from.u8();
                        return "FAULT " + from.text();
                    }
                    case GOODBYE -> {
                        return "GOODBYE " + new Decoder(fields).text();
                    }
                    default -> {
                        return header.type().toString();
                    }
                }
            }
        }

        void block(int number, long first, long last) throws IOException {
            wire.send(FrameType.BLOCK, number, new Block(8, first, last, List.of()).encoded());
        }

        Ticket expect(int request, Borders.Range... ranges) throws IOException {
            wire.send(FrameType.EXPECT, request, Borders.encode(List.of(ranges)));
            Wire.Header header = wire.receive();
            assertThat(header.type()).isEqualTo(FrameType.TICKET);
            return Ticket.decode(wire.fields(header));
        }

        String show(Ticket ticket) throws IOException {
            wire.send(FrameType.TICKET, 1, ticket.encoded());
            return answer();
        }

        String bring(Ticket ticket, int width, int block, long first, long last) throws IOException {
            Borders.Border border = new Borders.Border(ticket, width, new Borders.Range(block, first, last));
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment elements = arena.allocate(border.data());
                elements.fill((byte) 1);
                wire.send(FrameType.BORDER, 2, border.encoded(), border.data(), to -> to.put(elements));
            }
            return answer();
        }

        List<Long> read(int block, long first, long last) throws IOException {
            wire.send(FrameType.READ, 3, Block.encodeRead(block, first, last));
            List<Long> all = new ArrayList<>();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment elements = arena.allocate((last - first + 1) * 8);
                wire.fields(wire.receive());
                wire.take(elements);
                wire.endOfData();
                for (long k = 0; k <= last - first; k++) {
                    all.add(elements.getAtIndex(ValueLayout.JAVA_LONG, k));
                }
            }
            return all;
        }

        String meet(int number, InetSocketAddress address, Ticket ticket) throws IOException {
            wire.send(FrameType.PEER, 4, new Borders.Peer(number, address, ticket).encoded());
            return answer();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private static final long ONES = 0x0101010101010101L;

    @Test
    void onlyWhatIsExpectedIsWrittenAndOnlyWithItsTicket() throws Exception {
        try (Node node = node(OPEN, true);
                Peer client = Peer.client(node)) {
            client.block(BLOCK, 100, 199);
            client.block(BLOCK + 1, 0, 9);
            Ticket ticket = client.expect(1, new Borders.Range(BLOCK, 120, 139));
            assertThat(ticket).isNotEqualTo(client.expect(2, new Borders.Range(BLOCK, 120, 139)));
            try (Peer other = Peer.ofNode(node)) {
                assertThat(other.show(ticket)).isEqualTo("ACCEPTED");
                assertThat(other.bring(Ticket.fresh(), 8, BLOCK, 120, 129)).startsWith("FAULT its ticket");
                assertThat(other.bring(ticket, 4, BLOCK, 120, 129)).startsWith("FAULT its block");
                assertThat(client.read(BLOCK, 100, 199)).containsOnly(0L);
                assertThat(other.bring(ticket, 8, BLOCK, 125, 129)).isEqualTo("ACCEPTED");
                assertThat(client.read(BLOCK, 120, 129)).containsExactly(0L, 0L, 0L, 0L, 0L, ONES, ONES, ONES, ONES, ONES);
                assertThat(other.bring(ticket, 8, BLOCK, 119, 121)).startsWith("GOODBYE").contains("not expected");
            }
            List<int[]> wrong = List.of(new int[] {BLOCK, 138, 140}, new int[] {BLOCK + 1, 0, 9}, new int[] {99, 120, 121});
            for (int[] range : wrong) {
                try (Peer other = Peer.ofNode(node)) {
                    assertThat(other.bring(ticket, 8, range[0], range[1], range[2])).startsWith("GOODBYE");
                }
            }
            assertThat(client.read(BLOCK, 130, 199)).containsOnly(0L);
            assertThat(client.read(BLOCK + 1, 0, 9)).containsOnly(0L);
            // what is over is over, also for who was here before
            try (Peer other = Peer.ofNode(node)) {
                assertThat(other.show(ticket)).isEqualTo("ACCEPTED");
                client.wire.send(FrameType.EXPECT, 1, Borders.encode(List.of()));
                assertThat(client.read(BLOCK, 139, 139)).containsOnly(0L);
                assertThat(other.bring(ticket, 8, BLOCK, 139, 139)).startsWith("FAULT its ticket");
            }
            assertThat(client.read(BLOCK, 139, 139)).containsOnly(0L);
            assertThat(node.numbers().get("borders_total")).isEqualTo(1);
            assertThat(logged).anyMatch(line -> line.contains("its ticket is not good here"));
            assertThat(logged).anyMatch(line -> line.contains("not expected"));
            assertThat(logged).noneMatch(line -> line.contains(java.util.HexFormat.of().formatHex(ticket.bytes())));
        }
    }

    @Test
    void whoComesAsANodeGetsNothingElseDone() throws Exception {
        try (Node node = node(OPEN, true)) {
            for (FrameType type : List.of(FrameType.BLOCK, FrameType.READ, FrameType.EXPECT, FrameType.PEER, FrameType.GIVE,
                    FrameType.STATUS, FrameType.DROP)) {
                try (Peer other = Peer.ofNode(node)) {
                    other.wire.send(type, 1, new byte[0]);
                    assertThat(other.answer()).startsWith("GOODBYE");
                }
            }
            // a client that was given no ticket, and one that was: neither may write as a node does
            try (Peer client = Peer.client(node)) {
                client.block(BLOCK, 0, 9);
                assertThat(client.bring(Ticket.fresh(), 8, BLOCK, 0, 9)).startsWith("GOODBYE");
            }
        }
    }

    @Test
    void aBorderThatDoesNotFitItsClientsMemoryIsRefused() throws Exception {
        try (Node node = node(OPEN, true);
                Peer client = Peer.client(node)) {
            long elements = MEMORY / 8 / 4 * 3;
            client.block(BLOCK, 0, elements - 1);
            Ticket ticket = client.expect(1, new Borders.Range(BLOCK, 0, elements - 1));
            try (Peer other = Peer.ofNode(node)) {
                assertThat(other.bring(ticket, 8, BLOCK, 0, elements - 1)).startsWith("FAULT its client has no memory");
                assertThat(other.bring(ticket, 8, BLOCK, 0, 99)).isEqualTo("ACCEPTED");
            }
            assertThat(client.read(BLOCK, 100, 300)).containsOnly(0L);
        }
    }

    @Test
    void aBorderThatBreaksOffLeavesNothing() throws Exception {
        try (Node node = node(OPEN, true);
                Peer client = Peer.client(node)) {
            client.block(BLOCK, 0, 9_999);
            Ticket ticket = client.expect(1, new Borders.Range(BLOCK, 0, 9_999));
            long before = held(node, 80_000);
            try (Peer other = Peer.ofNode(node);
                    Arena arena = Arena.ofConfined()) {
                assertThat(other.show(ticket)).isEqualTo("ACCEPTED");
                Borders.Border border = new Borders.Border(ticket, 8, new Borders.Range(BLOCK, 0, 9_999));
                MemorySegment half = arena.allocate(40_000);
                half.fill((byte) 1);
                try {
                    other.wire.send(FrameType.BORDER, 2, border.encoded(), border.data(), to -> {
                        to.put(half);
                        held(node, before + 1);
                        throw new IOException("broken off");
                    });
                } catch (IOException e) {
                    assertThat(e).hasMessage("broken off");
                }
            }
            for (int wait = 0; wait < 500 && node.heldBytes() > before; wait++) {
                Thread.sleep(10);
            }
            assertThat(node.heldBytes()).isEqualTo(before);
            assertThat(client.read(BLOCK, 0, 9_999)).containsOnly(0L);
        }
    }

    /** What a client brings itself, once it expects nothing any more, is not overwritten by what was on its way. */
    @Test
    void aBorderThatIsNotExpectedAnyMoreWhenItsEndArrivesIsNotWritten() throws Exception {
        try (Node node = node(OPEN, true);
                Peer client = Peer.client(node);
                Peer other = Peer.ofNode(node);
                Arena arena = Arena.ofConfined()) {
            client.block(BLOCK, 0, 9_999);
            Ticket ticket = client.expect(1, new Borders.Range(BLOCK, 0, 9_999));
            long before = held(node, 80_000);
            MemorySegment half = arena.allocate(40_000);
            half.fill((byte) 1);
            Borders.Border border = new Borders.Border(ticket, 8, new Borders.Range(BLOCK, 0, 9_999));
            other.wire.send(FrameType.BORDER, 2, border.encoded(), border.data(), to -> {
                to.put(half);
                held(node, before + 1);
                client.wire.send(FrameType.EXPECT, 1, Borders.encode(List.of()));
                assertThat(client.read(BLOCK, 0, 0)).containsOnly(0L); // it is over now
                to.put(half);
            });
            assertThat(other.answer()).startsWith("FAULT").contains("not expected any more");
            assertThat(client.read(BLOCK, 0, 9_999)).containsOnly(0L);
            assertThat(node.heldBytes()).isEqualTo(before);
        }
    }

    /** Waits until a node holds at least so much. */
    private static long held(Node node, long bytes) {
        for (int wait = 0; wait < 500 && node.heldBytes() < bytes; wait++) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        assertThat(node.heldBytes()).isGreaterThanOrEqualTo(bytes);
        return node.heldBytes();
    }

    @Test
    void aNodeHandsOverWhatItsTilesHaveWritten() throws Exception {
        try (Node one = node(OPEN, true);
                Node two = node(OPEN, true);
                Peer there = Peer.client(two);
                Peer here = Peer.client(one);
                Arena arena = Arena.ofConfined()) {
            MemorySegment ones = arena.allocate(80);
            ones.fill((byte) 1);
            Block full = new Block(8, 0, 9, List.of(new org.imbrex.host.node.wire.Runs(0, 10, new long[0], new long[0])));
            here.wire.send(FrameType.BLOCK, 1, full.encoded(), 80, to -> to.put(ones));
            there.block(BLOCK, 0, 99);
            Ticket ticket = there.expect(1, new Borders.Range(BLOCK, 0, 9));
            assertThat(here.meet(0, two.address(), ticket)).isEqualTo("ACCEPTED");
            Borders.Range range = new Borders.Range(BLOCK, 3, 5);
            here.wire.send(FrameType.GIVE, 9, new Borders.Give(0, ticket, 1, range, List.of()).encoded());
            assertThat(here.answer()).isEqualTo("ACCEPTED");
            assertThat(there.read(BLOCK, 2, 6)).containsExactly(0L, ONES, ONES, ONES, 0L);
            // to a node that was not named, and what is not held
            here.wire.send(FrameType.GIVE, 9, new Borders.Give(5, ticket, 1, range, List.of()).encoded());
            assertThat(here.answer()).startsWith("FAULT").contains("not named");
            Borders.Range beyond = new Borders.Range(BLOCK, 9, 10);
            here.wire.send(FrameType.GIVE, 9, new Borders.Give(0, ticket, 1, beyond, List.of()).encoded());
            assertThat(here.answer()).startsWith("GOODBYE");
            // with the client its connections go
            for (int wait = 0; wait < 500 && two.numbers().get("peers") > 0; wait++) {
                Thread.sleep(10);
            }
            assertThat(two.numbers().get("peers")).isZero();
        }
    }

    @Test
    void aNodeConnectsOnlyToNodesThatKnowTheSame(@TempDir Path folder) throws Exception {
        Credentials known = Credentials.secret(folder.resolve("known"), true);
        Credentials other = Credentials.secret(folder.resolve("other"), true);
        try (Node open = node(OPEN, true);
                Node alone = node(OPEN, false);
                Node secret = node(known, true);
                Node foreign = node(other, true);
                ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Peer client = Peer.client(open);
                Peer lonely = Peer.client(alone);
                Peer trusted = Peer.greeted(secret, known, 0)) {
            Ticket ticket = Ticket.fresh();
            InetAddress elsewhere = InetAddress.getByAddress("elsewhere", new byte[] {10, 0, 0, 1});
            assertThat(client.meet(0, new InetSocketAddress(elsewhere, 7070), ticket)).contains("on another machine");
            assertThat(client.meet(1, secret.address(), ticket)).startsWith("FAULT");
            assertThat(client.meet(2, alone.address(), ticket)).startsWith("FAULT").contains("ticket");
            assertThat(lonely.meet(0, open.address(), ticket)).contains("connects to no other");
            assertThat(trusted.meet(0, foreign.address(), ticket)).startsWith("FAULT");
            assertThat(trusted.meet(1, open.address(), ticket)).startsWith("FAULT");
            int port = silent.getLocalPort();
            long before = System.nanoTime();
            assertThat(client.meet(3, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), ticket))
                    .startsWith("FAULT");
            assertThat(System.nanoTime() - before).isBetween(4_000_000_000L, 60_000_000_000L);
            silent.close();
            assertThat(client.meet(4, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), ticket))
                    .startsWith("FAULT");
            assertThat(logged).anyMatch(line -> line.contains("did not reach the node"));
            assertThat(foreign.numbers().get("refused_peers_total")).isPositive();
            assertThat(open.numbers().get("clients")).isEqualTo(1);
        }
    }

    @Test
    void whoDoesNotKnowTheSecretBringsNothing(@TempDir Path folder) throws Exception {
        Credentials known = Credentials.secret(folder.resolve("known"), true);
        Credentials other = Credentials.secret(folder.resolve("other"), true);
        try (Node node = node(known, true);
                Peer client = Peer.greeted(node, known, 0)) {
            client.block(BLOCK, 0, 9);
            Ticket ticket = client.expect(1, new Borders.Range(BLOCK, 0, 9));
            for (Credentials wrong : List.of(other, OPEN)) {
                try (Peer peer = Peer.greeted(node, wrong, Greeting.BORDERS)) {
                    throw new AssertionError("was let in: " + peer.show(ticket));
                } catch (IOException e) {
                    assertThat(e).isNotNull(); // refused
                }
            }
            try (Peer peer = Peer.greeted(node, known, Greeting.BORDERS)) {
                assertThat(peer.bring(ticket, 8, BLOCK, 0, 9)).isEqualTo("ACCEPTED");
            }
            assertThat(client.read(BLOCK, 0, 9)).containsOnly(ONES);
            assertThat(logged).anyMatch(line -> line.contains("refused /127.0.0.1"));
        }
    }
}
