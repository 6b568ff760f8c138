package org.imbrex.host.node;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.FuzzSeeds;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.memory.Span;

/**
 * A target of the fuzzer: what a node may answer to a client that has tiles there, a tile of blocks, a read and a
 * question for its state. The first byte chooses the tiles, and whether the node's welcome is from the input too.
 *
 * <p>The client gives up the connection and tells why in a sentence of its own; each tile is answered, refused or lost,
 * credits come back, and nothing is written beside a tile's results. One thread does all, so an input does the same
 * again.
 */
public final class AnswersFuzz {
    private static final int BUFFER = 16 << 10;
    private static final byte UNTOUCHED = 0x11;
    private static final int TILES = 3;
    private static final int READ_BYTES = 64;
    private static final long STORE_BYTES = 40 << 10;
    private static final int ITS_WELCOME = 0x40;
    private static final byte[] WELCOME =
            new Encoder().u16(8).u16(2).i64(4 << 20).i32(2000).finished();
    /** Sentences of ours; what the machine says of a mistake of ours is none. */
    private static final Pattern TOLD = Pattern.compile(
            "(found |a frame|the peer |it |a header|its |expected ).*", Pattern.DOTALL);

    private static final FleetOptions OPTIONS = new FleetOptions(
            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1)),
            new Credentials.Loopback(),
            Duration.ofSeconds(2),
            "fuzz");
    private static final List<Program> PROGRAMS = List.of(
            program("x + 1", 20, 3),
            program("sum(x)", 2048),
            program("transpose(x) * 2", 20, 3),
            program("x @ x", 64, 64),
            program("argmax(x, axis=0)", 40, 3));
    private static final MemorySegment INPUT = Arena.global().allocate(64 << 10, 64);
    private static final List<MemorySegment> STORES = IntStream.range(0, TILES)
            .mapToObj(k -> Arena.global().allocate(STORE_BYTES, 64))
            .toList();
    private static final MemorySegment CLEAN = Arena.global().allocate(STORE_BYTES).fill(UNTOUCHED);
    private static final MemorySegment READ = Arena.global().allocate(READ_BYTES + 64, 64);

    private AnswersFuzz() {}

    private static Program program(String text, long... extents) {
        ArrayType type = new ArrayType(DType.F64, Shape.of(extents));
        return Fuser.fuse(
                List.of(Typing.check(Parser.parse(text), Map.of("x", type))),
                new LinkedHashMap<>(
                        Map.of("x", new Program.Buffer(DType.F64, type.shape(), type.shape().strides()))));
    }

    /** Halves of the first stage, and its whole; a reduction's are leaves, to be merged. */
    private static List<Tile> tiles(Program program) {
        Stage stage = program.stages().getFirst();
        long[] lo = new long[stage.domain().length];
        long[] half = stage.domain().clone();
        long leaves = stage.leaves();
        if (leaves > 1) {
            return List.of(
                    new Tile(0, lo, stage.domain(), 0, 1),
                    new Tile(0, lo, stage.domain(), 1, 2),
                    new Tile(0, lo, stage.domain(), 0, leaves));
        }
        half[0] = half[0] / 2;
        long[] second = lo.clone();
        second[0] = half[0];
        return List.of(
                new Tile(0, lo, half, 0, leaves),
                new Tile(0, second, stage.domain(), 0, leaves),
                new Tile(0, lo, stage.domain(), 0, leaves));
    }

    /** A node that has sent all it will; from its first frame but the welcome on, the client has asked. */
    private static final class Node extends ScriptedLink {
        private final int welcome;
        private final Runnable asks;
        private boolean welcomed;
        private boolean asked;

        Node(byte[] stream, boolean welcomes, Runnable asks) {
            super(stream);
            this.welcome = welcomes ? FuzzFrames.firstFrame(stream) : 0;
            this.asks = asks;
        }

        @Override
        public int read(ByteBuffer into) {
            if (welcomed && !asked) {
                asked = true;
                asks.run();
            }
            return next(into, welcomed ? bytes.limit() : welcome);
        }
    }

    /** Its connection is served by the thread that waits for the client's first try. */
    private static final class Alone implements Surroundings {
        private final Node node;
        private Optional<Runnable> member = Optional.empty();

        Alone(Node node) {
            this.node = node;
        }

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public void await(Object monitor, long nanos) {
            Optional<Runnable> body = member; // none where somebody waits for room, which does not come
            member = Optional.empty();
            body.ifPresent(Runnable::run);
        }

        @Override
        public void wake(Object monitor) {}

        @Override
        public void sleep(long nanos) throws InterruptedException {
            throw new InterruptedException(); // it does not connect again
        }

        @Override
        public void between() {}

        @Override
        public Task start(String name, boolean quick, Runnable body) {
            if (name.startsWith("imbrex-node")) {
                member = Optional.of(body);
            } else if (!name.equals("imbrex-pulse")) {
                body.run();
            }
            return new Task() {
                @Override
                public void interrupt() {}

                @Override
                public void join() {}
            };
        }

        @Override
        public Met meet(InetSocketAddress address, Caller caller) throws IOException {
            Wire wire = new Wire(node, () -> 0, BUFFER);
            wire.greeted();
            Greeting.Peer peer = new Greeting.Peer(wire, "fuzz", 0);
            if (node.welcome == 0) {
                node.welcomed = true;
                return new Met(peer, new Wire.Header(FrameType.WELCOME, 0, WELCOME.length, 0), WELCOME);
            }
            Wire.Header header = wire.receive();
            byte[] fields = wire.fields(header);
            node.welcomed = true;
            return new Met(peer, header, fields);
        }
    }

    /** Called by Jazzer, so that making the class is not counted as the first input's time. */
    public static void fuzzerInitialize() {}

    /** Called by Jazzer. */
    public static void fuzzerTestOneInput(byte[] input) throws InterruptedException {
        if (input.length == 0) {
            return;
        }
        Program program = PROGRAMS.get((input[0] & 0x3f) % PROGRAMS.size());
        boolean welcomes = (input[0] & ITS_WELCOME) != 0;
        byte[] stream = FuzzFrames.stream(Arrays.copyOfRange(input, 1, input.length));
        STORES.forEach(store -> store.fill(UNTOUCHED));
        READ.fill(UNTOUCHED);
        List<Lease> leases = new ArrayList<>();
        List<Errand> errands = new ArrayList<>();
        Fleet[] fleet = new Fleet[1];
        Node node = new Node(stream, welcomes, () -> ask(fleet[0], program, leases, errands));
        fleet[0] = new Fleet(OPTIONS, new Alone(node));
        fleet[0].discover();
        check(fleet[0], program, leases, errands);
        fleet[0].close();
    }

    /** The client's tiles are requests 1 to 3, its tile of blocks 4, its read 5, its question 6. */
    private static void ask(Fleet fleet, Program program, List<Lease> leases, List<Errand> errands) {
        Connection connection = fleet.connections().getFirst();
        for (Tile tile : tiles(program)) {
            List<Span> loads = program.stages().getFirst().loads().stream()
                    .map(load -> new Span(INPUT, 0))
                    .toList();
            List<Span> stores = program.stages().getFirst().stores().stream()
                    .map(store -> new Span(STORES.get(leases.size()), 0))
                    .toList();
            Lease lease = new Lease(program, tile, loads, stores, false, fleet.surroundings(), 1);
            fleet.room.tryTake(lease).ifPresent(seat -> {
                leases.add(lease);
                connection.send(lease, seat);
            });
        }
        try {
            int[] looks = {0};
            Seat seat = fleet.room.takeOn(connection, 4096, () -> looks[0]++ > 0);
            Errand tile = Errand.tile(fleet.surroundings(), seat);
            errands.add(tile);
            connection.begin(tile, program, (wire, request, number) -> wire.send(FrameType.TILE, request, new byte[8]));
            Errand read = Errand.read(fleet.surroundings(), READ.asSlice(0, READ_BYTES));
            errands.add(read);
            connection.begin(read, program, (wire, request, number) -> wire.send(FrameType.READ, request, new byte[20]));
            connection.status(Duration.ZERO);
        } catch (DeviceException | IOException | InterruptedException e) {
            return; // the node gives no room, or has not answered yet
        }
    }

    private static void check(Fleet fleet, Program program, List<Lease> leases, List<Errand> errands) {
        Member member = fleet.members().getFirst();
        require(TOLD.matcher(member.trouble()).matches(), "the client told: " + member.trouble());
        require(member.flying == 0 && member.flyingBytes == 0, "credits that did not come back");
        require(errands.stream().allMatch(Errand::isDone), "an errand without an end");
        for (int k = 0; k < leases.size(); k++) {
            Lease lease = leases.get(k);
            require(!lease.isLive(), "a tile without an end");
            lease.end();
            if (lease.answer() != null) {
                try {
                    FleetKernel.times(lease, 1);
                } catch (DeviceException e) {
                    require(e.kind() == DeviceException.Kind.FAILED, "another kind: " + e.kind());
                }
            }
            // of a tile's accumulators, or of all elements that it writes
            long[] range = lease.stage.stores().getFirst().range(lease.tile.lo(), lease.tile.hi());
            long width = lease.stage.stores().getFirst().dtype().bytes();
            boolean partial = lease.tile.isPartial(lease.stage);
            untouched(STORES.get(k), 0, partial ? 0 : range[0] * width);
            untouched(STORES.get(k), partial ? lease.dataOut : (range[1] + 1) * width, STORE_BYTES);
        }
        untouched(READ, READ_BYTES, READ.byteSize());
    }

    private static void untouched(MemorySegment memory, long from, long to) {
        long at = memory.asSlice(from, to - from).mismatch(CLEAN.asSlice(0, to - from));
        require(at < 0, "written at " + (from + at) + ", beside the results");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static FuzzSeeds.Message result(int request, long data) {
        byte[] fields = new Encoder().text("vector").text("vector").text("cpu").text("0123").i64(7).finished();
        return new FuzzSeeds.Message(FrameType.RESULT, request, fields, data);
    }

    /** What an honest node answers, in several orders, and what it may say beside. */
    public static void seeds(Path folder, long seed) throws IOException {
        Random random = new Random(seed);
        for (int which = 0; which < PROGRAMS.size(); which++) {
            Program program = PROGRAMS.get(which);
            List<List<FuzzSeeds.Message>> conversations = new ArrayList<>();
            for (int k = 0; k < 6; k++) {
                List<FuzzSeeds.Message> messages = new ArrayList<>();
                for (int tile = 0; tile < TILES; tile++) {
                    List<Span> none = program.stages().getFirst().loads().stream()
                            .map(load -> new Span(INPUT, 0))
                            .toList();
                    Lease lease = new Lease(program, tiles(program).get(tile), none, List.of(), false, Surroundings.SYSTEM);
                    messages.add(result(tile + 1, lease.dataOut));
                }
                messages.add(result(4, 0));
                messages.add(new FuzzSeeds.Message(FrameType.ELEMENTS, 5, new byte[0], READ_BYTES));
                messages.add(new FuzzSeeds.Message(
                        FrameType.STATUS, 6, new NodeCounters().encoded(new Workbench(List.of(), Surroundings.SYSTEM)), 0));
                byte[] fault = new Encoder().choice(DeviceException.Kind.FAILED).text("no").finished();
                messages.add(random.nextInt(messages.size()), new FuzzSeeds.Message(FrameType.FAULT, 1 + random.nextInt(5), fault, 0));
                messages.add(random.nextInt(messages.size()), new FuzzSeeds.Message(FrameType.DRAIN, 0, new byte[0], 0));
                messages.add(new FuzzSeeds.Message(FrameType.GOODBYE, 0, new Encoder().text("bye").finished(), 0));
                Collections.swap(messages, random.nextInt(messages.size()), random.nextInt(messages.size()));
                conversations.add(messages);
            }
            FuzzFrames.seeds(Files.createDirectories(folder.resolve("program-" + which)), conversations, (byte) which);
            conversations.forEach(messages -> messages.addFirst(new FuzzSeeds.Message(FrameType.WELCOME, 0, WELCOME, 0)));
            FuzzFrames.seeds(
                    Files.createDirectories(folder.resolve("welcome-" + which)),
                    conversations,
                    (byte) (which | ITS_WELCOME));
        }
    }
}
