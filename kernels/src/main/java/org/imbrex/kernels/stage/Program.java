package org.imbrex.kernels.stage;

import java.util.List;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;

/**
 * What to compute, as plain data: buffers, and the stages that fill them, in an order in which they can run.
 *
 * @param id the expression's hash with the inputs' dtypes, shapes and strides: equal programs have equal ids
 * @param buffers the inputs first, by their order in {@code inputs}
 * @param inputs the inputs' names
 * @param results the numbers of the buffers that are results
 */
public record Program(String id, List<Buffer> buffers, List<String> inputs, List<Stage> stages, List<Integer> results) {

    /**
     * A flat buffer. Inputs may have any strides; everything else is C-contiguous.
     *
     * @param strides in elements, one per axis of the shape
     */
    public record Buffer(DType dtype, Shape shape, long[] strides) {
        public long bytes() {
            return Math.multiplyExact(shape.elements(), dtype.bytes());
        }
    }

    public Program {
        buffers = List.copyOf(buffers);
        inputs = List.copyOf(inputs);
        stages = List.copyOf(stages);
        results = List.copyOf(results);
    }
}
