package org.imbrex.bench.measure;

/** Someone who can do a work. */
public interface Trial {

    /**
     * Does the work so many times.
     *
     * @return the seconds that all of them took, without what goes before and after
     */
    double seconds(int times);

    /** Waits until what a first run has set going, compilers among it, is done. */
    default void settle() {}

    /** Whether a first run says how long the next ones take: not where it builds kernels, which may take far longer. */
    default boolean firstTells() {
        return true;
    }

    /** The sum of the last result's elements, by which tests see that the work was done; NaN where it has none. */
    default double check() {
        return Double.NaN;
    }
}
