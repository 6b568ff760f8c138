package org.imbrex.kernels.typing;

import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;

/** Axes as users write them: negative from the end. */
final class Axes {
    private Axes() {}

    static int one(int axis, Shape shape, String what) {
        int rank = shape.rank();
        int from = axis < 0 ? axis + rank : axis;
        if (from < 0 || from >= rank) {
            throw new ShapeException("found axis " + axis + " in " + what + " of an array of shape " + shape
                    + (rank == 0 ? ", which has no axes" : ", expected one from " + -rank + " to " + (rank - 1)));
        }
        return from;
    }

    /** Ascending; all of them where none are written. */
    static int[] ascending(Optional<List<Integer>> axes, Shape shape, String what) {
        boolean[] taken = new boolean[shape.rank()];
        if (axes.isEmpty()) {
            java.util.Arrays.fill(taken, true);
        } else {
            for (int axis : axes.get()) {
                int from = one(axis, shape, what);
                if (taken[from]) {
                    throw new ShapeException("found axis " + axis + " twice in " + what + ", expected each once");
                }
                taken[from] = true;
            }
        }
        return java.util.stream.IntStream.range(0, taken.length)
                .filter(a -> taken[a])
                .toArray();
    }
}
