package org.imbrex.host.node.wire;

import java.util.List;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.tile.Footprint;

/** A tile as a node is asked to run it, checked against the program that it belongs to. */
public final class Tiles {
    private Tiles() {}

    /**
     * A tile and what of its inputs is sent with it.
     *
     * @param program the number that the client has given the program on this connection
     * @param into the block that each store writes, {@link Part#NONE} for those that travel back; empty where all do
     * @param need bytes of memory that the tile takes on the node: what it reads and what it writes
     */
    public record Request(int program, Tile tile, List<Part> parts, List<Integer> into, long need) {}

    public static byte[] encode(int program, Tile tile, List<Part> parts) {
        return encode(program, tile, parts, List.of());
    }

    public static byte[] encode(int program, Tile tile, List<Part> parts, List<Integer> into) {
        return new Encoder()
                .u16(program)
                .u16(tile.stage())
                .longs(tile.lo())
                .longs(tile.hi())
                .i64(tile.leafFrom())
                .i64(tile.leafTo())
                .list(parts, Tiles::part)
                .list(into, Encoder::i32)
                .finished();
    }

    private static void part(Encoder to, Part part) {
        to.list(part.loads(), Encoder::u16).i64(part.first()).i64(part.last()).i32(part.block());
        pieces(to, part.pieces());
    }

    static void pieces(Encoder to, List<Runs> pieces) {
        to.list(pieces, (e, piece) -> e.i64(piece.first())
                .i64(piece.run())
                .longs(piece.strides())
                .longs(piece.counts()));
    }

    /** Finds the program of a number, or says that there is none. */
    @FunctionalInterface
    public interface Known {
        Program program(int number) throws WireException;
    }

    /** @throws WireException where anything that the tile reads or writes lies outside of what it brings or may write */
    public static Request decode(byte[] fields, Known known, long data) throws WireException {
        Decoder from = new Decoder(fields);
        int number = from.u16();
        Tile tile = new Tile(
                from.u16(), from.longs(Limits.RANK), from.longs(Limits.RANK), from.i64(), from.i64());
        List<Part> parts = from.list(Limits.VIEWS, Tiles::part);
        List<Integer> into = from.list(Limits.RESULTS, Decoder::i32);
        from.end();
        Program program = known.program(number);
        require(tile.stage() < program.stages().size(), "its stage does not exist");
        Stage stage = program.stages().get(tile.stage());
        try {
            inside(stage, tile);
            reads(stage, tile, parts);
            require(Traffic.bytesIn(stage, parts) == data, "its parts are not as long as its elements");
            boolean all = into.size() == stage.stores().size() && !Traffic.isPartial(stage, tile);
            require(into.isEmpty() || all, "its results' blocks are not one for each store");
            // where they put elements depends on these: they must not change meanwhile
            boolean apart = into.isEmpty() && parts.stream().noneMatch(Part::isHeld);
            require(apart || !(stage instanceof LineStage), "functions of whole lines take no blocks");
            return new Request(number, tile, parts, into, need(stage, tile, parts, into));
        } catch (ArithmeticException e) {
            throw new WireException("found a tile whose sizes pass 2^63");
        }
    }

    private static Part part(Decoder from) throws WireException {
        List<Integer> loads = from.list(Limits.VIEWS, Decoder::u16);
        long first = from.size(Long.MAX_VALUE >> 5);
        long last = from.size(Long.MAX_VALUE >> 5);
        int block = from.i32();
        return new Part(loads, first, last, block, from.list(Limits.PIECES, Tiles::piece));
    }

    static Runs piece(Decoder from) throws WireException {
        Runs runs = new Runs(
                from.size(Long.MAX_VALUE >> 5),
                from.size(Long.MAX_VALUE >> 5),
                from.longs(Limits.RANK),
                from.longs(Limits.RANK));
        require(runs.run() > 0 && runs.strides().length == runs.counts().length, "a piece is empty");
        for (int k = 0; k < runs.counts().length; k++) {
            require(runs.strides()[k] > 0 && runs.counts()[k] > 0, "a piece is empty");
        }
        return runs;
    }

    private static void require(boolean holds, String what) throws WireException {
        if (!holds) {
            throw new WireException("found a tile, but " + what);
        }
    }

    private static void inside(Stage stage, Tile tile) throws WireException {
        long[] domain = stage.domain();
        require(tile.lo().length == domain.length && tile.hi().length == domain.length, "its box has other axes");
        double visits = tile.leafTo() - tile.leafFrom();
        for (int axis = 0; axis < domain.length; axis++) {
            boolean holds = tile.lo()[axis] >= 0 && tile.lo()[axis] < tile.hi()[axis] && tile.hi()[axis] <= domain[axis];
            require(holds, "its box is empty or leaves the stage");
            visits *= tile.hi()[axis] - tile.lo()[axis];
        }
        for (int axis = 0; axis < domain.length; axis++) {
            boolean whole = tile.lo()[axis] == 0 && tile.hi()[axis] == domain[axis];
            require(whole || stage.cuts(axis), "it cuts what must be whole");
        }
        long leaves = stage.leaves();
        boolean run = tile.leafFrom() >= 0 && tile.leafFrom() < tile.leafTo() && tile.leafTo() <= leaves;
        require(run, "its leaves are none of the stage's");
        if (Traffic.isPartial(stage, tile)) {
            long count = tile.leafTo() - tile.leafFrom();
            long node = Long.highestOneBit(2 * count - 1);
            boolean one = tile.leafFrom() % node == 0 && (count == node || tile.leafTo() == leaves);
            require(one, "its leaves are no node of the tree");
        }
        visits *= switch (stage) {
            case ReduceStage reduce -> 128;
            case MatMulStage product -> Math.max(1, product.inner());
            case IterateStage iterate -> (double) iterate.steps() * iterate.step().size();
            default -> 1;
        };
        require(visits <= Limits.VISITS, "it visits more than 2^40 elements");
    }

    private static void reads(Stage stage, Tile tile, List<Part> parts) throws WireException {
        boolean[] brought = new boolean[stage.loads().size()];
        for (Part part : parts) {
            require(!part.loads().isEmpty() && part.first() <= part.last(), "a part is empty");
            require(!part.isHeld() || part.pieces().isEmpty(), "a part is held and comes all the same");
            int buffer = -1;
            for (int load : part.loads()) {
                require(load < brought.length && !brought[load], "a part's load does not exist or comes twice");
                brought[load] = true;
                require(buffer < 0 || buffer == stage.loads().get(load).buffer(), "a part is of two buffers");
                buffer = stage.loads().get(load).buffer();
                long[] range = Footprint.loadRange(stage, load, tile);
                require(
                        range[0] > range[1] || (range[0] >= part.first() && range[1] <= part.last()),
                        "it reads beyond a part");
            }
            for (Runs piece : part.pieces()) {
                require(piece.first() >= part.first() && piece.last() <= part.last(), "a piece lies beyond its part");
            }
        }
        for (int load = 0; load < brought.length; load++) {
            long[] range = Footprint.loadRange(stage, load, tile);
            require(brought[load] || range[0] > range[1], "a load is missing");
        }
    }

    /** What a tile takes on the node that runs it: memory from a pool for each part and each result. */
    public static long need(Stage stage, Tile tile, List<Part> parts) {
        return need(stage, tile, parts, List.of());
    }

    /** The same, where some results are written to blocks. */
    public static long need(Stage stage, Tile tile, List<Part> parts, List<Integer> into) {
        long need = 0;
        for (Part part : parts) {
            need = part.isHeld() ? need : more(need, part.elements(), Traffic.width(stage, part));
        }
        if (Traffic.isPartial(stage, tile)) {
            ReduceStage reduce = (ReduceStage) stage;
            for (int k = 0; k < reduce.combines().size(); k++) {
                need = more(need, tile.elements(), Traffic.accumulator(reduce, k).bytes());
            }
            return need;
        }
        if (stage instanceof IterateStage iterate) {
            need = scratch(iterate, tile, need);
        }
        if (stage instanceof LineStage lines) {
            need = more(need, Math.max(1, lines.workBytes()), 1);
        }
        for (int store = 0; store < stage.stores().size(); store++) {
            if (!into.isEmpty() && into.get(store) != Part.NONE) {
                continue;
            }
            long[] range = Footprint.storeRange(stage, store, tile);
            need = more(need, range[1] - range[0] + 1, stage.stores().get(store).dtype().bytes());
        }
        return need;
    }

    /** What lies between the steps: every buffer that a step writes, twice, as far around the tile as it is read. */
    private static long scratch(IterateStage stage, Tile tile, long before) {
        long box = 1;
        for (int axis = 0; axis < tile.lo().length; axis++) {
            long around = Math.addExact(tile.hi()[axis] - tile.lo()[axis], Math.multiplyExact(2, stage.reach(axis)));
            box = Math.multiplyExact(box, Math.min(stage.domain()[axis], around));
        }
        long need = before;
        for (MapStage part : stage.step()) {
            for (View store : part.stores()) {
                need = more(need, Math.multiplyExact(2, box), store.dtype().bytes());
            }
        }
        return need;
    }

    private static long more(long need, long elements, int width) {
        long bytes = Math.multiplyExact(elements, width);
        // the pool rounds up by at most a quarter: no further than sizes that a node could have
        return Math.addExact(need, bytes > Limits.DATA << 10 ? bytes : BufferPool.sizeOf(bytes));
    }
}
