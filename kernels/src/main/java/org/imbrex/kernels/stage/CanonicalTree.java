package org.imbrex.kernels.stage;

/**
 * The one order in which every reduction combines its elements, whatever the tile, thread, device or node.
 *
 * <p>The reduced axes are flattened in row-major order to indices 0 … n-1. Indices are cut into <em>leaves</em> of
 * {@link #LEAF}. Inside a leaf, index r belongs to <em>lane</em> r mod {@link #LANES}; each lane starts at the
 * combination's identity and takes its elements in order, {@code lane = combine(lane, element)}. Then the lanes fold
 * by halves: lane i = combine(lane i, lane i + 4) for i in 0 … 3, then i + 2, then i + 1; lane 0 is the leaf's value.
 * The leaves are level 0 of a tree: node k of level l + 1 is combine(node 2k, node 2k + 1) of level l, and a last node
 * without a sibling moves up as it is. The root is the result.
 *
 * <p>A run of 2^l leaves that starts at a multiple of 2^l is one node of level l, so tiles that are cut so hand over
 * one value per output and merge in any order of arrival.
 *
 * <p>Leaf and lanes are NumPy's pairwise block and unrolling, so a sum is as accurate as NumPy's pairwise summation.
 */
public final class CanonicalTree {
    /** Elements in a leaf. */
    public static final int LEAF = 128;
    /** Virtual lanes inside a leaf. */
    public static final int LANES = 8;

    private CanonicalTree() {}

    /** The number of leaves over {@code n} elements. */
    public static long leaves(long n) {
        return Math.ceilDiv(n, LEAF);
    }
}
