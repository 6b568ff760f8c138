package org.imbrex.kernels.stage;

import java.util.Arrays;

/**
 * The unit of dispatch: a box of a stage's domain and a run of its leaves. Running it twice is harmless.
 *
 * @param lo the box's first index, per axis of the domain
 * @param hi one past its last
 * @param leafFrom the first leaf of the reduced axes
 * @param leafTo one past the last leaf
 */
public record Tile(int stage, long[] lo, long[] hi, long leafFrom, long leafTo) {

    /** The number of indices in the box. */
    public long elements() {
        long elements = 1;
        for (int axis = 0; axis < lo.length; axis++) {
            elements *= hi[axis] - lo[axis];
        }
        return elements;
    }

    /** Whether the tile sees only some of the stage's leaves and so hands over accumulators. */
    public boolean isPartial(Stage of) {
        return leafFrom > 0 || leafTo < of.leaves();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tile t
                && stage == t.stage
                && Arrays.equals(lo, t.lo)
                && Arrays.equals(hi, t.hi)
                && leafFrom == t.leafFrom
                && leafTo == t.leafTo;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(lo) * 31 + Long.hashCode(leafFrom) + stage;
    }

    /** The tile's name: stage, box, leaves. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("s").append(stage).append('[');
        for (int axis = 0; axis < lo.length; axis++) {
            text.append(axis == 0 ? "" : ", ").append(lo[axis]).append(':').append(hi[axis]);
        }
        return text.append("]/").append(leafFrom).append(':').append(leafTo).toString();
    }
}
