package org.imbrex.host.node.wire;

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
        messages.add(new Message(FrameType.CANCEL, 1, new byte[0], 0));
        messages.add(new Message(FrameType.STATUS, 9, new byte[0], 0));
        return messages;
    }
}
