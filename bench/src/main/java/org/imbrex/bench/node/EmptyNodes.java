package org.imbrex.bench.node;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Programs;
import org.imbrex.host.node.wire.Tiles;
import org.imbrex.host.node.wire.Traffic;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;

/**
 * A process of nodes that compute nothing: each connection is one, which speaks the protocol and answers a tile at once, by
 * zeros. So what a client of thousands of nodes costs is seen on one machine.
 */
final class EmptyNodes {
    private static final int BACKLOG = 10_000;
    private static final int SLOTS = 17;
    private static final long BYTES = 64L << 20;
    private static final MemorySegment ZEROS = Arena.global().allocate(1 << 16, 64);

    private EmptyNodes() {}

    /** Listens at every address of this machine, answers only loopback's, and ends with who started it. */
    public static void main(String[] args) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(0), BACKLOG);
        System.out.println(((InetSocketAddress) server.getLocalAddress()).getPort());
        Thread.ofPlatform().daemon().start(() -> {
            ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().join());
            System.exit(0);
        });
        while (true) {
            SocketChannel channel = server.accept();
            Thread.ofVirtual().start(() -> serve(channel));
        }
    }

    private static void serve(SocketChannel channel) {
        try (channel) {
            InetSocketAddress peer = (InetSocketAddress) channel.getRemoteAddress();
            if (!peer.getAddress().isLoopbackAddress()) {
                return;
            }
            channel.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
            Wire wire = Greeting.asNode(channel, peer, new Credentials.Loopback(), "imbrex bench", 0).wire();
            wire.send(FrameType.WELCOME, 0, new Encoder().u16(SLOTS).u16(1).i64(BYTES).i32(10_000).finished());
            answer(wire);
        } catch (IOException e) {
            return; // the client has gone
        }
    }

    private static void answer(Wire wire) throws IOException {
        Map<Integer, Program> programs = new HashMap<>();
        while (true) {
            Wire.Header header = wire.receive();
            byte[] fields = wire.fields(header);
            switch (header.type()) {
                case PROGRAM -> programs.put(header.request(), Programs.decode(fields));
                case TILE -> {
                    Tiles.Request request = Tiles.decode(fields, programs::get, header.data());
                    wire.skip(header.data());
                    if (header.data() > 0) {
                        wire.endOfData();
                    }
                    Stage stage = programs.get(request.program()).stages().get(request.tile().stage());
                    byte[] told = new Encoder().text("none").text("none").text("nothing").text("").i64(0).finished();
                    long bytes = Traffic.bytesOut(stage, request.tile(), request.into());
                    wire.send(FrameType.RESULT, header.request(), told, bytes, to -> to.put(ZEROS.asSlice(0, bytes)));
                }
                case GOODBYE -> {
                    return;
                }
                case PING -> wire.ping(); // it must hear of us
                default -> {}
            }
        }
    }
}
