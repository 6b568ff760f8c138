package org.imbrex.runtime.tile;

import org.imbrex.kernels.stage.Tile;

/**
 * A regular cut of a stage: boxes of one size over the domain and runs of one length over the leaves; the last of each
 * may be smaller. Tiles are numbered box by box in row-major order, the runs of a box one after another.
 *
 * @param box the extents of a tile's box, at most the domain's
 * @param run leaves in a tile: all of them, or a power of two
 */
public record Tiling(int stage, long[] domain, long[] box, long leaves, long run) {

    /** How many tiles there are; 0 for an empty domain. */
    public long count() {
        return Math.multiplyExact(boxes(), runs());
    }

    public long boxes() {
        long boxes = 1;
        for (int axis = 0; axis < domain.length; axis++) {
            boxes = Math.multiplyExact(boxes, domain[axis] == 0 ? 0 : Math.ceilDiv(domain[axis], box[axis]));
        }
        return boxes;
    }

    public long runs() {
        return Math.ceilDiv(leaves, run);
    }

    /** Whether tiles hand over partial results. */
    public boolean splitsLeaves() {
        return run < leaves;
    }

    /** The box that a tile belongs to. */
    public long boxOf(long number) {
        return number / runs();
    }

    public Tile tile(long number) {
        long runs = runs();
        long leafFrom = number % runs * run;
        long rest = number / runs;
        long[] lo = new long[domain.length];
        long[] hi = new long[domain.length];
        for (int axis = domain.length - 1; axis >= 0; axis--) {
            long along = Math.ceilDiv(domain[axis], box[axis]);
            lo[axis] = rest % along * box[axis];
            hi[axis] = Math.min(domain[axis], lo[axis] + box[axis]);
            rest /= along;
        }
        return new Tile(stage, lo, hi, leafFrom, Math.min(leaves, leafFrom + run));
    }
}
