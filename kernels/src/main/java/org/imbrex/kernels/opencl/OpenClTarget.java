package org.imbrex.kernels.opencl;

/**
 * What a kernel's text depends on of the device that will run it; bits never do.
 *
 * @param style how work is laid out
 * @param units compute units: how many work groups it takes to keep the device busy, about
 * @param groupItems the most work items in a group, a power of two
 * @param argumentBytes the most that a kernel's arguments may take
 * @param vectorBytes the width of the device's vectors, at least 8
 * @param localBytes the local memory that a work group may have
 * @param specialise whether steps of 0 and 1, equal strides and short reductions are written into the text; without
 *     it one text serves every layout, at some cost in speed
 */
public record OpenClTarget(
        Style style, int units, int groupItems, long argumentBytes, int vectorBytes, long localBytes, boolean specialise) {

    /** How work is laid out. */
    public enum Style {
        /** For processors: a work item runs loops over its share, which the driver's compiler turns into vectors. */
        LOOPS,
        /** For GPUs: neighbouring work items take neighbouring elements. */
        ITEMS
    }

    public boolean loops() {
        return style == Style.LOOPS;
    }
}
