package org.imbrex.host.node;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.host.node.wire.Block;
import org.imbrex.host.node.wire.Borders;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Limits;
import org.imbrex.host.node.wire.Part;
import org.imbrex.host.node.wire.Tiles;
import org.imbrex.host.node.wire.Traffic;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.tile.Footprint;

/**
 * The blocks that a node holds for one client. One thread adds, writes, reads and drops them; tiles in flight keep
 * those that they name until they are done.
 */
final class Holdings {
    private final BufferPool pool;
    private final long most;
    private final Map<Integer, Held> blocks = new HashMap<>();
    private boolean closed;

    /** A block and its memory. */
    private static final class Held {
        final Block block;
        final BufferPool.Buffer buffer;
        int tiles;

        Held(Block block, BufferPool.Buffer buffer) {
            this.block = block;
            this.buffer = buffer;
        }

        Span span() {
            return new Span(buffer.memory(), block.first());
        }

        boolean covers(int width, long first, long last) {
            return block.width() == width && block.first() <= first && last <= block.last();
        }
    }

    Holdings(BufferPool pool, long most) {
        this.pool = pool;
        this.most = most;
    }

    /**
     * Makes room for a block or, where the client has it, takes what comes for it.
     *
     * @param credit what a new block takes its share of
     */
    void receive(Wire.Header header, Wire wire, Credit credit) throws IOException {
        int number = header.request();
        Block block = Block.decode(wire.fields(header), header.data());
        Held held;
        synchronized (this) {
            held = blocks.get(number);
            if (held == null) {
                if (blocks.size() == Limits.BLOCKS || !credit.take(block.bytes())) {
                    throw new WireException("found a block of " + block.bytes() + " bytes, expected at most "
                            + Limits.BLOCKS + " blocks, and " + credit.free() + " bytes are free");
                }
                held = new Held(block, pool.take(block.length(), most));
                blocks.put(number, held);
                if (!block.isFull()) {
                    held.buffer.memory().fill((byte) 0); // what was there is another client's
                }
            }
        }
        if (!held.covers(block.width(), block.first(), block.last())) {
            throw new WireException("found elements for block " + number + " that are none of its own");
        }
        block.receive(wire, held.span());
        if (header.data() > 0) {
            wire.endOfData();
        }
    }

    /** Frees a block; what it has taken. */
    synchronized long drop(int number) throws WireException {
        Held held = blocks.remove(number);
        if (held == null || held.tiles > 0) {
            throw new WireException("found the end of block " + number
                    + (held == null ? ", which is not held" : ", which a tile is using"));
        }
        pool.give(held.buffer);
        return held.block.bytes();
    }

    /** Sends what the client asks for. */
    void read(Wire.Header header, Wire wire) throws IOException {
        Block.Read read = Block.Read.decode(wire.fields(header));
        Held held;
        synchronized (this) {
            held = blocks.get(read.number());
        }
        if (held == null || !held.covers(held.block.width(), read.first(), read.last())) {
            throw new WireException("found a read of block " + read.number() + " beyond what is held");
        }
        int width = held.block.width();
        long bytes = (read.last() - read.first() + 1) * width;
        if (bytes > Limits.DATA) {
            throw new WireException("found a read of " + bytes + " bytes, expected at most " + Limits.DATA);
        }
        wire.send(FrameType.ELEMENTS, header.request(), new byte[0], bytes, to ->
                to.put(held.buffer.memory().asSlice((read.first() - held.block.first()) * width, bytes)));
    }

    /** Elements of a block, of {@code width} bytes each. */
    record Lent(int width, MemorySegment elements) {}

    /** Elements that are on their way to another node; the block is kept until {@link #release}. */
    synchronized Lent lend(int number, long first, long last) throws WireException {
        Held held = blocks.get(number);
        if (held == null || !held.covers(held.block.width(), first, last)) {
            throw new WireException("found elements " + first + " to " + last + " of block " + number
                    + " to be given, beyond what is held");
        }
        held.tiles++;
        int width = held.block.width();
        return new Lent(
                width,
                held.buffer.memory().asSlice((first - held.block.first()) * width, (last - first + 1) * width));
    }

    /** Writes elements that another node has brought; false where the block is gone, or has others. */
    synchronized boolean write(Borders.Border border, MemorySegment from) {
        Borders.Range range = border.range();
        Held held = blocks.get(range.block());
        if (closed || held == null || !held.covers(border.width(), range.first(), range.last())) {
            return false;
        }
        long at = (range.first() - held.block.first()) * border.width();
        MemorySegment.copy(from, 0, held.buffer.memory(), at, border.data());
        return true;
    }

    /** The blocks that a tile names, once for each time; kept until {@link #release}. */
    synchronized List<Integer> use(Stage stage, Tiles.Request request) throws WireException {
        List<Integer> used = new ArrayList<>();
        for (Part part : request.parts()) {
            if (part.isHeld()) {
                check(part.block(), Traffic.width(stage, part), part.first(), part.last());
                used.add(part.block());
            }
        }
        for (int store = 0; store < request.into().size(); store++) {
            int number = request.into().get(store);
            if (number != Part.NONE) {
                long[] range = Footprint.storeRange(stage, store, request.tile());
                check(number, stage.stores().get(store).dtype().bytes(), range[0], range[1]);
                used.add(number);
            }
        }
        used.forEach(number -> blocks.get(number).tiles++);
        return used;
    }

    private void check(int number, int width, long first, long last) throws WireException {
        Held held = blocks.get(number);
        if (held == null || !held.covers(width, first, last)) {
            throw new WireException("found a tile of elements " + first + " to " + last + " of block " + number
                    + (held == null ? ", which is not held" : ", which has others"));
        }
    }

    /** Where a block that a tile uses lies. */
    synchronized Span span(int number) {
        return blocks.get(number).span();
    }

    synchronized void release(List<Integer> used) {
        for (int number : used) {
            Held held = blocks.get(number);
            if (--held.tiles == 0 && closed) {
                blocks.remove(number);
                pool.give(held.buffer);
            }
        }
    }

    /** The client has gone: frees what no tile uses now, and the rest after the last one. */
    synchronized void close() {
        closed = true;
        blocks.values().removeIf(held -> {
            if (held.tiles == 0) {
                pool.give(held.buffer);
            }
            return held.tiles == 0;
        });
    }
}
