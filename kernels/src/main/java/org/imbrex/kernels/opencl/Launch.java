package org.imbrex.kernels.opencl;

import java.util.List;

/**
 * One run of a kernel: its arguments are the memory in order, then the numbers in order, each a 64-bit integer.
 *
 * @param kernel the kernel's name in the source
 * @param items the global size, three dimensions
 * @param group the local size
 * @param relative for each number the memory argument whose element 0 it counts from, so that where the buffer starts
 *     elsewhere the difference is added; -1 for a plain number
 */
public record Launch(String kernel, long[] items, long[] group, List<Memory> memory, long[] numbers, int[] relative) {

    /** What a pointer argument points to. */
    public sealed interface Memory {
        /** The buffer that a load reads. */
        record Load(int load) implements Memory {}

        /** The buffer that a store writes. */
        record Store(int store) implements Memory {}

        /** A partial tile's dense array of accumulator k. */
        record Accumulator(int k) implements Memory {}

        /** Memory on the device between launches of one tile. */
        record Scratch(int number) implements Memory {}
    }

    /**
     * All that a tile runs, one after the other.
     *
     * @param scratchBytes the size of each scratch
     */
    public record Sequence(List<Long> scratchBytes, List<Launch> launches) {
        public Sequence {
            scratchBytes = List.copyOf(scratchBytes);
            launches = List.copyOf(launches);
        }
    }
}
