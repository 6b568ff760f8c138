package org.imbrex.kernels.stage;

import java.util.List;
import org.imbrex.kernels.scalar.Body;

/**
 * For each index of the domain: combines the body's results over the reduced axes along {@link CanonicalTree}, one
 * accumulator for each result, then runs the epilogue on the accumulators and writes its results.
 *
 * <p>A tile that covers all leaves ends with the epilogue and writes through the stores. A tile that covers some
 * leaves (from a multiple of 2^l, at most 2^l of them: one node of the tree) writes its accumulators densely, in
 * row-major order of its box, one array each, in the accumulator's scalar type; the runtime combines those and runs
 * the epilogue.
 *
 * @param extents all axes, the reduced ones among them; none of the reduced is 0
 * @param from the first reduced axis
 * @param to one past the last reduced axis; the reduced axes are adjacent, and flattened in row-major order
 * @param loads strides over all of {@code extents}
 * @param body one result per accumulator; INDEX counts axes of {@code extents}
 * @param combines one per accumulator
 * @param epilogue LOAD slot k is accumulator k; it has no INDEX
 * @param stores one per result of the epilogue, strides over {@link #domain()}
 */
public record ReduceStage(
        long[] extents,
        int from,
        int to,
        List<View> loads,
        Body body,
        List<Combine> combines,
        Body epilogue,
        List<View> stores)
        implements Stage {

    public ReduceStage {
        loads = List.copyOf(loads);
        combines = List.copyOf(combines);
        stores = List.copyOf(stores);
    }

    /** The same of another body with as many results. */
    public ReduceStage withBody(Body other) {
        return new ReduceStage(extents, from, to, loads, other, combines, epilogue, stores);
    }

    /** The extents of the axes that are kept. */
    @Override
    public long[] domain() {
        long[] kept = new long[extents.length - (to - from)];
        System.arraycopy(extents, 0, kept, 0, from);
        System.arraycopy(extents, to, kept, from, extents.length - to);
        return kept;
    }

    /** The number of elements that each result combines. */
    public long reduced() {
        long n = 1;
        for (int axis = from; axis < to; axis++) {
            n *= extents[axis];
        }
        return n;
    }

    /** How many elements lie behind a load, about: each index along the axes that it moves along. */
    public double elements(View load) {
        double elements = 1;
        for (int axis = 0; axis < extents.length; axis++) {
            elements *= load.strides()[axis] == 0 ? 1 : extents[axis];
        }
        return elements;
    }

    @Override
    public long leaves() {
        return CanonicalTree.leaves(reduced());
    }
}
