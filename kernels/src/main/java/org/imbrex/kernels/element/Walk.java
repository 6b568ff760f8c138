package org.imbrex.kernels.element;

import java.util.List;
import org.imbrex.kernels.stage.View;

/** Walks a box of indices in row-major order, and reads views at an index. */
public final class Walk {
    private Walk() {}

    /** Moves {@code index} on to the next of the box; false, and back at the first, after the last. */
    public static boolean next(long[] index, long[] lo, long[] hi) {
        for (int axis = index.length - 1; axis >= 0; axis--) {
            if (++index[axis] < hi[axis]) {
                return true;
            }
            index[axis] = lo[axis];
        }
        return false;
    }

    /** Whether the box holds no index. */
    public static boolean isEmpty(long[] lo, long[] hi) {
        for (int axis = 0; axis < lo.length; axis++) {
            if (lo[axis] >= hi[axis]) {
                return true;
            }
        }
        return false;
    }

    /** The raw bits that each view reads at {@code index}. */
    public static void read(List<View> views, long[] bases, long[] index, long[] into) {
        for (int i = 0; i < into.length; i++) {
            View view = views.get(i);
            long element = view.element(index);
            into[i] = element < 0
                    ? view.fill()
                    : Elements.read(view.dtype(), bases[i] + element * view.dtype().bytes());
        }
    }

    /** Writes the body's results of {@code from} through the views at {@code index}. */
    public static void write(List<View> views, long[] bases, long[] index, Interpreter from) {
        for (int i = 0; i < views.size(); i++) {
            View view = views.get(i);
            Elements.write(
                    view.dtype(), bases[i] + view.element(index) * view.dtype().bytes(), from.result(i));
        }
    }
}
