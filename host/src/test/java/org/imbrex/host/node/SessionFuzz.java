package org.imbrex.host.node;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.FuzzSeeds;
import org.imbrex.host.node.wire.Ticket;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.kernels.stage.Program;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.host.ReferenceBackend;
import org.imbrex.runtime.memory.BufferPool;

/**
 * A target of the fuzzer: what a peer may send to a node that it has greeted.
 *
 * <p>Nothing but an IOException may come out, and no more memory may be held than the node gives to a client.
 */
public final class SessionFuzz {
    private static final long BYTES = 4 << 20;
    private static final int BUFFER = 16 << 10;
    private static final BufferPool POOL = new BufferPool(BYTES);
    private static final Workbench BENCH = new Workbench(List.of(new Idle()), Surroundings.SYSTEM);
    /** Whose tickets anybody guesses, and to which no other node answers. */
    private static final Peering PEERING = new Peering(
            new Lonely(),
            Peering.caller(new Credentials.Loopback(), Duration.ofSeconds(1), "fuzz"),
            true,
            Duration.ofSeconds(1),
            new Tickets(() -> new Ticket(new byte[32])),
            new NodeCounters(),
            new RefusalLog(System.getLogger("fuzz"), () -> 0));

    private SessionFuzz() {}

    /** This process, without a network. */
    private static final class Lonely extends Surroundings.OfProcess {
        @Override
        public Met meet(InetSocketAddress address, Caller caller) throws IOException {
            throw new ConnectException("no route to host");
        }
    }

    /** Computes nothing, so that a tile of 2^40 visits does not count as a hang. */
    private record Idle() implements Device {
        private static final Device OTHER = new ReferenceBackend(1).discover().devices().getFirst();

        @Override
        public DeviceInfo info() {
            return OTHER.info();
        }

        @Override
        public int workers() {
            return 1;
        }

        @Override
        public TileKernel kernel(Program program, int stage) {
            return new TileKernel() {
                @Override
                public String hash() {
                    return "idle";
                }

                @Override
                public TileTimes run(
                        org.imbrex.kernels.stage.Tile tile,
                        List<org.imbrex.runtime.memory.Span> loads,
                        List<org.imbrex.runtime.memory.Span> stores) {
                    return TileTimes.kernel(1);
                }
            };
        }

        @Override
        public void close() {}
    }

    /** Called by Jazzer, so that making the class is not counted as the first input's time. */
    public static void fuzzerInitialize() {}

    /** Called by Jazzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        byte[] client = FuzzFrames.stream(input, type -> !ofNodes(type));
        byte[] node = FuzzFrames.stream(input, SessionFuzz::ofNodes);
        // another node's frames come while the client is there, and after what it has said
        Wire wire = wire(new FuzzFrames.Given(client, () -> {
            try {
                new Delivery(wire(new FuzzFrames.Given(node)), PEERING, POOL, BYTES).serve();
            } catch (IOException e) {
                FuzzFrames.held(POOL.lentBytes()); // as below
            }
        }));
        Session session = new Session(wire, BENCH, POOL, 8, BYTES, BYTES, PEERING);
        try {
            session.serve();
        } catch (IOException e) {
            FuzzFrames.held(POOL.lentBytes()); // a wrong frame is answered by this
        }
        long held = POOL.lentBytes();
        FuzzFrames.held(held);
        if (held > 2 * BYTES) {
            throw new AssertionError("a client holds " + held + " bytes");
        }
        while (session.open() > 0 && BENCH.waiting() + BENCH.busy() > 0) {
            Thread.onSpinWait(); // tiles of one input are not counted against the next one's
        }
    }

    private static Wire wire(FuzzFrames.Given link) {
        Wire wire = new Wire(link, System::nanoTime, BUFFER);
        wire.greeted();
        return wire;
    }

    private static boolean ofNodes(int type) {
        return type == FrameType.TICKET.ordinal() || type == FrameType.BORDER.ordinal();
    }

    /** Valid conversations to begin with: programs of every kind of stage, each with some of its tiles. */
    public static void seeds(Path folder, long seed) throws IOException {
        Random random = new Random(seed);
        List<List<FuzzSeeds.Message>> conversations = new ArrayList<>();
        for (int number = 0; number < 60; number++) {
            conversations.add(FuzzSeeds.conversation(random));
        }
        FuzzFrames.seeds(folder, conversations);
    }
}
