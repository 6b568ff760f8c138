package org.imbrex.kernels.loop;

/** A box in which everything is affine: where each frame entry starts and how it moves along each axis. */
final class Part {
    /** Rows shorter than this are not worth a call each. */
    private static final int SHORT = 16;

    private final Frame frame;
    final long[] start;
    final long[][] stride;
    private final long[] extent;
    final boolean[] constant;

    Part(Frame frame, int rank) {
        this(frame, new long[frame.entries()], new long[rank][frame.entries()], new long[rank], new boolean[frame.entries()]);
    }

    private Part(Frame frame, long[] start, long[][] stride, long[] extent, boolean[] constant) {
        this.frame = frame;
        this.start = start;
        this.stride = stride;
        this.extent = extent;
        this.constant = constant;
    }

    Part copy() {
        long[][] strides = new long[stride.length][];
        for (int axis = 0; axis < strides.length; axis++) {
            strides[axis] = stride[axis].clone();
        }
        return new Part(frame, start.clone(), strides, extent.clone(), constant.clone());
    }

    /** Starts at index {@code from} of an axis. */
    void move(int axis, long from, long count) {
        extent[axis] = count;
        for (int k = 0; k < start.length; k++) {
            if (!constant[k]) {
                start[k] += stride[axis][k] * from;
            }
        }
    }

    void constant(int k, long address) {
        constant[k] = true;
        start[k] = address;
        for (long[] along : stride) {
            along[k] = 0;
        }
    }

    void run(MapLoop loop) {
        int axes = order();
        if (axes > 0) {
            moveLast(inner(axes), axes);
        }
        Plane plane = axes == 0 ? null : Plane.of(loop, frame, stride, extent, axes);
        if (plane == null && axes > 1 && extent[axes - 1] < SHORT) {
            moveLast(longest(axes), axes);
            plane = Plane.inPieces(loop, frame, stride, extent, axes);
        }
        if (plane == null && axes > 1 && loop.jam() != null && loop.jam().run(start, stride, extent, axes)) {
            return;
        }
        long[] at = new long[frame.length()];
        System.arraycopy(start, 0, at, 0, start.length);
        int inside = plane == null ? Math.min(axes, 1) : plane.axes();
        if (axes > 0) {
            System.arraycopy(stride[axes - 1], 0, at, start.length, start.length);
        }
        long[] index = new long[axes];
        int axis;
        do {
            if (plane != null) {
                plane.run(at);
            } else {
                row(loop, at, axes == 0 ? 1 : extent[axes - 1]);
            }
            axis = axes - inside - 1;
            while (axis >= 0 && ++index[axis] == extent[axis]) {
                index[axis] = 0;
                for (int k = 0; k < start.length; k++) {
                    at[k] -= stride[axis][k] * (extent[axis] - 1);
                }
                axis--;
            }
            for (int k = 0; axis >= 0 && k < start.length; k++) {
                at[k] += stride[axis][k];
            }
        } while (axis >= 0);
    }

    private int longest(int axes) {
        int longest = axes - 1;
        for (int axis = 0; axis < axes; axis++) {
            longest = extent[axis] > extent[longest] ? axis : longest;
        }
        return longest;
    }

    private void moveLast(int inner, int axes) {
        long[] along = stride[inner];
        long count = extent[inner];
        for (int axis = inner; axis < axes - 1; axis++) {
            stride[axis] = stride[axis + 1];
            extent[axis] = extent[axis + 1];
        }
        stride[axes - 1] = along;
        extent[axes - 1] = count;
    }

    private void row(MapLoop loop, long[] at, long count) {
        int most = Range.MOST;
        if (count <= most) {
            loop.run(at, (int) count);
            return;
        }
        long[] moved = at.clone();
        for (long done = 0; done < count; done += most) {
            loop.run(moved, (int) Math.min(most, count - done));
            for (int k = 0; k < start.length; k++) {
                moved[k] += moved[start.length + k] * most;
            }
        }
    }

    /** Drops axes of extent 1, sorts by the first store's stride, merges what is contiguous together. */
    private int order() {
        int axes = 0;
        int key = frame.stores() > 0 ? frame.store(0) : 0;
        for (int axis = 0; axis < extent.length; axis++) {
            if (extent[axis] == 1) {
                continue;
            }
            long[] along = stride[axis];
            long count = extent[axis];
            int place = axes++;
            while (place > 0 && Math.abs(stride[place - 1][key]) < Math.abs(along[key])) {
                stride[place] = stride[place - 1];
                extent[place] = extent[place - 1];
                place--;
            }
            stride[place] = along;
            extent[place] = count;
        }
        int kept = Math.min(axes, 1);
        for (int axis = 1; axis < axes; axis++) {
            if (merges(stride[kept - 1], stride[axis], extent[axis])) {
                stride[kept - 1] = stride[axis];
                extent[kept - 1] *= extent[axis];
            } else {
                stride[kept] = stride[axis];
                extent[kept++] = extent[axis];
            }
        }
        return kept;
    }

    private static boolean merges(long[] outer, long[] inner, long count) {
        for (int k = 0; k < outer.length; k++) {
            if (outer[k] != inner[k] * count) {
                return false;
            }
        }
        return true;
    }

    /** The axis along which most views move by one element or not at all, stores counting most. */
    private int inner(int axes) {
        int best = axes - 1;
        int most = -1;
        for (int axis = axes - 1; axis >= 0; axis--) {
            int score = 0;
            for (int k = 0; k < frame.loads() + frame.stores(); k++) {
                long step = Math.abs(stride[axis][k]);
                score += step <= 8 ? (k < frame.loads() ? 1 : 2) : 0;
            }
            score = extent[axis] < 16 ? score / 4 : score;
            if (score > most) {
                most = score;
                best = axis;
            }
        }
        return best;
    }
}
