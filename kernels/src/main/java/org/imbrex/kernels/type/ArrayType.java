package org.imbrex.kernels.type;

/** What an array is: its element type and its shape. */
public record ArrayType(DType dtype, Shape shape) {
    @Override
    public String toString() {
        return dtype + shape.toString();
    }
}
