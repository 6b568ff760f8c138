package org.imbrex.host.node.wire;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.tile.Footprint;

/** Which elements of a tile travel: what it reads to the node, what it writes back. */
public final class Traffic {
    /** Bytes that nobody reads but that travel, rather than cut a run in two. */
    private static final int SLACK_BYTES = 64;

    private Traffic() {}

    /**
     * What a tile reads, each load in one part.
     *
     * @param spans where each load's elements lie here: loads of one span may share a part
     */
    public static List<Part> parts(Stage stage, Tile tile, List<Span> spans) {
        List<Part> parts = new ArrayList<>();
        for (int load = 0; load < stage.loads().size(); load++) {
            Span span = spans.get(load);
            List<Runs> pieces = pieces(stage, load, tile, span);
            if (pieces.isEmpty()) {
                continue;
            }
            Part mine = part(List.of(load), pieces);
            int buffer = stage.loads().get(load).buffer();
            for (int other = 0; other < parts.size(); other++) {
                Part part = parts.get(other);
                int with = part.loads().getFirst();
                if (stage.loads().get(with).buffer() == buffer && spans.get(with).equals(span)) {
                    Part both = joined(part, mine, span, width(stage, mine));
                    if (both.elements() <= part.elements() + mine.elements() && both.pieces().size() <= Limits.PIECES) {
                        mine = both;
                        parts.remove(other);
                        other = -1;
                    }
                }
            }
            parts.add(mine);
        }
        return parts;
    }

    private static Part joined(Part a, Part b, Span span, int width) {
        List<Integer> loads = new ArrayList<>(a.loads());
        loads.addAll(b.loads());
        List<Runs> pieces = new ArrayList<>(a.pieces());
        for (Runs piece : b.pieces()) {
            add(pieces, piece, span, width);
        }
        return part(loads, pieces);
    }

    /** Adds a piece, or makes one of it and others that lie close, as far as the span holds what lies between. */
    private static void add(List<Runs> pieces, Runs piece, Span span, int width) {
        Runs mine = piece;
        for (int other = 0; other < pieces.size(); other++) {
            var both = pieces.get(other).with(mine);
            if (both.isPresent() && holds(span, both.get(), width)) {
                pieces.remove(other);
                mine = both.get();
                other = -1;
            }
        }
        pieces.add(mine);
    }

    private static boolean holds(Span span, Runs runs, int width) {
        return runs.first() >= span.first() && (runs.last() - span.first() + 1) * width <= span.memory().byteSize();
    }

    private static Part part(List<Integer> loads, List<Runs> pieces) {
        long first = pieces.stream().mapToLong(Runs::first).min().orElse(0);
        long last = pieces.stream().mapToLong(Runs::last).max().orElse(-1);
        return new Part(loads, first, last, pieces);
    }

    /** What one load reads: a box, cut where neighbours lie beyond an edge. */
    private static List<Runs> pieces(Stage stage, int load, Tile tile, Span span) {
        View view = stage.loads().get(load);
        long[][] box = Footprint.box(stage, load, tile);
        List<long[][]> boxes = new ArrayList<>();
        boxes.add(new long[][] {box[0].clone(), box[1].clone()});
        for (int axis = 0; axis < view.strides().length; axis++) {
            List<long[]> intervals = intervals(view, axis, box[0][axis], box[1][axis]);
            List<long[][]> more = new ArrayList<>();
            for (long[][] one : boxes) {
                for (long[] interval : intervals) {
                    long[][] cut = {one[0].clone(), one[1].clone()};
                    cut[0][axis] = interval[0];
                    cut[1][axis] = interval[1];
                    more.add(cut);
                }
            }
            boxes = more;
        }
        List<Runs> pieces = new ArrayList<>();
        long slack = SLACK_BYTES / view.dtype().bytes();
        for (long[][] one : boxes) {
            Runs piece = Runs.of(view.offset(), view.strides(), one[0], one[1], slack);
            add(pieces, piece, span, view.dtype().bytes());
        }
        return pieces;
    }

    /** The indices, both ends inclusive, that [lo, hi) of an axis becomes: up to three intervals. */
    private static List<long[]> intervals(View view, int axis, long lo, long hi) {
        if (lo >= hi) {
            return List.of();
        }
        for (Shift shift : view.shifts()) {
            if (shift.axis() == axis) {
                long a = lo + shift.by();
                long b = hi - 1 + shift.by();
                List<long[]> found = new ArrayList<>();
                mapped(found, view.mode(), shift.extent(), a, Math.min(b, -1));
                mapped(found, view.mode(), shift.extent(), Math.max(a, 0), Math.min(b, shift.extent() - 1));
                mapped(found, view.mode(), shift.extent(), Math.max(a, shift.extent()), b);
                return found;
            }
        }
        return List.of(new long[] {lo, hi - 1});
    }

    private static void mapped(List<long[]> into, EdgeMode mode, long extent, long a, long b) {
        if (a > b) {
            return;
        }
        View along = new View(0, DType.I8, 0, new long[] {1}, List.of(new Shift(0, 0, extent)), mode, 0);
        long[] range = along.range(new long[] {a}, new long[] {b + 1});
        if (range[0] <= range[1]) {
            into.add(range);
        }
    }

    /** Bytes of a tile's parts on the wire. */
    public static long bytesIn(Stage stage, List<Part> parts) {
        long bytes = 0;
        for (Part part : parts) {
            int width = width(stage, part);
            for (Runs piece : part.pieces()) {
                bytes = Math.addExact(bytes, Math.multiplyExact(piece.elements(), width));
            }
        }
        return bytes;
    }

    public static int width(Stage stage, Part part) {
        return stage.loads().get(part.loads().getFirst()).dtype().bytes();
    }

    /** Whether a tile hands over accumulators. */
    public static boolean isPartial(Stage stage, Tile tile) {
        return stage instanceof ReduceStage && tile.isPartial(stage);
    }

    /** Bytes that a tile sends back. */
    public static long bytesOut(Stage stage, Tile tile) {
        return bytesOut(stage, tile, List.of());
    }

    /** Bytes that a tile sends back, where some results are written to blocks. */
    public static long bytesOut(Stage stage, Tile tile, List<Integer> into) {
        long bytes = 0;
        for (int k = 0; k < stage.stores().size(); k++) {
            if (!isPartial(stage, tile) && travels(into, k)) {
                bytes = Math.addExact(
                        bytes,
                        Math.multiplyExact(tile.elements(), stage.stores().get(k).dtype().bytes()));
            }
        }
        if (isPartial(stage, tile)) {
            ReduceStage reduce = (ReduceStage) stage;
            for (int k = 0; k < reduce.combines().size(); k++) {
                bytes = Math.addExact(
                        bytes, Math.multiplyExact(tile.elements(), accumulator(reduce, k).bytes()));
            }
        }
        return bytes;
    }

    private static boolean travels(List<Integer> into, int store) {
        return into.isEmpty() || into.get(store) == Part.NONE;
    }

    /**
     * Whether other tiles read the same elements as a part: those beside it along an axis that its loads do not follow,
     * as the rows of a product's right operand.
     */
    public static boolean isShared(Stage stage, Tile tile, Part part) {
        long[] domain = stage.domain();
        for (int axis = 0; axis < domain.length; axis++) {
            if (tile.lo()[axis] == 0 && tile.hi()[axis] == domain[axis]) {
                continue;
            }
            long[] lo = tile.lo().clone();
            long[] hi = tile.hi().clone();
            lo[axis] = 0;
            hi[axis] = domain[axis];
            Tile wide = new Tile(tile.stage(), lo, hi, tile.leafFrom(), tile.leafTo());
            long first = Long.MAX_VALUE;
            long last = -1;
            for (int load : part.loads()) {
                long[] range = Footprint.loadRange(stage, load, wide);
                first = range[0] <= range[1] ? Math.min(first, range[0]) : first;
                last = Math.max(last, range[1]);
            }
            if (first == part.first() && last == part.last()) {
                return true;
            }
        }
        return false;
    }

    /**
     * What a node should hold for a part that tiles share. A part with holes, as some columns of a table, takes nearly
     * as much memory as all that the stage reads: then it is that, which serves tiles of other columns as well.
     */
    public static Part widened(Stage stage, Tile tile, Part part, Span span) {
        if (part.isFull()) {
            return part;
        }
        long first = part.first();
        long last = part.last();
        for (int load : part.loads()) {
            long[] range = Footprint.loadRange(stage, load, Footprint.whole(tile.stage(), stage));
            first = Math.min(first, range[0]);
            last = Math.max(last, range[1]);
        }
        long elements = last - first + 1;
        Runs all = new Runs(first, elements, new long[0], new long[0]);
        int width = width(stage, part);
        boolean pays = elements <= 2 * part.elements() && elements <= Limits.DATA / width && holds(span, all, width);
        return pays ? new Part(part.loads(), first, last, List.of(all)) : part;
    }

    public static ScalarType accumulator(ReduceStage stage, int number) {
        return stage.body().resultType(number);
    }

    /** Sends what parts say, from one span a load. */
    public static void sendParts(Wire wire, Stage stage, List<Part> parts, List<Span> loads) throws IOException {
        for (Part part : parts) {
            for (Runs piece : part.pieces()) {
                piece.send(wire, loads.get(part.loads().getFirst()), width(stage, part));
            }
        }
    }

    public static void receivePart(Wire wire, Stage stage, Part part, Span into) throws IOException {
        for (Runs piece : part.pieces()) {
            piece.receive(wire, into, width(stage, part));
        }
    }

    /** Sends what a tile wrote, from one span a store. */
    public static void sendResults(Wire wire, Stage stage, Tile tile, List<Integer> into, List<Span> stores)
            throws IOException {
        if (isPartial(stage, tile)) {
            ReduceStage reduce = (ReduceStage) stage;
            for (int k = 0; k < reduce.combines().size(); k++) {
                wire.put(stores.get(k).memory().asSlice(0, tile.elements() * accumulator(reduce, k).bytes()));
            }
            return;
        }
        for (int k = 0; k < stage.stores().size(); k++) {
            if (!travels(into, k)) {
                continue;
            }
            View view = stage.stores().get(k);
            written(view, tile).send(wire, stores.get(k), view.dtype().bytes());
        }
    }

    public static void receiveResults(Wire wire, Stage stage, Tile tile, List<Span> stores) throws IOException {
        if (isPartial(stage, tile)) {
            ReduceStage reduce = (ReduceStage) stage;
            for (int k = 0; k < reduce.combines().size(); k++) {
                wire.take(stores.get(k).memory().asSlice(0, tile.elements() * accumulator(reduce, k).bytes()));
            }
            return;
        }
        for (int k = 0; k < stage.stores().size(); k++) {
            View view = stage.stores().get(k);
            written(view, tile).receive(wire, stores.get(k), view.dtype().bytes());
        }
    }

    /** The elements that a tile writes through a store, and no other: what lies between is another tile's. */
    private static Runs written(View view, Tile tile) {
        long[] to = tile.hi().clone();
        for (int axis = 0; axis < to.length; axis++) {
            to[axis]--;
        }
        return Runs.of(view.offset(), view.strides(), tile.lo(), to, 0);
    }
}
