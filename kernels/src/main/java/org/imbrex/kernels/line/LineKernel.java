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

    /**
     * Makes many lines' results where those lie side by side, element by element; false where it has no way to.
     *
     * @param lines how many
     * @param step from one element of a line to the next, in bytes, and {@code stepTo} of a result
     * @param carry the address of the first line's, or {@link #NONE}, and {@code carryStep} to the next
     */
    default boolean columns(
            long from, long step, long to, long stepTo, long carry, long carryStep, int lines) {
        return false;
    }

    /** In place of an address. */
    long NONE = 0;
}
