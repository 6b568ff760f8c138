package org.imbrex.kernels.loop;

/**
 * Rows that meet: lines a multiple of 4 KiB apart have their places in one set of a first-level cache, which takes as many of them as
 * it has ways, and rows of a power of two of bytes meet in one set of the second level as well. What walks more rows side by
 * side loads lines twice, and loses what was fetched ahead.
 */
public final class Meeting {
    /** Ways where nothing tells. */
    public static final int USUAL_WAYS = 8;
    /** Seen to be enough for sixteen rows that are read line by line: 12 ways, but not 8. */
    private static final int WAYS_OF_SIXTEEN = 12;

    private static final int DISTANCE = 4 << 10;

    private Meeting() {}

    /** Whether a cache of so many ways takes sixteen rows that meet. */
    public static boolean takesSixteen(int ways) {
        return ways >= WAYS_OF_SIXTEEN;
    }

    /** Whether rows so many bytes apart meet. */
    static boolean meet(long pitch) {
        return pitch % DISTANCE == 0;
    }
}
