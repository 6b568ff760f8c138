package org.imbrex.kernels.loop;

/** A compiled loop. What a frame holds, {@link MapLoop} and {@link LaneLoop} say. For any thread. */
@FunctionalInterface
interface Loop {
    /** Runs the iterations [from, to). */
    void run(long[] frame, int from, int to);
}
