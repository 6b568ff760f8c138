package org.imbrex.runtime.schedule;

import java.util.concurrent.atomic.AtomicLongArray;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.tile.Tiling;

/**
 * A stage's tiles, in one part or several of about equal size, each taken in order of the tiles' numbers. A hand takes
 * from its own part, and when that is empty, from the one that has most left. A device that wants larger tiles takes
 * several that lie together as one; towards a part's end it takes fewer, so that nobody waits for it.
 */
final class TileQueue {
    /** The share of what is left that one claim may take. */
    private static final int SHARE = 4;
    /** A cache line's longs, and the next one's, which is fetched with it. */
    private static final int LINE = 16;

    private final Tiling tiling;
    private final long count;
    private final long runs;
    private final long along;
    private final int parts;
    /** Where each part goes on, each in a cache line of its own. */
    private final AtomicLongArray next;

    /** Tiles [first, first + count), worked on as one; none where count is 0. */
    record Claim(long first, long count) {
        static final Claim NONE = new Claim(0, 0);
    }

    /** @param parts at least 1; as many as hands, or one for all */
    TileQueue(Tiling tiling, int parts) {
        this.tiling = tiling;
        this.parts = parts;
        this.count = tiling.count();
        this.runs = tiling.runs();
        long last = 1;
        for (int axis = 0; axis < tiling.domain().length; axis++) {
            long tiles = Math.ceilDiv(tiling.domain()[axis], tiling.box()[axis]);
            last = tiles > 1 ? tiles : last;
        }
        this.along = last;
        this.next = new AtomicLongArray(parts * LINE);
        for (int part = 0; part < parts; part++) {
            next.set(part * LINE, start(part));
        }
    }

    /** The first tile of a part; of the part after the last, the count of all. */
    private long start(int part) {
        return count / parts * part + Math.min(part, count % parts);
    }

    /**
     * @param hand whose part comes first
     * @param grain the most tiles to take
     */
    Claim take(int hand, long grain) {
        int part = hand % parts;
        Claim claim = takeFrom(part, grain);
        while (claim.count() == 0 && parts > 1) {
            part = fullest();
            if (left(part) == 0) {
                return Claim.NONE;
            }
            claim = takeFrom(part, grain);
        }
        return claim;
    }

    private long left(int part) {
        return Math.max(0, start(part + 1) - next.get(part * LINE));
    }

    private int fullest() {
        int fullest = 0;
        for (int part = 1; part < parts; part++) {
            fullest = left(part) > left(fullest) ? part : fullest;
        }
        return fullest;
    }

    private Claim takeFrom(int part, long grain) {
        int slot = part * LINE;
        long end = start(part + 1);
        if (grain <= 1) {
            long first = next.getAndIncrement(slot);
            return first < end ? new Claim(first, 1) : Claim.NONE;
        }
        while (true) {
            long first = next.get(slot);
            if (first >= end) {
                return Claim.NONE;
            }
            long many = together(first, Math.clamp((end - first) / SHARE, 1, grain));
            if (next.compareAndSet(slot, first, first + many)) {
                return new Claim(first, many);
            }
        }
    }

    /** How many tiles from the first on make one tile: in one row of boxes, or one node of the canonical tree. */
    private long together(long first, long most) {
        if (runs == 1) {
            return Math.min(most, along - first % along);
        }
        long run = first % runs;
        long aligned = run == 0 ? Long.highestOneBit(most) : Math.min(Long.lowestOneBit(run), Long.highestOneBit(most));
        return Math.min(aligned, runs - run);
    }

    Tile tile(Claim claim) {
        Tile first = tiling.tile(claim.first());
        if (claim.count() == 1) {
            return first;
        }
        Tile last = tiling.tile(claim.first() + claim.count() - 1);
        return new Tile(first.stage(), first.lo(), last.hi(), first.leafFrom(), last.leafTo());
    }

    long boxOf(Claim claim) {
        return tiling.boxOf(claim.first());
    }
}
