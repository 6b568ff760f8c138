package org.imbrex.kernels.fuse;

import java.util.Arrays;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/**
 * Where an array's elements lie in a buffer.
 *
 * @param strides in elements, one per axis of the array
 */
record Placed(int buffer, DType dtype, long offset, long[] strides) {

    /** The part that begins {@code by} further along an axis. */
    Placed from(int axis, long by) {
        return new Placed(buffer, dtype, offset + by * strides[axis], strides);
    }

    /** The part, or the order of elements, that an affine node reads of the array. */
    Placed through(Node.Affine affine) {
        View view = IndexMap.identity(affine.type().shape().rank()).through(affine).view(this);
        return new Placed(buffer, dtype, view.offset(), view.strides());
    }

    /** Each index of the array is itself. */
    View view() {
        return new View(buffer, dtype, offset, strides);
    }

    /** Whether an array of this shape lies in row-major order without gaps; axes of extent 1 do not matter. */
    boolean isRowMajor(Shape shape) {
        long[] wanted = shape.strides();
        for (int axis = 0; axis < wanted.length; axis++) {
            if (shape.extent(axis) > 1 && strides[axis] != wanted[axis]) {
                return false;
            }
        }
        return true;
    }

    /** The same row-major elements under another shape. */
    Placed reshaped(Shape shape) {
        return new Placed(buffer, dtype, offset, shape.strides());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Placed p
                && buffer == p.buffer
                && dtype == p.dtype
                && offset == p.offset
                && Arrays.equals(strides, p.strides);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(strides) * 31 + Long.hashCode(offset) + buffer;
    }
}
