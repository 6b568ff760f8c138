package org.imbrex.host.node;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.imbrex.host.node.wire.Block;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Part;
import org.imbrex.host.node.wire.Runs;
import org.imbrex.host.node.wire.Tiles;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.tile.Footprint;

/**
 * One node's slab of a simulation. What its tiles read lies in blocks on the node, the fields twice: a round reads the
 * one and writes the other. One thread at a time works with it.
 */
final class SlabNode {
    /** The most that is sent or brought at once, so that others' frames are not held up for long. */
    private static final long CHUNK = 64L << 20;

    static final int COPIES = 2;

    private final Fleet fleet;
    private final Program program;
    private final Connection connection;
    private final Slabs.Slab slab;
    private final BooleanSupplier over;
    private final Map<Integer, Integer> widths;
    /** By the step's number of a buffer: the blocks' numbers for each held interval and copy. */
    private final Map<Integer, int[][]> blocks = new LinkedHashMap<>();

    private final List<Integer> sent = new ArrayList<>();
    private final List<Errand> open = new ArrayList<>();
    private final int fields;
    private long reserved;
    private boolean roomForBorders;
    /** Which copy holds the fields now. */
    private int copy;

    private long bytesUp;
    private long bytesDown;

    SlabNode(
            Fleet fleet,
            Program program,
            Connection connection,
            IterateStage stage,
            Slabs.Slab slab,
            BooleanSupplier over) {
        this.fleet = fleet;
        this.program = program;
        this.connection = connection;
        this.slab = slab;
        this.over = over;
        this.fields = stage.fields();
        this.widths = widths(stage);
    }

    private static Map<Integer, Integer> widths(IterateStage stage) {
        Map<Integer, Integer> widths = new HashMap<>();
        for (int field = 0; field < stage.fields(); field++) {
            widths.put(field, stage.stores().get(field).dtype().bytes());
        }
        for (int load = 0; load < stage.loads().size(); load++) {
            widths.put(Slabs.buffer(stage, load), stage.loads().get(load).dtype().bytes());
        }
        return widths;
    }

    String name() {
        return connection.member().name;
    }

    boolean isUp() {
        return isThere() && !connection.draining;
    }

    boolean isThere() {
        return !connection.isOver();
    }

    InetSocketAddress address() {
        return connection.member().address();
    }

    /** By which this client names it to other nodes. */
    int number() {
        return fleet.members().indexOf(connection.member());
    }

    /** Whether it hands elements to other nodes and takes some. */
    boolean handsBorders() {
        return connection.handsBorders;
    }

    /** Whether memory is kept for elements on their way here. */
    boolean hasRoomForBorders() {
        return roomForBorders;
    }

    // ---- memory

    /**
     * Keeps room for the blocks; false where the node has none.
     *
     * @param onTheirWay bytes for elements on their way here from other nodes; where there is no room for these alone,
     *     none is kept
     */
    boolean reserve(List<IterateStage> stages, int first, long onTheirWay) {
        long bytes = 0;
        int count = 0;
        for (Map.Entry<Integer, List<Slabs.Interval>> held : slab.held().entrySet()) {
            int copies = held.getKey() < fields ? COPIES : 1;
            for (Slabs.Interval interval : held.getValue()) {
                bytes += copies * block(held.getKey(), interval).bytes();
                count += copies;
            }
        }
        long besides = 0;
        for (IterateStage stage : stages) {
            for (long[][] box : slab.tiles()) {
                Tile tile = new Tile(first, box[0], box[1], 0, stage.leaves());
                besides = Math.max(besides, need(stage, tile));
            }
        }
        Optional<List<Integer>> numbers = fleet.room.reserve(connection, count, bytes + onTheirWay, besides);
        roomForBorders = numbers.isPresent();
        if (numbers.isEmpty()) {
            numbers = fleet.room.reserve(connection, count, bytes, besides);
        }
        if (numbers.isEmpty()) {
            return false;
        }
        reserved = bytes + (roomForBorders ? onTheirWay : 0);
        int next = 0;
        for (Map.Entry<Integer, List<Slabs.Interval>> held : slab.held().entrySet()) {
            int[][] own = new int[held.getValue().size()][COPIES];
            for (int[] copies : own) {
                copies[0] = numbers.get().get(next++);
                copies[1] = held.getKey() < fields ? numbers.get().get(next++) : copies[0];
            }
            blocks.put(held.getKey(), own);
        }
        return true;
    }

    private long need(IterateStage stage, Tile tile) {
        List<Integer> into = new ArrayList<>();
        stage.stores().forEach(store -> into.add(0));
        return Tiles.need(stage, tile, List.of(), into);
    }

    private Block block(int buffer, Slabs.Interval interval) {
        return new Block(widths.get(buffer), interval.first(), interval.last(), List.of());
    }

    /** Sends the fields and what does not change, from whole buffers. */
    void load(IterateStage stage, List<Span> loads) {
        Map<Integer, Span> spans = new HashMap<>();
        for (int load = 0; load < loads.size(); load++) {
            spans.put(Slabs.buffer(stage, load), loads.get(load));
        }
        copy = 0;
        slab.held().forEach((buffer, intervals) -> {
            for (int k = 0; k < intervals.size(); k++) {
                int[] copies = blocks.get(buffer)[k];
                for (int which = 0; which < (buffer < fields ? COPIES : 1); which++) {
                    boolean brought = which == 0 && spans.containsKey(buffer);
                    put(copies[which], buffer, intervals.get(k), brought ? Optional.of(spans.get(buffer)) : Optional.empty());
                    sent.add(copies[which]);
                }
            }
        });
    }

    private void put(int number, int buffer, Slabs.Interval interval, Optional<Span> from) {
        Block whole = block(buffer, interval);
        if (from.isEmpty() || whole.length() > CHUNK) {
            connection.put(number, whole, new Span(MemorySegment.NULL, 0));
        }
        if (from.isPresent()) {
            fill(number, buffer, interval, from.get());
        }
    }

    private void fill(int number, int buffer, Slabs.Interval interval, Span from) {
        int width = widths.get(buffer);
        long most = CHUNK / width;
        for (long at = interval.first(); at <= interval.last(); at += most) {
            long last = Math.min(interval.last(), at + most - 1);
            Runs run = new Runs(at, last - at + 1, new long[0], new long[0]);
            connection.put(number, new Block(width, at, last, List.of(run)), from);
            bytesUp += run.run() * width;
        }
    }

    /** Brings what the slab has computed into whole buffers, one for each field. */
    void store(List<Span> stores) throws InterruptedException {
        List<Errand> reads = new ArrayList<>();
        for (int field = 0; field < fields; field++) {
            reads.add(read(this, field, slab.own(), stores.get(field)));
        }
        for (Errand read : reads) {
            read.await();
        }
    }

    /** Elements that a node has, which is this one or another that is as far. */
    private Errand read(SlabNode node, int field, Slabs.Interval elements, Span into) throws InterruptedException {
        int width = widths.get(field);
        int number = node.block(field, elements, copy);
        long most = CHUNK / width;
        Errand last = null;
        for (long at = elements.first(); at <= elements.last(); at += most) {
            long until = Math.min(elements.last(), at + most - 1);
            if (last != null) {
                last.await();
            }
            last = Errand.read(fleet.surroundings(), into.memory().asSlice((at - into.first()) * width, (until - at + 1) * width));
            byte[] asked = Block.encodeRead(number, at, until);
            begin(node.connection, last, (wire, request, known) -> wire.send(FrameType.READ, request, asked));
            bytesDown += (until - at + 1) * width;
        }
        return last;
    }

    /** Asks the node something that uses no memory of either side: nobody waits for the answer at the end. */
    void ask(Errand errand, Connection.Message message) {
        connection.begin(errand, program, message);
    }

    /** Asks the node. */
    void begin(Errand errand, Connection.Message message) {
        begin(connection, errand, message);
    }

    private void begin(Connection connection, Errand errand, Connection.Message message) {
        open.removeIf(Errand::isDone);
        open.add(errand);
        connection.begin(errand, program, message);
    }

    /** Waits until nobody works for it any more, and gives its memory back. */
    void close() {
        open.forEach(Errand::settle);
        fleet.room.unreserve(connection, sent, reserved);
    }

    // ---- rounds

    /** Starts the tiles of a stage, those at the ends first. */
    List<Errand> start(int number, IterateStage stage) throws InterruptedException {
        List<Errand> errands = new ArrayList<>();
        for (long[][] box : slab.tiles()) {
            Tile tile = new Tile(number, box[0], box[1], 0, stage.leaves());
            List<Integer> into = new ArrayList<>();
            for (int field = 0; field < fields; field++) {
                into.add(blocks.get(field)[slab.place(field, slab.own())][1 - copy]);
            }
            List<Part> parts = parts(stage, tile);
            Seat seat = fleet.room.takeOn(connection, Tiles.need(stage, tile, parts, into), over);
            Errand errand = Errand.tile(fleet.surroundings(), seat);
            begin(errand, (wire, request, known) ->
                    wire.send(FrameType.TILE, request, Tiles.encode(known, tile, parts, into)));
            errands.add(errand);
        }
        return errands;
    }

    /** What a tile reads, each load of the block that has it. */
    private List<Part> parts(IterateStage stage, Tile tile) {
        Map<Integer, Part> parts = new LinkedHashMap<>();
        for (int load = 0; load < stage.loads().size(); load++) {
            long[] range = Footprint.loadRange(stage, load, tile);
            if (range[0] > range[1]) {
                continue;
            }
            int buffer = Slabs.buffer(stage, load);
            Slabs.Interval wanted = new Slabs.Interval(range[0], range[1]);
            int number = blocks.get(buffer)[slab.place(buffer, wanted)][copy];
            Part before = parts.getOrDefault(number, new Part(List.of(), range[0], range[1], number, List.of()));
            List<Integer> loads = new ArrayList<>(before.loads());
            loads.add(load);
            parts.put(
                    number,
                    new Part(
                            loads,
                            Math.min(before.first(), range[0]),
                            Math.max(before.last(), range[1]),
                            number,
                            List.of()));
        }
        return List.copyOf(parts.values());
    }

    /** Which tiles compute some of these elements. */
    List<Integer> writers(Slabs.Interval elements, IterateStage stage) {
        List<Integer> writers = new ArrayList<>();
        for (int k = 0; k < slab.tiles().size(); k++) {
            long[][] box = slab.tiles().get(k);
            long[] range = stage.stores().getFirst().range(box[0], box[1]);
            if (elements.first() <= range[1] && range[0] <= elements.last()) {
                writers.add(k);
            }
        }
        return writers;
    }

    /** The round's tiles are sent: what is read from now on is what they write. */
    void turn() {
        copy = 1 - copy;
    }

    /** Which copy holds the fields now, or will when the round's tiles are done. */
    int copy() {
        return copy;
    }

    int width(int field) {
        return widths.get(field);
    }

    /** The number of the block that has these elements. */
    int block(int field, Slabs.Interval elements, int which) {
        return blocks.get(field)[slab.place(field, elements)][which];
    }

    /** Brings elements that another node has computed. */
    Errand fetch(SlabNode source, Slabs.Crossing crossing, MemorySegment into) throws InterruptedException {
        return read(source, crossing.field(), crossing.elements(), new Span(into, crossing.elements().first()));
    }

    /** Sends elements that another slab has computed. */
    void writeBorder(Slabs.Crossing crossing, MemorySegment from) {
        int number = block(crossing.field(), crossing.elements(), copy);
        fill(number, crossing.field(), crossing.elements(), new Span(from, crossing.elements().first()));
    }

    /** What was asked for under this errand is expected no more. */
    void unexpect(Errand asked) {
        connection.unexpect(asked.request());
    }

    /** What a tile's answer tells, with what has moved. */
    TileTimes times(byte[] answer, long nanos, List<String> faults) {
        Computed computed = Computed.decode(name(), answer, nanos);
        return withMoved(new TileTimes(0, computed.kernelNanos(), 0, 0, 0, Optional.of(computed.place()), faults));
    }

    /** With what has moved since the last one. */
    TileTimes withMoved(TileTimes times) {
        long up = times.bytesUp() + bytesUp;
        long down = times.bytesDown() + bytesDown;
        bytesUp = 0;
        bytesDown = 0;
        return new TileTimes(0, times.kernelNanos(), 0, up, down, times.place(), times.faults());
    }
}
