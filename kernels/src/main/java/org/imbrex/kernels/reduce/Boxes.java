package org.imbrex.kernels.reduce;

import java.util.function.BiConsumer;

/** Boxes of indices in row-major order. */
final class Boxes {
    private Boxes() {}

    static long elements(long[] lo, long[] hi) {
        long elements = 1;
        for (int axis = 0; axis < lo.length; axis++) {
            elements *= Math.max(0, hi[axis] - lo[axis]);
        }
        return elements;
    }

    /** Row-major strides of a box. */
    static long[] strides(long[] lo, long[] hi, long innermost) {
        long[] strides = new long[lo.length];
        long next = innermost;
        for (int axis = lo.length - 1; axis >= 0; axis--) {
            strides[axis] = next;
            next *= hi[axis] - lo[axis];
        }
        return strides;
    }

    /** Element 0 of what lies from {@code address} on, starting with the box's first index. */
    static long base(long address, long[] lo, long[] strides, int bytes) {
        long first = 0;
        for (int axis = 0; axis < lo.length; axis++) {
            first += lo[axis] * strides[axis];
        }
        return address - first * bytes;
    }

    /** Cuts a box into boxes of at most {@code most} elements that follow one another in row-major order. */
    static void cut(long[] lo, long[] hi, long most, BiConsumer<long[], long[]> each) {
        int axis = 0;
        long elements = elements(lo, hi);
        while (axis < lo.length && elements > most) {
            elements /= hi[axis] - lo[axis];
            axis++;
        }
        if (axis == 0) {
            each.accept(lo, hi);
            return;
        }
        // axes before axis - 1 go one by one, that one by as many as fit
        long along = Math.max(1, most / Math.max(1, elements));
        long[] from = lo.clone();
        while (true) {
            long[] to = hi.clone();
            for (int k = 0; k < axis - 1; k++) {
                to[k] = from[k] + 1;
            }
            to[axis - 1] = Math.min(hi[axis - 1], from[axis - 1] + along);
            each.accept(from.clone(), to);
            int k = axis - 1;
            from[k] += along;
            while (k > 0 && from[k] >= hi[k]) {
                from[k] = lo[k];
                from[--k]++;
            }
            if (from[0] >= hi[0]) {
                return;
            }
        }
    }

    /** Cuts the flat indices [from, to) of a box from 0 into boxes, in order. */
    static void range(long[] extents, long from, long to, BiConsumer<long[], long[]> each) {
        range(extents, 0, from, to, new long[extents.length], each);
    }

    private static void range(
            long[] extents, int axis, long from, long to, long[] at, BiConsumer<long[], long[]> each) {
        if (from >= to) {
            return;
        }
        long inner = 1;
        for (int k = axis + 1; k < extents.length; k++) {
            inner *= extents[k];
        }
        long first = Math.ceilDiv(from, inner);
        long last = to / inner;
        if (first > last) { // within one index of this axis
            inside(extents, axis, last, from, to, inner, at, each);
            return;
        }
        if (from < first * inner) {
            inside(extents, axis, first - 1, from, first * inner, inner, at, each);
        }
        if (first < last) {
            long[] lo = new long[extents.length];
            long[] hi = extents.clone();
            for (int k = 0; k < axis; k++) {
                lo[k] = at[k];
                hi[k] = at[k] + 1;
            }
            lo[axis] = first;
            hi[axis] = last;
            each.accept(lo, hi);
        }
        if (last * inner < to) {
            inside(extents, axis, last, last * inner, to, inner, at, each);
        }
    }

    private static void inside(
            long[] extents, int axis, long index, long from, long to, long inner, long[] at,
            BiConsumer<long[], long[]> each) {
        at[axis] = index;
        range(extents, axis + 1, from - index * inner, to - index * inner, at, each);
    }
}
