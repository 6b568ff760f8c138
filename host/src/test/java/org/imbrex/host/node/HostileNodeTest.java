package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.FuzzSeeds;
import org.imbrex.host.node.wire.Link;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.memory.Span;
import org.junit.jupiter.api.Test;

/** A node that answers a tile before it has been sent, and then breaks off: what it writes, and when, is bounded. */
class HostileNodeTest {
    private static final long BYTES = 8 * 64;
    private static final FleetOptions OPTIONS = new FleetOptions(
            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1)),
            new Credentials.Loopback(),
            Duration.ofSeconds(5),
            "test");

    /** Sends the first half of an answer to request 1; the rest when it may. One of the client's writes fails. */
    private static final class Early extends ScriptedLink {
        private final int half;
        private final int fails;
        private int writes;
        final CountDownLatch asked = new CountDownLatch(1);
        final CountDownLatch halfway = new CountDownLatch(1);
        final CountDownLatch rest = new CountDownLatch(1);

        /** @param fails which write fails, once the half has come */
        Early(FuzzSeeds.Message answer, int fails) {
            super(FuzzFrames.stream(FuzzFrames.input(List.of(answer))));
            this.half = bytes.limit() - (int) BYTES / 2;
            this.fails = fails;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            try {
                asked.await();
                if (bytes.position() >= half) {
                    halfway.countDown();
                    rest.await();
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return next(into, bytes.position() < half ? half : bytes.limit());
        }

        @Override
        public void write(ByteBuffer from) throws IOException {
            super.write(from);
            if (++writes == fails) {
                asked.countDown();
                try {
                    halfway.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                throw new IOException("broken pipe");
            }
        }
    }

    private static Program program() {
        ArrayType type = new ArrayType(DType.F64, Shape.of(BYTES / 8));
        return Fuser.fuse(
                List.of(Typing.check(Parser.parse("x + 1"), Map.of("x", type))),
                new LinkedHashMap<>(
                        Map.of("x", new Program.Buffer(DType.F64, type.shape(), type.shape().strides()))));
    }

    private static Fleet fleet(Link link) {
        byte[] welcome = new Encoder().u16(4).u16(1).i64(1 << 20).i32(5000).finished();
        boolean[] met = new boolean[1];
        return new Fleet(OPTIONS, new Surroundings.OfProcess() {
            @Override
            public Met meet(InetSocketAddress address, Caller caller) throws IOException {
                if (met[0]) {
                    throw new IOException("it does not come back");
                }
                met[0] = true;
                Wire wire = new Wire(link);
                wire.greeted();
                return new Met(
                        new Greeting.Peer(wire, "hostile", 0),
                        new Wire.Header(FrameType.WELCOME, 0, welcome.length, 0),
                        welcome);
            }
        });
    }

    private static FuzzSeeds.Message answer(FrameType type) {
        byte[] fields = type == FrameType.ELEMENTS
                ? new byte[0]
                : new Encoder().text("a").text("b").text("c").text("d").i64(1).finished();
        return new FuzzSeeds.Message(type, 1, fields, BYTES);
    }

    @Test
    void aTileIsNotOverWhileItsEarlyAnswerArrives() throws Exception {
        Early link = new Early(answer(FrameType.RESULT), 2);
        try (Arena arena = Arena.ofShared();
                Fleet fleet = fleet(link)) {
            fleet.discover();
            Program program = program();
            MemorySegment in = arena.allocate(BYTES);
            MemorySegment out = arena.allocate(BYTES);
            Lease lease = new Lease(
                    program,
                    new Tile(0, new long[] {0}, new long[] {BYTES / 8}, 0, 1),
                    List.of(new Span(in, 0)),
                    List.of(new Span(out, 0)),
                    false,
                    fleet.surroundings());
            Seat seat = fleet.room.tryTake(lease).orElseThrow();
            seat.connection().send(lease, seat);
            Thread over = Thread.ofPlatform().start(lease::end);
            over.join(200);
            assertThat(over.isAlive()).as("whoever gave the memory still waits").isTrue();
            link.rest.countDown();
            over.join();
            out.fill((byte) 1); // nobody writes to it any more
            lease.await(TimeUnit.SECONDS.toNanos(5));
            assertThat(lease.isLive()).isFalse();
            assertThat(fleet.members().getFirst().flying).isZero();
            assertThat(fleet.members().getFirst().flyingBytes).isZero();
        }
    }

    @Test
    void norIsAReadWhoseElementsComeEarly() throws Exception {
        Early link = new Early(answer(FrameType.ELEMENTS), 2);
        try (Arena arena = Arena.ofShared();
                Fleet fleet = fleet(link)) {
            fleet.discover();
            Errand read = Errand.read(fleet.surroundings(), arena.allocate(BYTES));
            assertThatThrownBy(() -> fleet.connections().getFirst().begin(read, program(), (wire, request, program) ->
                            wire.send(FrameType.READ, request, new byte[20])))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("broken pipe");
            assertThat(read.isDone()).as("its memory is still written to").isFalse();
            link.rest.countDown();
            read.settle();
        }
    }
}
