package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.tile.Footprint;
import org.imbrex.runtime.tile.Tiling;

/** Which parts of buffers a stage's tiles bring to memory, and what they take from the pool for it. */
final class TileMemory {
    /** Loads of one buffer that lie closer are read together. */
    private static final long GAP_BYTES = 64 << 10;

    private final Stage stage;
    private final boolean[] inParts;
    private final boolean verify;

    /** A run of one buffer's elements, both ends inclusive, and the loads that read it. */
    record Part(int buffer, long first, long last, List<Integer> loads) {
        long count() {
            return last - first + 1;
        }

        private boolean isNear(Part other, int width) {
            return buffer == other.buffer
                    && Math.max(first, other.first) - Math.min(last, other.last) <= GAP_BYTES / width;
        }

        private Part with(Part other) {
            List<Integer> both = new ArrayList<>(loads);
            both.addAll(other.loads);
            return new Part(buffer, Math.min(first, other.first), Math.max(last, other.last), both);
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
            Part mine = new Part(view.buffer(), range[0], range[1], List.of(load));
            for (int other = 0; other < parts.size(); other++) {
                if (mine.isNear(parts.get(other), view.dtype().bytes())) {
                    mine = mine.with(parts.remove(other));
                    other = -1; // it has grown: what was far may be near
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
                int width = stage.loads().get(part.loads().getFirst()).dtype().bytes();
                bytes += BufferPool.sizeOf(part.count() * width);
            }
        }
        for (int store = 0; store < stage.stores().size(); store++) {
            View view = stage.stores().get(store);
            long[] range = Footprint.storeRange(stage, store, tile);
            long size = BufferPool.sizeOf(Math.max(1, range[1] - range[0] + 1) * view.dtype().bytes());
            bytes += (inParts[view.buffer()] ? size : 0) + (verify ? size : 0);
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

    /** The most that tiles of a tiling take, among those in the middle and at the ends. */
    long most(Tiling tiling) {
        long count = tiling.count();
        long most = 0;
        if (count > 0) {
            for (long number : new long[] {0, count / 2, count - 1}) {
                most = Math.max(most, bytes(tiling.tile(number)));
            }
        }
        return most;
    }

    /** Whether a tile fits, cut in halves as often as it takes. */
    boolean fits(Tile tile, long allowed) {
        if (bytes(tile) <= allowed) {
            return true;
        }
        List<Tile> halves = Halves.of(stage, tile);
        return !halves.isEmpty() && halves.stream().allMatch(half -> fits(half, allowed));
    }
}
