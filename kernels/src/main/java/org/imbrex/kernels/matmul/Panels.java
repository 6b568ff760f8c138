package org.imbrex.kernels.matmul;

import java.util.Arrays;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.ProductLoop;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.View;

/** A thread's packed panels of a or b, which grow to what is asked for. */
final class Panels {
    private final ProductLoop loop;
    private final boolean ofA;
    private final int width;
    private Object array;
    private int length;

    Panels(ProductLoop loop, boolean ofA) {
        this.loop = loop;
        this.ofA = ofA;
        this.width = ofA ? loop.rows() : loop.columns();
        this.array = loop.panels(0);
    }

    Object array() {
        return array;
    }

    /**
     * Packs a block into panels [inner][width] of {@code width} indices of an axis, padded with zeros.
     *
     * @param base the address of the view's element 0
     * @param at the block's first index; modified and restored
     * @param axis the axis that panels cut, {@code count} of it
     * @param along the axis of k, {@code inner} of it
     */
    void pack(long[] frame, View view, long base, long[] at, int axis, int count, int along, int inner) {
        int padded = Math.ceilDiv(count, width) * width;
        if (length < padded * inner) {
            length = padded * inner;
            array = loop.panels(length);
        }
        if (padded > count) {
            zero((padded - width) * inner, padded * inner);
        }
        int bytes = view.dtype().bytes();
        if (view.shifts().isEmpty()) {
            long across = view.strides()[axis] * bytes;
            long down = view.strides()[along] * bytes;
            loop.pack(frame, ofA, array, 0, base + view.element(at) * bytes, count, across, inner, down);
            return;
        }
        long first = at[axis];
        long k = at[along];
        for (int i = 0; i < count; i++) {
            at[axis] = first + i;
            for (int r = 0; r < inner; r++) {
                at[along] = k + r;
                long element = view.element(at);
                long bits = element < 0 ? view.fill() : Elements.read(view.dtype(), base + element * bytes);
                set(i / width * width * inner + r * width + i % width, bits);
            }
        }
        at[axis] = first;
        at[along] = k;
    }

    private void zero(int from, int to) {
        switch (array) {
            case float[] floats -> Arrays.fill(floats, from, to, 0);
            case double[] doubles -> Arrays.fill(doubles, from, to, 0);
            case int[] ints -> Arrays.fill(ints, from, to, 0);
            default -> Arrays.fill((long[]) array, from, to, 0);
        }
    }

    private void set(int index, long bits) {
        switch (array) {
            case float[] floats -> floats[index] = Semantics.f32(bits);
            case double[] doubles -> doubles[index] = Semantics.f64(bits);
            case int[] ints -> ints[index] = (int) bits;
            default -> ((long[]) array)[index] = bits;
        }
    }
}
