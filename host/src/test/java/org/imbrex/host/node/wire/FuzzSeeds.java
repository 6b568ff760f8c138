package org.imbrex.host.node.wire;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;

/** Valid messages, for a fuzzer to begin with. */
public final class FuzzSeeds {
    private FuzzSeeds() {}

    /** @param data bytes of elements */
    public record Message(FrameType type, int request, byte[] fields, long data) {}

    /** A program of any kind of stage. */
    public static Program program(Random random) {
        return Samples.any(random);
    }

    public static List<Message> conversation(Random random) {
        List<Message> messages = new ArrayList<>();
        Program program = Samples.any(random);
        messages.add(new Message(FrameType.PROGRAM, 0, Programs.encode(program), 0));
        int request = 1;
        for (Tile tile : Samples.tiles(program, random, 3)) {
            Stage stage = program.stages().get(tile.stage());
            List<Part> parts = Traffic.parts(stage, tile, Samples.spans(stage, tile, random));
            messages.add(new Message(
                    FrameType.TILE, request++, Tiles.encode(0, tile, parts), Traffic.bytesIn(stage, parts)));
        }
        borders(random, messages);
        messages.add(new Message(FrameType.CANCEL, 1, new byte[0], 0));
        messages.add(new Message(FrameType.STATUS, 9, new byte[0], 0));
        return messages;
    }

    /** A block that others may write, some of it given to them and some that they bring. */
    private static void borders(Random random, List<Message> messages) {
        long first = random.nextInt(100);
        long last = first + random.nextInt(1000);
        messages.add(new Message(FrameType.BLOCK, 3, new Block(8, first, last, List.of()).encoded(), 0));
        Borders.Range range = new Borders.Range(3, first, last);
        Ticket ticket = new Ticket(new byte[32]);
        messages.add(new Message(FrameType.EXPECT, 5, Borders.encode(List.of(range)), 0));
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 7070);
        messages.add(new Message(FrameType.PEER, 6, new Borders.Peer(0, address, ticket).encoded(), 0));
        messages.add(new Message(
                FrameType.GIVE, 7, new Borders.Give(0, ticket, 3, range, List.of(1, 2)).encoded(), 0));
        messages.add(new Message(FrameType.TICKET, 1, ticket.encoded(), 0));
        long from = first + random.nextLong(last - first + 1);
        Borders.Border border = new Borders.Border(ticket, 8, new Borders.Range(3, from, last));
        messages.add(new Message(FrameType.BORDER, 2, border.encoded(), border.data()));
        if (random.nextBoolean()) {
            messages.add(new Message(FrameType.EXPECT, 5, Borders.encode(List.of()), 0));
        }
    }
}
