package org.imbrex.runtime.schedule;

import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.tile.Tiling;

/**
 * A stage's tiles, taken in order of their numbers. A device that wants larger tiles takes several that lie together
 * as one; towards the end it takes fewer, so that nobody waits for it.
 */
final class TileQueue {
    /** The share of what is left that one claim may take. */
    private static final int SHARE = 4;

    private final Tiling tiling;
    private final long count;
    private final long runs;
    private final long along;
    private final AtomicLong next = new AtomicLong();

    /** Tiles [first, first + count), worked on as one; none where count is 0. */
    record Claim(long first, long count) {
        static final Claim NONE = new Claim(0, 0);
    }

    TileQueue(Tiling tiling) {
        this.tiling = tiling;
        this.count = tiling.count();
        this.runs = tiling.runs();
        long last = 1;
        for (int axis = 0; axis < tiling.domain().length; axis++) {
            long tiles = Math.ceilDiv(tiling.domain()[axis], tiling.box()[axis]);
            last = tiles > 1 ? tiles : last;
        }
        this.along = last;
    }

    /** @param grain the most tiles to take */
    Claim take(long grain) {
        if (grain <= 1) {
            long first = next.getAndIncrement();
            return first < count ? new Claim(first, 1) : Claim.NONE;
        }
        while (true) {
            long first = next.get();
            if (first >= count) {
                return Claim.NONE;
            }
            long many = together(first, Math.clamp((count - first) / SHARE, 1, grain));
            if (next.compareAndSet(first, first + many)) {
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
