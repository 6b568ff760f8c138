package org.imbrex.host.node.wire;

import java.io.IOException;
import java.util.List;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Span;

/**
 * A run of a buffer's elements that a node holds for its client, for tiles to read or to write; and the pieces of it
 * that travel now.
 *
 * @param width bytes of an element
 * @param last inclusive
 */
public record Block(int width, long first, long last, List<Runs> pieces) {
    private static final int WIDEST = 8;

    public Block {
        pieces = List.copyOf(pieces);
    }

    /** What it takes of a node's memory. */
    public long bytes() {
        return BufferPool.sizeOf(length());
    }

    /** Bytes of its elements. */
    public long length() {
        return (last - first + 1) * width;
    }

    /** Bytes that travel. */
    public long data() {
        long data = 0;
        for (Runs piece : pieces) {
            data = Math.addExact(data, Math.multiplyExact(piece.elements(), width));
        }
        return data;
    }

    /** Whether one piece brings all of it. */
    public boolean isFull() {
        return pieces.size() == 1 && pieces.getFirst().elements() == last - first + 1;
    }

    public void send(Wire wire, Span from) throws IOException {
        for (Runs piece : pieces) {
            piece.send(wire, from, width);
        }
    }

    public void receive(Wire wire, Span into) throws IOException {
        for (Runs piece : pieces) {
            piece.receive(wire, into, width);
        }
    }

    public byte[] encoded() {
        Encoder to = new Encoder().u8(width).i64(first).i64(last);
        Tiles.pieces(to, pieces);
        return to.finished();
    }

    /** @throws WireException where a piece lies beyond the block, or they are not as long as the elements */
    public static Block decode(byte[] fields, long data) throws WireException {
        Decoder from = new Decoder(fields);
        int width = from.u8();
        Block block = new Block(
                width,
                from.size(Long.MAX_VALUE >> 5),
                from.size(Long.MAX_VALUE >> 5),
                from.list(Limits.PIECES, Tiles::piece));
        from.end();
        boolean plain = width > 0 && width <= WIDEST && Integer.bitCount(width) == 1 && block.first <= block.last;
        boolean large = block.last - block.first >= Limits.DATA << 10;
        if (!plain || large) {
            throw new WireException("found a block of elements " + block.first + " to " + block.last + " of " + width
                    + " bytes");
        }
        try {
            for (Runs piece : block.pieces) {
                if (piece.first() < block.first || piece.last() > block.last) {
                    throw new WireException("found a piece that lies beyond its block");
                }
            }
            if (block.data() != data) {
                throw new WireException("found a block whose pieces are not as long as its elements");
            }
        } catch (ArithmeticException e) {
            throw new WireException("found a block whose sizes pass 2^63");
        }
        return block;
    }

    /** The fields of READ: the elements first … last of a block. */
    public static byte[] encodeRead(int number, long first, long last) {
        return new Encoder().i32(number).i64(first).i64(last).finished();
    }

    /** What READ asks for. */
    public record Read(int number, long first, long last) {
        public static Read decode(byte[] fields) throws WireException {
            Decoder from = new Decoder(fields);
            Read read = new Read(from.i32(), from.size(Long.MAX_VALUE >> 5), from.size(Long.MAX_VALUE >> 5));
            from.end();
            if (read.first > read.last) {
                throw new WireException("found a read of no element");
            }
            return read;
        }
    }
}
