package org.imbrex.kernels.line;

/** Makes one line's result, both contiguous in memory. */
@FunctionalInterface
interface LineKernel {
    /**
     * @param from the line's address; it is not written to
     * @param to the result's address
     * @param carry the address of what running sums carry on from, or {@link #NONE}
     * @param work the address of as much memory as the line asks for
     * @param threads how many may work on it
     */
    void run(long from, long to, long carry, long work, int threads);

    /** In place of an address. */
    long NONE = 0;
}
