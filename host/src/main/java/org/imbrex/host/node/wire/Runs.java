package org.imbrex.host.node.wire;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.imbrex.runtime.memory.Span;

/**
 * Elements of a flat buffer that travel: runs of one length that begin at {@code first} and repeat along outer axes.
 *
 * @param run elements in a run
 * @param strides of the outer axes, outermost first, positive
 * @param counts their extents
 */
public record Runs(long first, long run, long[] strides, long[] counts) {

    /** Elements in all; a count that overflows is refused by {@link Tiles}. */
    public long elements() {
        long elements = run;
        for (long count : counts) {
            elements = Math.multiplyExact(elements, count);
        }
        return elements;
    }

    /** The last element. */
    public long last() {
        long last = Math.addExact(first, run - 1);
        for (int k = 0; k < strides.length; k++) {
            last = Math.addExact(last, Math.multiplyExact(strides[k], counts[k] - 1));
        }
        return last;
    }

    /**
     * The elements offset + sum(strides[j] * i_j) for from_j ≤ i_j ≤ to_j.
     *
     * @param slack how many elements nobody asked for may lie between two runs that become one; 0 for exactly those
     */
    static Runs of(long offset, long[] strides, long[] from, long[] to, long slack) {
        long first = offset;
        List<long[]> axes = new ArrayList<>();
        for (int axis = 0; axis < strides.length; axis++) {
            long stride = strides[axis];
            first += stride * (stride >= 0 ? from[axis] : to[axis]);
            long count = to[axis] - from[axis] + 1;
            if (stride != 0 && count > 1) {
                axes.add(new long[] {Math.abs(stride), count});
            }
        }
        axes.sort(Comparator.comparingLong(axis -> axis[0]));
        long run = 1;
        int k = 0;
        while (k < axes.size() && axes.get(k)[0] <= run + slack) {
            run += axes.get(k)[0] * (axes.get(k)[1] - 1);
            k++;
        }
        int outer = axes.size() - k;
        long[] outerStrides = new long[outer];
        long[] counts = new long[outer];
        for (int j = 0; j < outer; j++) {
            outerStrides[outer - 1 - j] = axes.get(k + j)[0];
            counts[outer - 1 - j] = axes.get(k + j)[1];
        }
        return new Runs(first, run, outerStrides, counts);
    }

    /** One that covers both and no more than they have together, where that is easy to see. */
    Optional<Runs> with(Runs other) {
        if (!Arrays.equals(strides, other.strides)) {
            return Optional.empty();
        }
        Runs low = first <= other.first ? this : other;
        Runs high = low == this ? other : this;
        long by = high.first - low.first;
        if (strides.length == 1) {
            return low.rectangle(high, by, strides[0]);
        }
        boolean touches = by <= low.run && Arrays.equals(counts, other.counts);
        return touches
                ? Optional.of(new Runs(low.first, Math.max(low.run, by + high.run), strides, counts))
                : Optional.empty();
    }

    /** Rows of a table: the rectangle around both. */
    private Optional<Runs> rectangle(Runs high, long by, long stride) {
        long rows = Math.floorDiv(by, stride);
        long cols = by - rows * stride;
        if (cols > stride / 2) {
            rows++;
            cols -= stride; // to the left of us
        }
        long left = Math.min(0, cols);
        long width = Math.max(run, cols + high.run) - left;
        long count = Math.max(counts[0], rows + high.counts[0]);
        double area = (double) width * count;
        boolean pays = width <= stride && area <= (double) elements() + high.elements() && first + left >= 0;
        return pays
                ? Optional.of(new Runs(first + left, width, strides, new long[] {count}))
                : Optional.empty();
    }

    /** Sends the elements, from memory that holds them. */
    void send(Wire wire, Span from, int width) throws IOException {
        each((element, count) -> wire.put(slice(from, element, count, width)));
    }

    /** Receives them to their places. */
    void receive(Wire wire, Span into, int width) throws IOException {
        each((element, count) -> wire.take(slice(into, element, count, width)));
    }

    private static MemorySegment slice(Span span, long element, long count, int width) {
        return span.memory().asSlice((element - span.first()) * width, count * width);
    }

    private interface Each {
        void run(long first, long count) throws IOException;
    }

    private void each(Each each) throws IOException {
        long[] index = new long[counts.length];
        while (true) {
            long element = first;
            for (int k = 0; k < index.length; k++) {
                element += strides[k] * index[k];
            }
            each.run(element, run);
            int axis = index.length - 1;
            while (axis >= 0 && ++index[axis] == counts[axis]) {
                index[axis--] = 0;
            }
            if (axis < 0) {
                return;
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Runs r
                && first == r.first
                && run == r.run
                && Arrays.equals(strides, r.strides)
                && Arrays.equals(counts, r.counts);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(first) * 31 + Long.hashCode(run);
    }
}
