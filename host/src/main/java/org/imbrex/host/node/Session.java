package org.imbrex.host.node;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.imbrex.host.node.wire.Borders;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Part;
import org.imbrex.host.node.wire.Programs;
import org.imbrex.host.node.wire.Ticket;
import org.imbrex.host.node.wire.Tiles;
import org.imbrex.host.node.wire.Traffic;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.tile.Footprint;

/** One client of a node, from its welcome to its end. */
final class Session {
    /** Programs that a client may have on a node at once. */
    static final int PROGRAMS = 256;

    private final Wire wire;
    private final Workbench bench;
    private final BufferPool pool;
    private final int slots;
    private final long most;
    private final NodeCounters counters;
    private final AtomicInteger open = new AtomicInteger();
    private final Credit credit;
    private final Holdings holdings;
    private final Neighbours neighbours;
    private final Expectations expectations;
    private final Map<Integer, Program> programs = new HashMap<>();
    private final Map<Integer, String> refused = new HashMap<>();
    private final Set<Integer> cancelled = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * @param slots how many tiles the client may have here at once
     * @param bytes what they may take together
     * @param most what all clients' may, and what the pool keeps for use again
     */
    Session(
            Wire wire, Workbench bench, BufferPool pool, int slots, long bytes, long most, Peering peering) {
        this.wire = wire;
        this.bench = bench;
        this.pool = pool;
        this.slots = slots;
        this.credit = new Credit(bytes);
        this.most = most;
        this.counters = peering.counters();
        this.holdings = new Holdings(pool, most);
        this.neighbours = new Neighbours(peering, new Replies());
        this.expectations = new Expectations(peering.tickets(), holdings, credit);
    }

    int open() {
        return open.get();
    }

    Wire wire() {
        return wire;
    }

    /** Serves the client until it goes; what is still to be run for it is dropped then. */
    void serve() throws IOException {
        try {
            while (true) {
                Wire.Header header = wire.receive();
                switch (header.type()) {
                    case PROGRAM -> program(header);
                    case TILE -> tile(header);
                    case BLOCK -> holdings.receive(header, wire, credit);
                    case READ -> holdings.read(header, wire);
                    case DROP -> {
                        wire.fields(header);
                        credit.give(holdings.drop(header.request()));
                    }
                    case CANCEL -> {
                        wire.fields(header);
                        if (cancelled.size() < slots) {
                            cancelled.add(header.request());
                        }
                    }
                    case EXPECT -> expect(header.request(), Borders.expected(wire.fields(header)));
                    case PEER -> neighbours.meet(header.request(), Borders.Peer.decode(wire.fields(header)));
                    case GIVE ->
                        neighbours.give(header.request(), Borders.Give.decode(wire.fields(header)), holdings);
                    case PING -> wire.fields(header);
                    case STATUS -> {
                        wire.fields(header);
                        wire.send(FrameType.STATUS, header.request(), counters.encoded(bench));
                    }
                    case GOODBYE -> {
                        return;
                    }
                    default -> throw new WireException("found " + header.type() + ", which a node does not take");
                }
            }
        } catch (EOFException e) {
            return; // it has gone without a word: its tiles are its own business
        } finally {
            closed = true;
            neighbours.close();
            expectations.close();
            holdings.close();
        }
    }

    private void expect(int request, List<Borders.Range> ranges) throws IOException {
        if (ranges.isEmpty()) {
            expectations.end(request);
            return;
        }
        Optional<Ticket> ticket = expectations.add(request, ranges);
        if (ticket.isPresent()) {
            wire.send(FrameType.TICKET, request, ticket.get().encoded());
        } else {
            fault(request, DeviceException.Kind.FAILED, "found more than the " + Expectations.MOST + " tickets of a client");
        }
    }

    /** What comes of borders, told to the client by threads that hand them over. */
    private final class Replies implements Neighbours.Replies {
        @Override
        public void accepted(int request) {
            tell(() -> wire.send(FrameType.ACCEPTED, request, new byte[0]));
        }

        @Override
        public void refused(int request, String why) {
            tell(() -> fault(request, DeviceException.Kind.FAILED, why));
        }
    }

    private interface Word {
        void say() throws IOException;
    }

    private void tell(Word word) {
        try {
            word.say();
        } catch (IOException gone) {
            wire.close(); // whoever reads hears of it
        }
    }

    private void program(Wire.Header header) throws IOException {
        int number = header.request();
        byte[] fields = wire.fields(header);
        if (number < 0 || number >= PROGRAMS) {
            throw new WireException("found the program number " + number + ", expected less than " + PROGRAMS);
        }
        Program program = Programs.decode(fields);
        programs.put(number, program);
        refused.remove(number);
        for (int stage = 0; stage < program.stages().size(); stage++) {
            List<String> reasons = new ArrayList<>();
            if (program.stages().get(stage) instanceof LineStage lines && lines.workBytes() > credit.most()) {
                // before a kernel is made, whose tables are as large
                refused.put(number, "stage " + stage + ": its lines need " + lines.workBytes()
                        + " bytes of working memory, and this client has " + credit.most());
                return;
            }
            for (Device device : bench.devices()) {
                try {
                    device.kernel(program, stage);
                    reasons.clear();
                    break;
                } catch (DeviceException e) {
                    reasons.add(device.info().id() + ": " + e.getMessage());
                }
            }
            if (!reasons.isEmpty()) {
                refused.put(number, "stage " + stage + ": " + String.join("; ", reasons));
            }
        }
    }

    private void tile(Wire.Header header) throws IOException {
        byte[] fields = wire.fields(header);
        if (open.incrementAndGet() > slots) {
            throw new WireException("found more than the " + slots + " tiles at once that this node has allowed");
        }
        Tiles.Request request = Tiles.decode(fields, this::known, header.data());
        String why = refused.get(request.program());
        if (why != null || !credit.take(request.need())) {
            wire.skip(header.data());
            if (header.data() > 0) {
                wire.endOfData();
            }
            open.decrementAndGet();
            DeviceException.Kind kind =
                    why != null ? DeviceException.Kind.UNSUPPORTED : DeviceException.Kind.OUT_OF_MEMORY;
            fault(header.request(), kind, why != null ? why : "a tile needs " + request.need() + " bytes, and "
                    + credit.free() + " of this client's " + credit.most() + " are free");
            return;
        }
        Program program = programs.get(request.program());
        Stage stage = program.stages().get(request.tile().stage());
        Hold held = new Hold(new ArrayList<>(), holdings.use(stage, request));
        boolean queued = false;
        try {
            List<Span> loads = receive(stage, request.parts(), held);
            if (header.data() > 0) {
                wire.endOfData();
            }
            neighbours.begun(header.request());
            bench.add(
                    (device, relief) -> run(device, relief, header.request(), program, request, loads, held),
                    () -> give(held));
            queued = true;
        } finally {
            if (!queued) {
                give(held);
            }
        }
    }

    /** The memory that a tile has, and the blocks that it uses. */
    private record Hold(List<BufferPool.Buffer> own, List<Integer> blocks) {}

    private Program known(int number) throws WireException {
        Program program = programs.get(number);
        if (program == null) {
            throw new WireException("found a tile of the program " + number + ", which was not sent");
        }
        return program;
    }

    private List<Span> receive(Stage stage, List<Part> parts, Hold held) throws IOException {
        Span[] loads = new Span[stage.loads().size()];
        for (Part part : parts) {
            if (part.isHeld()) {
                Span block = holdings.span(part.block());
                part.loads().forEach(load -> loads[load] = block);
                continue;
            }
            BufferPool.Buffer buffer = pool.take(part.elements() * Traffic.width(stage, part), most);
            held.own.add(buffer);
            if (!part.isFull()) {
                buffer.memory().fill((byte) 0); // what was there is another client's
            }
            Span span = new Span(buffer.memory(), part.first());
            Traffic.receivePart(wire, stage, part, span);
            for (int load : part.loads()) {
                loads[load] = span;
            }
        }
        for (int load = 0; load < loads.length; load++) {
            loads[load] = loads[load] == null ? new Span(MemorySegment.NULL, 0) : loads[load];
        }
        return List.of(loads);
    }

    private void give(Hold held) {
        held.own.forEach(pool::give);
        held.own.clear();
        holdings.release(held.blocks);
        held.blocks.clear();
    }

    /** Before a reply, with which the client may count on it: a tile's slot, memory and blocks are free again. */
    private void credit(int id, Tiles.Request request, Hold held, boolean well) {
        holdings.release(held.blocks);
        held.blocks.clear();
        credit.give(request.need());
        open.decrementAndGet();
        neighbours.done(id, well);
    }

    private void run(
            Device first,
            Runnable relief,
            int id,
            Program program,
            Tiles.Request request,
            List<Span> loads,
            Hold held) {
        try {
            if (closed) {
                return;
            }
            if (cancelled.remove(id)) {
                credit(id, request, held, false);
                fault(id, DeviceException.Kind.FAILED, "cancelled");
                return;
            }
            Stage stage = program.stages().get(request.tile().stage());
            List<Span> stores = outputs(stage, request, held);
            Span work = new Span(MemorySegment.NULL, 0);
            if (stage instanceof LineStage lines) {
                BufferPool.Buffer buffer = pool.take(Math.max(1, lines.workBytes()), most);
                held.own.add(buffer);
                work = new Span(buffer.memory(), 0);
            }
            DeviceException failure = null;
            for (Device device : devices(first)) {
                try {
                    TileKernel kernel = device.kernel(program, request.tile().stage());
                    TileKernel.TileTimes times = stage instanceof LineStage
                            ? kernel.run(request.tile(), loads, stores, work, 1)
                            : kernel.run(request.tile(), loads, stores);
                    result(id, stage, request, held, stores, device, relief, kernel, times);
                    return;
                } catch (DeviceException e) {
                    counters.faults.incrementAndGet();
                    failure = failure == null ? e : failure;
                    if (e.kind() == DeviceException.Kind.OUT_OF_MEMORY) {
                        break;
                    }
                }
            }
            credit(id, request, held, false);
            DeviceException.Kind kind = failure.kind() == DeviceException.Kind.LOST
                    ? DeviceException.Kind.FAILED
                    : failure.kind();
            fault(id, kind, failure.getMessage());
        } catch (IOException e) {
            wire.close(); // the client has gone; whoever reads hears of it
        } catch (Throwable e) {
            tell(id, request, held, e);
        } finally {
            give(held);
        }
    }

    private void tell(int id, Tiles.Request request, Hold held, Throwable e) {
        credit(id, request, held, false);
        DeviceException.Kind kind =
                e instanceof OutOfMemoryError ? DeviceException.Kind.OUT_OF_MEMORY : DeviceException.Kind.FAILED;
        tell(() -> fault(id, kind, e.toString()));
    }

    /** The worker's own device, then the others. */
    private Set<Device> devices(Device first) {
        Set<Device> order = new java.util.LinkedHashSet<>();
        order.add(first);
        order.addAll(new HashSet<>(bench.devices()));
        return order;
    }

    private List<Span> outputs(Stage stage, Tiles.Request request, Hold held) {
        Tile tile = request.tile();
        List<Span> spans = new ArrayList<>(2);
        boolean partial = Traffic.isPartial(stage, tile);
        int count = partial ? ((ReduceStage) stage).combines().size() : stage.stores().size();
        for (int k = 0; k < count; k++) {
            if (!request.into().isEmpty() && request.into().get(k) != Part.NONE) {
                spans.add(holdings.span(request.into().get(k)));
                continue;
            }
            long first = 0;
            long size;
            if (partial) {
                size = tile.elements() * Traffic.accumulator((ReduceStage) stage, k).bytes();
            } else {
                long[] range = Footprint.storeRange(stage, k, tile);
                first = range[0];
                size = (range[1] - range[0] + 1) * stage.stores().get(k).dtype().bytes();
            }
            BufferPool.Buffer buffer = pool.take(size, most);
            held.own.add(buffer);
            spans.add(new Span(buffer.memory(), first));
        }
        return spans;
    }

    private void result(
            int id,
            Stage stage,
            Tiles.Request request,
            Hold held,
            List<Span> stores,
            Device device,
            Runnable relief,
            TileKernel kernel,
            TileKernel.TileTimes times)
            throws IOException {
        byte[] fields = new Encoder()
                .text(device.info().id())
                .text(device.info().backend())
                .text(device.info().name())
                .text(kernel.hash())
                .i64(times.kernelNanos())
                .finished();
        counters.tiles.incrementAndGet();
        cancelled.remove(id);
        credit(id, request, held, true);
        long bytes = Traffic.bytesOut(stage, request.tile(), request.into());
        if (bench.isLarge(bytes)) {
            relief.run();
        }
        wire.send(FrameType.RESULT, id, fields, bytes, to ->
                Traffic.sendResults(to, stage, request.tile(), request.into(), stores));
    }

    private void fault(int id, DeviceException.Kind kind, String message) throws IOException {
        wire.send(FrameType.FAULT, id, new Encoder().choice(kind).text(message).finished());
    }
}
