package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.tile.Footprint;
import org.imbrex.runtime.tile.Tiling;

/** Which parts of buffers a stage's tiles bring to memory, and what they take from the pool for it. */
final class TileMemory {
    private final Stage stage;
    private final boolean[] inParts;
    private final boolean verify;

    /** A run of one buffer's elements, both ends inclusive, and the loads that read it. */
    record Part(int buffer, int width, long first, long last, List<Integer> loads) {
        long count() {
            return last - first + 1;
        }

        /** What memory for it takes from the pool. */
        long bytes() {
            return BufferPool.sizeOf(count() * width);
        }

        /**
         * Whether one run over both takes no more memory than each on its own. So halves of a tile, whose rows no
         * longer touch, take no more than the whole.
         */
        private boolean joins(Part other) {
            return buffer == other.buffer && with(other).bytes() <= bytes() + other.bytes();
        }

        private Part with(Part other) {
            List<Integer> both = new ArrayList<>(loads);
            both.addAll(other.loads);
            return new Part(buffer, width, Math.min(first, other.first), Math.max(last, other.last), both);
        }
    }

    /**
     * @param inParts which of the program's buffers are read or written in parts
     * @param verify whether tiles may be computed twice
     */
    TileMemory(Stage stage, boolean[] inParts, boolean verify) {
        this.stage = stage;
        this.inParts = inParts;
        this.verify = verify;
    }

    /**
     * What a tile reads, whether in parts or in place. Most often one part of each buffer; a tile at an edge that wraps
     * around reads from both ends.
     */
    List<Part> parts(Tile tile) {
        List<Part> parts = new ArrayList<>(stage.loads().size());
        for (int load = 0; load < stage.loads().size(); load++) {
            long[] range = Footprint.loadRange(stage, load, tile);
            if (range[0] > range[1]) {
                continue;
            }
            View view = stage.loads().get(load);
            Part mine = new Part(view.buffer(), view.dtype().bytes(), range[0], range[1], List.of(load));
            for (int other = 0; other < parts.size(); other++) {
                if (mine.joins(parts.get(other))) {
                    mine = mine.with(parts.remove(other));
                    other = -1; // it has grown: others may join it now
                }
            }
            parts.add(mine);
        }
        return parts;
    }

    /** The most that a tile in flight takes from the pool. */
    long bytes(Tile tile) {
        long bytes = 0;
        for (Part part : parts(tile)) {
            if (inParts[part.buffer()]) {
                bytes += part.bytes();
            }
        }
        for (int store = 0; store < stage.stores().size(); store++) {
            View view = stage.stores().get(store);
            long[] range = Footprint.storeRange(stage, store, tile);
            long size = BufferPool.sizeOf(Math.max(1, range[1] - range[0] + 1) * view.dtype().bytes());
            bytes += (inParts[view.buffer()] ? size : 0) + (verify ? size : 0);
        }
        if (stage instanceof LineStage lines) {
            bytes += BufferPool.sizeOf(lines.workBytes());
        }
        if (stage instanceof ReduceStage reduce && tile.isPartial(stage)) {
            // its own, and for each level one that may wait for its sibling: all levels, as a device that lacks
            // memory may have its tiles cut down to single leaves
            long levels = 64 - Long.numberOfLeadingZeros(stage.leaves());
            for (int k = 0; k < reduce.combines().size(); k++) {
                long size = BufferPool.sizeOf(tile.elements() * reduce.body().resultType(k).bytes());
                bytes += size * (1 + levels + (verify ? 1 : 0));
            }
        }
        return bytes;
    }

    /** The most that tiles of a tiling take. */
    long most(Tiling tiling) {
        return samples(tiling).stream().mapToLong(this::bytes).max().orElse(0);
    }

    /** Whether all tiles of a tiling fit, those at the ends cut in halves where they wrap around. */
    boolean fits(Tiling tiling, long allowed) {
        return samples(tiling).stream().allMatch(tile -> fits(tile, allowed));
    }

    /**
     * Tiles at both ends and in the middle of each axis, with each other. Most often no other one takes more; a hand
     * cuts those that do.
     */
    private static List<Tile> samples(Tiling tiling) {
        if (tiling.count() == 0) {
            return List.of();
        }
        Set<Long> numbers = new LinkedHashSet<>(Set.of(0L));
        for (int axis = 0; axis < tiling.domain().length; axis++) {
            long along = Math.ceilDiv(tiling.domain()[axis], tiling.box()[axis]);
            Set<Long> more = new LinkedHashSet<>();
            for (long number : numbers) {
                for (long at : new long[] {0, Math.min(1, along - 1), along / 2, Math.max(0, along - 2), along - 1}) {
                    more.add(number * along + at);
                }
            }
            numbers = more;
        }
        long runs = tiling.runs();
        return numbers.stream()
                .flatMapToLong(box -> LongStream.of(0, (runs - 1) / 2, runs - 1).distinct().map(run -> box * runs + run))
                .mapToObj(tiling::tile)
                .toList();
    }

    /** Whether a tile fits, cut in halves as often as it takes. */
    private boolean fits(Tile tile, long allowed) {
        if (bytes(tile) <= allowed) {
            return true;
        }
        List<Tile> halves = Halves.of(stage, tile);
        return !halves.isEmpty() && halves.stream().allMatch(half -> fits(half, allowed));
    }
}
