package org.imbrex.host.node;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.FuzzSeeds;
import org.imbrex.host.node.wire.Link;
import org.imbrex.host.node.wire.Ticket;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.kernels.stage.Program;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.host.ReferenceBackend;
import org.imbrex.runtime.memory.BufferPool;

/**
 * The target of the fuzzer: what a peer may send to a node that it has greeted. The input is a list of frames, each a
 * type, a request, a length, fields and a length of elements; their headers and checksums are made here, because no
 * fuzzer finds a checksum by chance. An input that begins with 0xff is taken as it is, checksums and all.
 *
 * <p>Nothing but an IOException may come out, and no more memory may be held than the node gives to a client.
 */
public final class SessionFuzz {
    private static final long BYTES = 4 << 20;
    private static final int BUFFER = 16 << 10;
    private static final int MOST_DATA = 64 << 10;
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

    private static final AtomicLong FRAMES = new AtomicLong();
    private static final AtomicLong MOST_HELD = new AtomicLong();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.err.println(
                "frames: " + FRAMES + ", most bytes held: " + MOST_HELD)));
    }

    private SessionFuzz() {}

    /** This process, without a network. */
    private static final class Lonely implements Surroundings {
        @Override
        public long nanos() {
            return SYSTEM.nanos();
        }

        @Override
        public void await(Object monitor, long nanos) throws InterruptedException {
            SYSTEM.await(monitor, nanos);
        }

        @Override
        public void wake(Object monitor) {
            SYSTEM.wake(monitor);
        }

        @Override
        public void sleep(long nanos) throws InterruptedException {
            SYSTEM.sleep(nanos);
        }

        @Override
        public void between() {}

        @Override
        public Task start(String name, boolean quick, Runnable body) {
            return SYSTEM.start(name, quick, body);
        }

        @Override
        public Met meet(java.net.InetSocketAddress address, Caller caller) throws IOException {
            throw new java.net.ConnectException("no route to host");
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

    private static final class Given implements Link {
        private final ByteBuffer bytes;
        private Runnable end;

        /** @param end is run once when all is read */
        Given(byte[] bytes, Runnable end) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.end = end;
        }

        @Override
        public int read(ByteBuffer into) {
            int count = Math.min(into.remaining(), bytes.remaining());
            if (count == 0) {
                Runnable last = end;
                end = () -> {};
                last.run();
                return -1;
            }
            into.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public void write(ByteBuffer from) {
            from.position(from.limit());
        }

        @Override
        public void close() {}
    }

    /** Called by Jazzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        Streams streams = input.length > 0 && input[0] == (byte) 0xff
                ? new Streams(java.util.Arrays.copyOfRange(input, 1, input.length), new byte[0])
                : frames(input);
        // another node's frames come while the client is there, and after what it has said
        Wire wire = wire(new Given(streams.client, () -> {
            try {
                new Delivery(wire(new Given(streams.node, () -> {})), PEERING, POOL, BYTES).serve();
            } catch (IOException e) {
                FRAMES.incrementAndGet();
            }
        }));
        Session session = new Session(wire, BENCH, POOL, 8, BYTES, BYTES, PEERING);
        try {
            session.serve();
        } catch (IOException e) {
            // what a wrong frame is answered by
            FRAMES.incrementAndGet();
        }
        long held = POOL.lentBytes();
        MOST_HELD.accumulateAndGet(held, Math::max);
        if (held > 2 * BYTES) {
            throw new AssertionError("a client holds " + held + " bytes");
        }
        while (session.open() > 0 && BENCH.waiting() + BENCH.busy() > 0) {
            Thread.onSpinWait(); // tiles of one input are not counted against the next one's
        }
    }

    private static Wire wire(Given link) {
        Wire wire = new Wire(link, System::nanoTime, BUFFER);
        wire.greeted();
        return wire;
    }

    /** What comes from a client, and from a node that brings it borders. */
    private record Streams(byte[] client, byte[] node) {}

    private static Streams frames(byte[] input) {
        ByteBuffer from = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
        ByteArrayOutputStream client = new ByteArrayOutputStream();
        ByteArrayOutputStream node = new ByteArrayOutputStream();
        while (from.remaining() >= 6) {
            int type = from.get() & 0xff;
            int request = from.get() & 0xff;
            byte[] fields = new byte[Math.min(from.getShort() & 0xffff, from.remaining() - 2)];
            from.get(fields);
            int data = Math.min(from.getShort() & 0xffff, MOST_DATA);
            boolean other = type == FrameType.TICKET.ordinal() || type == FrameType.BORDER.ordinal();
            frame(other ? node : client, type, request, fields, new byte[data]);
            FRAMES.incrementAndGet();
            decode(fields);
        }
        return new Streams(client.toByteArray(), node.toByteArray());
    }

    /** What a client reads of a node's messages. */
    private static void decode(byte[] fields) {
        try {
            NodeCounters.decode("node", "software", fields);
            Decoder fault = new Decoder(fields);
            fault.choice(org.imbrex.runtime.device.DeviceException.Kind.values());
            fault.text();
        } catch (IOException e) {
            return;
        }
    }

    private static void frame(ByteArrayOutputStream to, int type, int request, byte[] fields, byte[] data) {
        ByteBuffer header = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        header.put("IBX1".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).putInt(type & 0xff);
        header.putInt(request).putInt(fields.length).putLong(data.length);
        CRC32C sum = new CRC32C();
        sum.update(header.duplicate().flip());
        header.putInt((int) sum.getValue()).putInt(0);
        to.writeBytes(header.array());
        part(to, fields);
        if (data.length > 0) {
            part(to, data);
        }
    }

    private static void part(ByteArrayOutputStream to, byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        to.writeBytes(bytes);
        to.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt((int) sum.getValue()).array());
    }

    /** Valid conversations to begin with: programs of every kind of stage, each with some of its tiles. */
    static void seeds(Path folder, long seed) throws IOException {
        Random random = new Random(seed);
        for (int number = 0; number < 60; number++) {
            ByteArrayOutputStream to = new ByteArrayOutputStream();
            List<FuzzSeeds.Message> messages = FuzzSeeds.conversation(random);
            for (FuzzSeeds.Message message : messages) {
                if (message.fields().length < 1 << 16 && message.data() < 1 << 16) {
                    ByteBuffer one = ByteBuffer.allocate(6 + message.fields().length).order(ByteOrder.LITTLE_ENDIAN);
                    one.put((byte) message.type().ordinal()).put((byte) message.request());
                    one.putShort((short) message.fields().length);
                    one.put(message.fields()).putShort((short) message.data());
                    to.writeBytes(one.array());
                }
            }
            Files.write(folder.resolve("seed-" + number), to.toByteArray());
        }
        for (FrameType type : FrameType.values()) {
            Files.write(folder.resolve("type-" + type), new byte[] {(byte) type.ordinal(), 0, 0, 0, 0, 0});
        }
    }

    /** Makes the seeds: a folder. */
    public static void main(String[] args) throws IOException {
        Files.createDirectories(Path.of(args[0]));
        seeds(Path.of(args[0]), 1);
        System.exit(0);
    }
}
