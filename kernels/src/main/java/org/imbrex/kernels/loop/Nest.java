package org.imbrex.kernels.loop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.View;

/**
 * A loop over a box of indices, its loads and stores given by views. The box is cut where a neighbour access meets an
 * edge, so that in each part every view is affine: in the interior by a constant offset, at the border with a step of
 * 0, 1 or -1, and beyond a constant edge as a step of 0 on the constant.
 */
public final class Nest {
    /** In place of a base: the view reads its fill, whatever the index. */
    public static final long FILL = Long.MIN_VALUE;

    private final MapLoop loop;
    private final Frame frame;
    private final List<View> views;
    private final int[] indexAxes;
    private final int rank;
    private final boolean shifted;
    /** For each axis what shifts views along it. */
    private final Bend[][] bends;
    private final MemorySegment fills;

    /**
     * A nest for views over boxes of {@code rank} axes; the loop's INDEX counts them.
     */
    public Nest(MapLoop loop, List<View> loads, List<View> stores, int rank) {
        this.loop = loop;
        this.frame = loop.frame();
        this.views = new ArrayList<>(loads);
        this.views.addAll(stores);
        this.indexAxes = loop.spec().axes();
        this.rank = rank;
        this.shifted = views.stream().anyMatch(view -> !view.shifts().isEmpty());
        this.bends = new Bend[rank][];
        for (int axis = 0; axis < rank; axis++) {
            bends[axis] = bends(axis);
        }
        boolean filled = views.stream().anyMatch(v -> v.mode() == EdgeMode.CONSTANT);
        this.fills = filled ? Arena.ofAuto().allocate(8L * views.size(), 8) : MemorySegment.NULL;
        for (int k = 0; filled && k < views.size(); k++) {
            Elements.write(views.get(k).dtype(), fill(k), views.get(k).fill());
        }
    }

    /** A view's shift along an axis. */
    private record Bend(int view, Shift shift, EdgeMode mode) {}

    private Bend[] bends(int axis) {
        List<Bend> of = new ArrayList<>();
        for (int k = 0; k < views.size(); k++) {
            for (Shift shift : views.get(k).shifts()) {
                if (shift.axis() == axis) {
                    of.add(new Bend(k, shift, views.get(k).mode()));
                }
            }
        }
        return of.toArray(Bend[]::new);
    }

    private long fill(int view) {
        return fills.address() + 8L * view;
    }

    /** Runs the box [lo, hi) with each buffer's element 0 at its base. */
    public void run(long[] lo, long[] hi, long[] loads, long[] stores) {
        run(lo, hi, loads, stores, new long[0], new long[views.size()][]);
    }

    /**
     * Runs the box [lo, hi).
     *
     * @param loads each view's base, or {@link #FILL} where it reads its fill only
     * @param fixed the indices of the axes from {@code rank} on
     * @param strides for each view null, or strides to use in place of its own
     */
    public void run(long[] lo, long[] hi, long[] loads, long[] stores, long[] fixed, long[][] strides) {
        for (int axis = 0; axis < rank; axis++) {
            if (lo[axis] >= hi[axis]) {
                return;
            }
        }
        Part part = new Part(frame, rank);
        for (int k = 0; k < views.size(); k++) {
            View view = views.get(k);
            int bytes = view.dtype().bytes();
            long base = k < loads.length ? loads[k] : stores[k - loads.length];
            if (base == FILL) {
                part.constant(k, fill(k));
                continue;
            }
            part.start[k] = base + view.offset() * bytes;
            long[] own = strides[k] == null ? view.strides() : strides[k];
            for (int axis = 0; axis < rank; axis++) {
                part.stride[axis][k] = own[axis] * bytes;
            }
        }
        for (int i = 0; i < indexAxes.length; i++) {
            if (indexAxes[i] < rank) {
                part.stride[indexAxes[i]][frame.index(i)] = 1;
            } else {
                part.start[frame.index(i)] = fixed[indexAxes[i] - rank];
            }
        }
        if (shifted) {
            cut(part, 0, lo, hi);
        } else {
            for (int axis = 0; axis < rank; axis++) {
                part.move(axis, lo[axis], hi[axis] - lo[axis]);
            }
            part.run(loop);
        }
        Reference.reachabilityFence(fills);
    }

    /** Cuts one axis after the other; the part is affine in all axes before {@code axis}. */
    private void cut(Part part, int axis, long[] lo, long[] hi) {
        if (axis == rank) {
            part.run(loop);
            return;
        }
        for (long from = lo[axis]; from < hi[axis]; ) {
            long to = hi[axis];
            for (Bend bend : bends[axis]) {
                to = Math.min(to, affineUntil(bend.mode, bend.shift, from, hi[axis]));
            }
            Part piece = to < hi[axis] ? part.copy() : part; // which nobody else needs after the last piece
            piece.move(axis, from, to - from);
            for (Bend bend : bends[axis]) {
                bend(piece, bend, axis, from, to);
            }
            cut(piece, axis + 1, lo, hi);
            from = to;
        }
    }

    /** How far on from {@code from} the mapped index goes by one step: up, down, not at all, or is the constant. */
    private static long affineUntil(EdgeMode mode, Shift shift, long from, long end) {
        long n = shift.extent();
        long i = from + shift.by();
        if (i >= 0 && i < n) {
            return Math.min(end, from + n - i);
        }
        if (mode == EdgeMode.CONSTANT || mode == EdgeMode.EDGE) {
            return i < 0 ? Math.min(end, from - i) : end;
        }
        long to = from + 1;
        if (to < end) {
            long slope = mode.map(i + 1, n) - mode.map(i, n);
            if (Math.abs(slope) > 1) {
                return to;
            }
            while (to < end && mode.map(to + shift.by(), n) - mode.map(to - 1 + shift.by(), n) == slope) {
                to++;
            }
        }
        return to;
    }

    private void bend(Part piece, Bend bend, int axis, long from, long to) {
        int k = bend.view;
        if (piece.constant[k]) {
            return;
        }
        long n = bend.shift.extent();
        long first = from + bend.shift.by();
        long mapped = first >= 0 && first < n ? first : bend.mode.map(first, n);
        if (mapped < 0) {
            piece.constant(k, fill(k));
            return;
        }
        boolean inside = mapped == first && first + 1 < n;
        long slope = to - from > 1 && !inside ? bend.mode.map(first + 1, n) - mapped : 1;
        piece.start[k] += piece.stride[axis][k] * (mapped - from);
        piece.stride[axis][k] *= slope;
    }
}
