package org.imbrex.kernels.type;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The extents of an array's axes, in elements, outermost first; rank 0 is a scalar. */
public record Shape(long... extents) {

    /** The most axes an array may have. */
    public static final int MAX_RANK = 16;

    public static final Shape SCALAR = new Shape();

    public Shape {
        extents = extents.clone();
        if (extents.length > MAX_RANK) {
            throw new ShapeException("found an array of rank " + extents.length + ", expected at most " + MAX_RANK);
        }
        long elements = 1;
        for (long extent : extents) {
            if (extent < 0) {
                throw new ShapeException("found the extent " + extent + ", expected 0 or more");
            }
            try {
                elements = Math.multiplyExact(elements, Math.max(extent, 1));
            } catch (ArithmeticException e) {
                throw new ShapeException("found the shape " + text(extents) + ", expected fewer than 2^63 elements");
            }
        }
    }

    public static Shape of(long... extents) {
        return new Shape(extents);
    }

    @Override
    public long[] extents() {
        return extents.clone();
    }

    public int rank() {
        return extents.length;
    }

    public long extent(int axis) {
        return extents[axis];
    }

    /** The number of elements; 1 for a scalar. */
    public long elements() {
        long elements = 1;
        for (long extent : extents) {
            elements *= extent;
        }
        return elements;
    }

    /** The strides of a C-contiguous (row-major) array of this shape, in elements. */
    public long[] strides() {
        long[] strides = new long[extents.length];
        long stride = 1;
        for (int axis = extents.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= extents[axis];
        }
        return strides;
    }

    /**
     * The shape that both broadcast to, as NumPy's rule has it.
     *
     * @throws ShapeException where an axis has two different extents, neither of them 1
     */
    public Shape broadcast(Shape other) {
        int rank = Math.max(rank(), other.rank());
        long[] result = new long[rank];
        for (int i = 1; i <= rank; i++) {
            long a = i <= rank() ? extents[rank() - i] : 1;
            long b = i <= other.rank() ? other.extents[other.rank() - i] : 1;
            if (a != b && a != 1 && b != 1) {
                throw new ShapeException("shapes " + this + " and " + other + " do not broadcast: " + a + " against "
                        + b + " on axis " + (rank - i) + "; make them equal or one of them 1");
            }
            result[rank - i] = a == 1 ? b : a;
        }
        return new Shape(result);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(extents, shape.extents);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(extents);
    }

    @Override
    public String toString() {
        return text(extents);
    }

    private static String text(long[] extents) {
        String list = Arrays.stream(extents).mapToObj(Long::toString).collect(Collectors.joining(", "));
        return extents.length == 1 ? "(" + list + ",)" : "(" + list + ")";
    }
}
