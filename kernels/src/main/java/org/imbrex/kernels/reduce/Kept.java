package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.View;

/** A reduction's loads as views over the kept axes, at one index of the reduced ones. */
final class Kept {
    /** In place of an offset: beyond a constant edge. */
    static final long FILL = Long.MIN_VALUE;

    private final ReduceStage stage;
    private final int reducedAxes;

    Kept(ReduceStage stage) {
        this.stage = stage;
        this.reducedAxes = stage.to() - stage.from();
    }

    int rank() {
        return stage.extents().length - reducedAxes;
    }

    int reducedAxes() {
        return reducedAxes;
    }

    /** The new number of a body's axis: kept axes first, then the reduced ones. */
    int axis(int axis) {
        if (axis < stage.from()) {
            return axis;
        }
        return axis < stage.to() ? rank() + axis - stage.from() : axis - reducedAxes;
    }

    /** The view over the kept axes, at index 0 of the reduced ones. */
    View view(View full) {
        long[] strides = new long[rank()];
        List<Shift> shifts = new ArrayList<>();
        for (int axis = 0; axis < full.strides().length; axis++) {
            if (axis < stage.from() || axis >= stage.to()) {
                strides[axis(axis)] = full.strides()[axis];
            }
        }
        for (Shift shift : full.shifts()) {
            if (shift.axis() < stage.from() || shift.axis() >= stage.to()) {
                shifts.add(new Shift(axis(shift.axis()), shift.by(), shift.extent()));
            }
        }
        return new View(full.buffer(), full.dtype(), full.offset(), strides, shifts, full.mode(), full.fill());
    }

    /** The stride of the flattened reduced axes, or -1 where it is not one. */
    long down(View full) {
        return step(full.strides(), stage.extents(), stage.from(), stage.to());
    }

    /** Whether it is the same at each index of the reduced axes. */
    boolean stands(View full) {
        boolean shifted = full.shifts().stream().anyMatch(s -> s.axis() >= stage.from() && s.axis() < stage.to());
        return !shifted && down(full) == 0;
    }

    /** The stride of a view over the kept axes in a flattened box, or -1 where it is not one. */
    static long along(View kept, long[] lo, long[] hi) {
        long[] extents = new long[lo.length];
        Arrays.setAll(extents, axis -> hi[axis] - lo[axis]);
        return step(kept.strides(), extents, 0, extents.length);
    }

    private static long step(long[] strides, long[] extents, int from, int to) {
        long step = 0;
        long next = 0;
        boolean first = true;
        for (int axis = to - 1; axis >= from; axis--) {
            if (extents[axis] == 1) {
                continue;
            }
            long stride = strides[axis];
            if (first) {
                step = stride;
                first = false;
            } else if (stride != next) {
                return -1;
            }
            next = stride * extents[axis];
        }
        return step;
    }

    /** The indices of the reduced axes for the flat index {@code r}. */
    long[] indices(long r) {
        long[] indices = new long[reducedAxes];
        for (int axis = stage.to() - 1; axis >= stage.from(); axis--) {
            indices[axis - stage.from()] = r % stage.extents()[axis];
            r /= stage.extents()[axis];
        }
        return indices;
    }

    /** How many elements on from index 0 the view reads, or {@link #FILL} where it reads its fill. */
    long offset(View full, long[] indices) {
        long offset = 0;
        for (int j = 0; j < reducedAxes; j++) {
            offset += full.strides()[stage.from() + j] * indices[j];
        }
        for (Shift shift : full.shifts()) {
            int j = shift.axis() - stage.from();
            if (j >= 0 && j < reducedAxes) {
                long mapped = full.mode().map(indices[j] + shift.by(), shift.extent());
                if (mapped < 0) {
                    return FILL;
                }
                offset += full.strides()[shift.axis()] * (mapped - indices[j]);
            }
        }
        return offset;
    }
}
