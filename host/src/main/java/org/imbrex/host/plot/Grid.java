package org.imbrex.host.plot;

import org.imbrex.host.Array;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;

/** Values on rows and columns, in row-major order; NaN where there is none. The values are not copied. */
public record Grid(int rows, int columns, double[] values) {
    /** @throws ShapeException where the values are not rows × columns, or there are none */
    public Grid {
        if (rows < 1 || columns < 1 || (long) rows * columns != values.length) {
            throw new ShapeException("found " + values.length + " values for a picture of " + rows + " × " + columns
                    + ", expected as many as cells, and at least one");
        }
    }

    /**
     * An array's values, of any dtype.
     *
     * @throws ShapeException where it has not two axes
     */
    public static Grid of(Array array) {
        Shape shape = array.shape();
        if (shape.rank() != 2) {
            throw new ShapeException("found an array of shape " + shape
                    + ", expected two axes; choose one layer by indexing, as x[0]");
        }
        return new Grid(
                Math.toIntExact(shape.extent(0)), Math.toIntExact(shape.extent(1)), array.toDoubleArray());
    }

    double at(int row, int column) {
        return values[row * columns + column];
    }
}
