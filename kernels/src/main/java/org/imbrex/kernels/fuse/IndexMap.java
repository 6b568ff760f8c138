package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/**
 * Which element of a node a stage reads at index (i0, i1, …): along node axis a it is
 * {@code offset[a] + sum over j of steps[a][j] * m_j}, where m_j is i_j, or for a stage axis that has a shift, the
 * index that the shift maps it to.
 *
 * @param axes the stage's number of axes
 * @param fill what a constant edge reads; matters only where there are shifts
 */
record IndexMap(int axes, long[] offset, long[][] steps, List<Shift> shifts, EdgeMode mode, long fill) {

    /** Each index is itself. */
    static IndexMap identity(int rank) {
        long[][] steps = new long[rank][rank];
        for (int axis = 0; axis < rank; axis++) {
            steps[axis][axis] = 1;
        }
        return new IndexMap(rank, new long[rank], steps, List.of(), EdgeMode.EDGE, 0);
    }

    boolean isShifted() {
        return !shifts.isEmpty();
    }

    /** Whether a shift can turn the map into a fill, so that no arithmetic may come between. */
    boolean readsFill() {
        return isShifted() && mode == EdgeMode.CONSTANT;
    }

    /** The map of an argument that broadcasts to the node's shape. */
    IndexMap broadcast(Shape from, Shape to) {
        int rank = to.rank();
        int skip = from.rank() - rank;
        long[] offsets = new long[rank];
        long[][] rows = new long[rank][];
        for (int axis = 0; axis < rank; axis++) {
            boolean repeats = to.extent(axis) == 1 && from.extent(axis + skip) != 1;
            offsets[axis] = repeats ? 0 : offset[axis + skip];
            rows[axis] = repeats ? new long[axes] : steps[axis + skip];
        }
        return new IndexMap(axes, offsets, rows, shifts, mode, fill);
    }

    /** The map of what an affine node reads. */
    IndexMap through(Node.Affine affine) {
        int rank = affine.offset().length;
        long[] offsets = affine.offset().clone();
        long[][] rows = new long[rank][axes];
        for (int axis = 0; axis < rank; axis++) {
            long[] via = affine.steps()[axis];
            for (int k = 0; k < via.length; k++) {
                if (via[k] != 0) {
                    offsets[axis] += via[k] * offset[k];
                    for (int j = 0; j < axes; j++) {
                        rows[axis][j] += via[k] * steps[k][j];
                    }
                }
            }
        }
        return new IndexMap(axes, offsets, rows, shifts, mode, fill);
    }

    /**
     * The map of what a shift reads, or empty where a view cannot say it: each axis on which the shift reaches beyond
     * the edge must run one by one along a stage axis of its own, which has no shift yet.
     *
     * @param extents the stage's index space
     */
    Optional<IndexMap> through(Node.Shift shift, long[] extents) {
        Shape shape = shift.type().shape();
        long[] offsets = offset.clone();
        List<Shift> found = new ArrayList<>();
        for (int axis = 0; axis < steps.length; axis++) {
            long by = shift.by()[axis];
            boolean one = shape.extent(axis) == 1 && shift.mode() != EdgeMode.CONSTANT;
            if (by == 0 || one) {
                continue;
            }
            if (!isShifted() && isInside(axis, by, shape.extent(axis), extents)) {
                offsets[axis] += by;
                continue;
            }
            int along = onlyAxis(axis);
            if (along < 0 || isShifted()) {
                return Optional.empty();
            }
            found.add(new Shift(along, by + offset[axis], shape.extent(axis)));
            offsets[axis] = 0;
        }
        return Optional.of(
                found.isEmpty()
                        ? new IndexMap(axes, offsets, steps, shifts, mode, fill)
                        : new IndexMap(axes, offsets, steps, found, shift.mode(), shift.fill()));
    }

    /** Whether all that the stage reads along a node axis, {@code by} further on, lies in [0, extent). */
    private boolean isInside(int axis, long by, long extent, long[] extents) {
        long least = offset[axis] + by;
        long most = least;
        for (int j = 0; j < axes; j++) {
            long span = steps[axis][j] * (extents[j] - 1);
            least += Math.min(span, 0);
            most += Math.max(span, 0);
        }
        return least >= 0 && most < extent;
    }

    /** The stage axis that node axis {@code axis} follows with step 1, and that no other follows; else -1. */
    private int onlyAxis(int axis) {
        int along = -1;
        for (int j = 0; j < axes; j++) {
            if (steps[axis][j] != 0) {
                if (along >= 0 || steps[axis][j] != 1) {
                    return -1;
                }
                along = j;
            }
        }
        for (int other = 0; along >= 0 && other < steps.length; other++) {
            if (other != axis && steps[other][along] != 0) {
                return -1;
            }
        }
        return along;
    }

    /** The view that reads an array that lies so. */
    View view(Placed placed) {
        long first = placed.offset();
        long[] strides = new long[axes];
        for (int axis = 0; axis < offset.length; axis++) {
            first += placed.strides()[axis] * offset[axis];
            for (int j = 0; j < axes; j++) {
                strides[j] += placed.strides()[axis] * steps[axis][j];
            }
        }
        List<Shift> kept = shifts.stream()
                .filter(shift -> mode == EdgeMode.CONSTANT || strides[shift.axis()] != 0)
                .toList();
        return kept.isEmpty()
                ? new View(placed.buffer(), placed.dtype(), first, strides)
                : new View(placed.buffer(), placed.dtype(), first, strides, kept, mode, mode == EdgeMode.CONSTANT ? fill : 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IndexMap m
                && axes == m.axes
                && Arrays.equals(offset, m.offset)
                && Arrays.deepEquals(steps, m.steps)
                && shifts.equals(m.shifts)
                && mode == m.mode
                && fill == m.fill;
    }

    @Override
    public int hashCode() {
        return (Arrays.hashCode(offset) * 31 + Arrays.deepHashCode(steps)) * 31 + shifts.hashCode();
    }
}
