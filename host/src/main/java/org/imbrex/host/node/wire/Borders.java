package org.imbrex.host.node.wire;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/** The messages by which nodes hand elements of their blocks to each other; docs/protocol.md, "Borders". */
public final class Borders {
    private static final long MOST = Long.MAX_VALUE >> 5;

    private Borders() {}

    /** The elements first … last of a block. */
    public record Range(int block, long first, long last) {
        /** Whether the other's elements are among these. */
        public boolean contains(Range other) {
            return block == other.block && first <= other.first && other.last <= last;
        }

        private static void encode(Encoder to, Range range) {
            to.i32(range.block).i64(range.first).i64(range.last);
        }

        private static Range read(Decoder from) throws WireException {
            Range range = new Range(from.i32(), from.size(MOST), from.size(MOST));
            if (range.first > range.last) {
                throw new WireException("found a range of no element");
            }
            return range;
        }
    }

    /** The fields of EXPECT: what others may write; nothing where they may no more. */
    public static byte[] encode(List<Range> expected) {
        return new Encoder().list(expected, Range::encode).finished();
    }

    public static List<Range> expected(byte[] fields) throws WireException {
        Decoder from = new Decoder(fields);
        List<Range> expected = from.list(Limits.EXPECTED, Range::read);
        from.end();
        return expected;
    }

    /**
     * PEER: a node that the client will ask to be given borders.
     *
     * @param number by which the client names it from now on
     * @param address as the client sees it, with the name that its certificate is good for
     */
    public record Peer(int number, InetSocketAddress address, Ticket ticket) {
        public byte[] encoded() {
            byte[] ip = address.getAddress().getAddress();
            Encoder to = new Encoder().u16(number).text(address.getHostString()).u8(ip.length).bytes(ip);
            return ticket.encode(to.u16(address.getPort())).finished();
        }

        public static Peer decode(byte[] fields) throws WireException {
            Decoder from = new Decoder(fields);
            int number = from.u16();
            String host = from.text();
            int length = from.u8();
            if (length != 4 && length != 16) {
                throw new WireException("found an address of " + length + " bytes, expected 4 or 16");
            }
            byte[] ip = from.bytes(length);
            int port = from.u16();
            Peer peer;
            try {
                peer = new Peer(
                        number, new InetSocketAddress(InetAddress.getByAddress(host, ip), port), Ticket.read(from));
            } catch (UnknownHostException e) {
                throw new WireException("found an address that is none");
            }
            from.end();
            return peer;
        }
    }

    /**
     * GIVE: elements of a block that the node is to hand to another.
     *
     * @param peer as {@link Peer} has named it
     * @param block here
     * @param there block and elements
     * @param after the tiles that compute them; they are given once those are done
     */
    public record Give(int peer, Ticket ticket, int block, Range there, List<Integer> after) {
        public Give {
            after = List.copyOf(after);
        }

        public byte[] encoded() {
            Encoder to = ticket.encode(new Encoder().u16(peer)).i32(block);
            Range.encode(to, there);
            return to.list(after, Encoder::i32).finished();
        }

        public static Give decode(byte[] fields) throws WireException {
            Decoder from = new Decoder(fields);
            Give give = new Give(
                    from.u16(),
                    Ticket.read(from),
                    from.i32(),
                    Range.read(from),
                    from.list(Limits.AFTER, Decoder::i32));
            from.end();
            return give;
        }
    }

    /** BORDER: elements that go to a block of another node. */
    public record Border(Ticket ticket, int width, Range range) {
        public long data() {
            return (range.last - range.first + 1) * width;
        }

        public byte[] encoded() {
            Encoder to = ticket.encode(new Encoder()).u8(width);
            Range.encode(to, range);
            return to.finished();
        }

        /** @throws WireException where the elements are not as many as it says, or too many */
        public static Border decode(byte[] fields, long data) throws WireException {
            Decoder from = new Decoder(fields);
            Border border = new Border(Ticket.read(from), from.u8(), Range.read(from));
            from.end();
            boolean plain = border.width > 0 && border.width <= 8 && Integer.bitCount(border.width) == 1;
            long count = border.range.last - border.range.first + 1;
            if (!plain || count > Limits.BORDER / border.width || data != count * border.width) {
                throw new WireException("found a border of " + count + " elements of " + border.width
                        + " bytes, with " + data + " bytes of elements");
            }
            return border;
        }
    }
}
