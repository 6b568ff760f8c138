package org.imbrex.kernels.stage;

import java.util.Arrays;
import java.util.List;
import org.imbrex.kernels.type.DType;

/**
 * How a stage walks a flat buffer: index (i0, i1, …) of the stage is element {@code offset + sum(strides[j] * i_j)},
 * where an axis that has a shift takes its mapped index instead. Strides are in elements and may be 0 (broadcast) or
 * negative.
 *
 * @param buffer the number of the buffer in the program
 * @param strides one per axis of the stage; not to be modified
 * @param shifts the neighbour accesses, at most one per axis; empty for a plain view
 * @param mode what lies beyond the edge; matters only where there are shifts
 * @param fill the raw bits, in the dtype's scalar type, of what {@link EdgeMode#CONSTANT} reads beyond the edge
 */
public record View(
        int buffer, DType dtype, long offset, long[] strides, List<Shift> shifts, EdgeMode mode, long fill) {

    public View {
        shifts = List.copyOf(shifts);
    }

    /** A view without neighbours. */
    public View(int buffer, DType dtype, long offset, long[] strides) {
        this(buffer, dtype, offset, strides, List.of(), EdgeMode.EDGE, 0);
    }

    /** The element that an index reads, or -1 where it is {@code fill}. */
    public long element(long[] index) {
        long element = offset;
        for (int axis = 0; axis < strides.length; axis++) {
            element += strides[axis] * index[axis];
        }
        for (Shift shift : shifts) {
            long i = index[shift.axis()];
            long mapped = mode.map(i + shift.by(), shift.extent());
            if (mapped < 0) {
                return -1;
            }
            element += strides[shift.axis()] * (mapped - i);
        }
        return element;
    }

    /**
     * The smallest and the largest element that any index in the box [lo, hi) reads: {first, last}, both inclusive;
     * first &gt; last for an empty box, and where only the fill is read.
     */
    public long[] range(long[] lo, long[] hi) {
        long first = offset;
        long last = offset;
        for (int axis = 0; axis < strides.length; axis++) {
            if (lo[axis] >= hi[axis]) {
                return new long[] {0, -1};
            }
            long from = lo[axis];
            long to = hi[axis] - 1;
            for (Shift shift : shifts) {
                if (shift.axis() == axis) {
                    long[] mapped = mapped(shift, from, to);
                    from = mapped[0];
                    to = mapped[1];
                    if (from > to) {
                        return new long[] {0, -1};
                    }
                }
            }
            long stride = strides[axis];
            first += stride * (stride >= 0 ? from : to);
            last += stride * (stride >= 0 ? to : from);
        }
        return new long[] {first, last};
    }

    private long[] mapped(Shift shift, long from, long to) {
        long a = from + shift.by();
        long b = to + shift.by();
        long n = shift.extent();
        if (a >= 0 && b < n) {
            return new long[] {a, b};
        }
        return switch (mode) {
            case CONSTANT -> new long[] {Math.max(a, 0), Math.min(b, n - 1)};
            case EDGE -> new long[] {Math.clamp(a, 0, n - 1), Math.clamp(b, 0, n - 1)};
            case WRAP, REFLECT, SYMMETRIC -> {
                long inside = Math.max(a, 0);
                long insideTo = Math.min(b, n - 1);
                long least = Long.MAX_VALUE;
                long most = Long.MIN_VALUE;
                if (inside <= insideTo) {
                    least = inside;
                    most = insideTo;
                }
                long below = Math.min(b, -1);
                for (long[] outside : new long[][] {{a, below}, {Math.max(a, n), b}}) {
                    if (outside[0] > outside[1]) {
                        continue;
                    }
                    if (outside[1] - outside[0] >= n || outside[1] - outside[0] > 1024) {
                        yield new long[] {0, n - 1};
                    }
                    for (long i = outside[0]; i <= outside[1]; i++) {
                        long m = mode.map(i, n);
                        least = Math.min(least, m);
                        most = Math.max(most, m);
                    }
                }
                yield new long[] {least, most};
            }
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof View v
                && buffer == v.buffer
                && dtype == v.dtype
                && offset == v.offset
                && Arrays.equals(strides, v.strides)
                && shifts.equals(v.shifts)
                && mode == v.mode
                && fill == v.fill;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(strides) * 31 + Long.hashCode(offset) + buffer;
    }

    @Override
    public String toString() {
        return "b" + buffer + ":" + dtype + "[" + offset + " + " + Arrays.toString(strides) + "]"
                + (shifts.isEmpty() ? "" : shifts + mode.text() + (mode == EdgeMode.CONSTANT ? ":" + fill : ""));
    }
}
