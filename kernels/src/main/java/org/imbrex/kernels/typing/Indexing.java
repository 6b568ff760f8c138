package org.imbrex.kernels.typing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.expr.Expr.Subscript;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;

/** Basic indexing, transposition, blocks and windows as affine maps. */
final class Indexing {
    private final Nodes nodes;

    Indexing(Nodes nodes) {
        this.nodes = nodes;
    }

    Node index(Node x, List<Subscript> subscripts) {
        Shape shape = x.type().shape();
        List<Subscript> whole = expand(subscripts, shape);
        long[] offset = new long[shape.rank()];
        List<Long> extents = new ArrayList<>();
        List<long[]> walks = new ArrayList<>(); // per result axis: {axis of x or -1, step}
        int axis = 0;
        for (Subscript subscript : whole) {
            switch (subscript) {
                case Subscript.NewAxis newAxis -> {
                    extents.add(1L);
                    walks.add(new long[] {-1, 0});
                }
                case Subscript.At at -> offset[axis] = inside(at.index(), axis++, shape);
                case Subscript.Slice slice -> {
                    long[] cut = cut(slice, shape.extent(axis));
                    offset[axis] = cut[0];
                    extents.add(cut[1]);
                    walks.add(new long[] {axis++, slice.step()});
                }
                case Subscript.Ellipsis ellipsis -> throw new IllegalArgumentException("not expanded");
            }
        }
        long[][] steps = new long[shape.rank()][extents.size()];
        for (int j = 0; j < walks.size(); j++) {
            if (walks.get(j)[0] >= 0) {
                steps[(int) walks.get(j)[0]][j] = walks.get(j)[1];
            }
        }
        return nodes.affine(x, offset, steps, shape(extents));
    }

    private static Shape shape(List<Long> extents) {
        return new Shape(extents.stream().mapToLong(Long::longValue).toArray());
    }

    /** One subscript for each axis: the ellipsis, or what is left off at the end, become whole slices. */
    static List<Subscript> expand(List<Subscript> subscripts, Shape shape) {
        long taken = subscripts.stream()
                .filter(s -> s instanceof Subscript.At || s instanceof Subscript.Slice)
                .count();
        long ellipses =
                subscripts.stream().filter(Subscript.Ellipsis.class::isInstance).count();
        if (ellipses > 1) {
            throw new ShapeException("found " + ellipses + " times ... in an index, expected one at most");
        }
        if (taken > shape.rank()) {
            throw new ShapeException("found " + taken + " indices for an array of shape " + shape
                    + ", expected at most " + shape.rank());
        }
        List<Subscript> rest = Collections.nCopies((int) (shape.rank() - taken), Subscript.all());
        List<Subscript> whole = new ArrayList<>();
        for (Subscript subscript : subscripts) {
            if (subscript instanceof Subscript.Ellipsis) {
                whole.addAll(rest);
            } else {
                whole.add(subscript);
            }
        }
        if (ellipses == 0) {
            whole.addAll(rest);
        }
        return whole;
    }

    private static long inside(long index, int axis, Shape shape) {
        long extent = shape.extent(axis);
        long from = index < 0 ? index + extent : index;
        if (from < 0 || from >= extent) {
            throw new ShapeException("found index " + index + " on axis " + axis + " of an array of shape " + shape
                    + (extent == 0 ? ", which is empty" : ", expected one from " + -extent + " to " + (extent - 1)));
        }
        return from;
    }

    /** {first index, count} as Python's slice.indices. */
    private static long[] cut(Subscript.Slice slice, long extent) {
        long step = slice.step();
        long lowest = step > 0 ? 0 : -1;
        long highest = step > 0 ? extent : extent - 1;
        long from = slice.from().isEmpty()
                ? (step > 0 ? lowest : highest)
                : bound(slice.from().getAsLong(), extent, lowest, highest);
        long to = slice.to().isEmpty()
                ? (step > 0 ? highest : lowest)
                : bound(slice.to().getAsLong(), extent, lowest, highest);
        long span = step > 0 ? to - from : from - to;
        long width = step == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(step);
        long count = span <= 0 ? 0 : (span - 1) / width + 1;
        return new long[] {count == 0 ? 0 : from, count};
    }

    private static long bound(long index, long extent, long lowest, long highest) {
        long from = index < 0 ? Math.max(index, -extent - 1) + extent : index;
        return Math.clamp(from, lowest, highest);
    }

    Node transpose(Node x, Optional<List<Integer>> axes) {
        Shape shape = x.type().shape();
        int rank = shape.rank();
        int[] order = new int[rank];
        if (axes.isEmpty()) {
            Arrays.setAll(order, axis -> rank - 1 - axis);
        } else {
            if (axes.get().size() != rank) {
                throw new ShapeException("found " + axes.get().size() + " axes in transpose of an array of shape "
                        + shape + ", expected " + rank);
            }
            Axes.ascending(axes, shape, "transpose");
            Arrays.setAll(order, axis -> Axes.one(axes.get().get(axis), shape, "transpose"));
        }
        long[] extents = new long[rank];
        long[][] steps = new long[rank][rank];
        for (int j = 0; j < rank; j++) {
            extents[j] = shape.extent(order[j]);
            steps[order[j]][j] = 1;
        }
        return nodes.affine(x, new long[rank], steps, new Shape(extents));
    }

    /** Windows of the leading axis: {@code count} of {@code size} rows each, {@code step} rows apart. */
    Node windows(Node x, long count, long size, long step) {
        Shape shape = x.type().shape();
        int rank = shape.rank();
        long[] extents = new long[rank + 1];
        extents[0] = count;
        extents[1] = size;
        long[][] steps = new long[rank][rank + 1];
        steps[0][0] = step;
        steps[0][1] = 1;
        for (int axis = 1; axis < rank; axis++) {
            extents[axis + 1] = shape.extent(axis);
            steps[axis][axis + 1] = 1;
        }
        return nodes.affine(x, new long[rank], steps, new Shape(extents));
    }

    /** Takes out axes of extent 1. */
    Node drop(Node x, int... axes) {
        Shape shape = x.type().shape();
        List<Long> extents = new ArrayList<>();
        long[][] steps = new long[shape.rank()][shape.rank() - axes.length];
        for (int axis = 0; axis < shape.rank(); axis++) {
            int wanted = axis;
            if (Arrays.stream(axes).noneMatch(a -> a == wanted)) {
                steps[axis][extents.size()] = 1;
                extents.add(shape.extent(axis));
            }
        }
        return nodes.affine(x, new long[shape.rank()], steps, shape(extents));
    }

    /** Puts in an axis of extent 1. */
    Node insert(Node x, int at) {
        Shape shape = x.type().shape();
        long[] extents = new long[shape.rank() + 1];
        extents[at] = 1;
        long[][] steps = new long[shape.rank()][extents.length];
        for (int axis = 0; axis < shape.rank(); axis++) {
            int to = axis < at ? axis : axis + 1;
            extents[to] = shape.extent(axis);
            steps[axis][to] = 1;
        }
        return nodes.affine(x, new long[shape.rank()], steps, new Shape(extents));
    }
}
