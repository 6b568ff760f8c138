package org.imbrex.runtime.merge;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Tile;

/**
 * The partial results of one reduction, by box and node of the canonical tree. A node climbs as soon as its sibling
 * is there, in the thread that brings it; what waits is at most one node a level and a box, if tiles come in order.
 */
public final class MergeTree {
    private final ReduceStage stage;
    private final long leaves;
    private final Map<Node, Partial> waiting = new HashMap<>();

    /** A node of the tree over one box; the box is named by the tile's lower corner. */
    private record Node(Corner box, int level, long index) {}

    private record Corner(List<Long> lo) {
        static Corner of(Tile tile) {
            return new Corner(Arrays.stream(tile.lo()).boxed().toList());
        }
    }

    public MergeTree(ReduceStage stage) {
        this.stage = stage;
        this.leaves = stage.leaves();
    }

    /**
     * Takes a tile's accumulators, and their memory.
     *
     * @return the root's accumulators where this tile was the last of its box; the caller releases them
     */
    public Optional<Partial> offer(Tile tile, Partial partial) {
        Corner box = Corner.of(tile);
        int level = level(tile);
        long index = tile.leafFrom() >> level;
        Partial mine = partial;
        while (nodes(level) > 1) {
            boolean alone = (index & 1) == 0 && index + 1 >= nodes(level);
            if (!alone) {
                Partial other;
                synchronized (waiting) {
                    other = waiting.remove(new Node(box, level, index ^ 1));
                    if (other == null) {
                        waiting.put(new Node(box, level, index), mine);
                        return Optional.empty();
                    }
                }
                boolean left = (index & 1) == 0;
                mine = combine(stage, left ? mine : other, left ? other : mine, tile.elements());
            }
            level++;
            index >>= 1;
        }
        return Optional.of(mine);
    }

    /** Gives back what still waits: a run that failed or was cancelled. */
    public void release() {
        synchronized (waiting) {
            waiting.values().forEach(partial -> partial.release().run());
            waiting.clear();
        }
    }

    /** Combines the right sibling into the left one and releases the right. */
    public static Partial combine(ReduceStage stage, Partial left, Partial right, long elements) {
        for (int k = 0; k < stage.combines().size(); k++) {
            ScalarType type = stage.body().resultType(k);
            Combiner.combine(
                    stage.combines().get(k),
                    type,
                    left.accumulators().get(k),
                    right.accumulators().get(k),
                    elements);
        }
        right.release().run();
        return left;
    }

    private long nodes(int level) {
        return Math.ceilDiv(leaves, 1L << level);
    }

    /** The level at which the tile's leaves are one node; the last node of a level may be short. */
    private static int level(Tile tile) {
        long run = tile.leafTo() - tile.leafFrom();
        return run == 1 ? 0 : 64 - Long.numberOfLeadingZeros(run - 1);
    }
}
