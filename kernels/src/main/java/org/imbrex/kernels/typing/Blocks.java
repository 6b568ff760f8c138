package org.imbrex.kernels.typing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.Expr.Subscript;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;
import org.imbrex.kernels.typing.Typed.Ragged;

/**
 * Blocks and windows of the leading axis. Blocks whose last is shorter are no array: the full ones and the last go
 * through elementwise operations side by side until a reduction over the rows makes them one array again.
 */
final class Blocks {
    private final Nodes nodes;
    private final Indexing indexing;

    Blocks(Nodes nodes, Indexing indexing) {
        this.nodes = nodes;
        this.indexing = indexing;
    }

    Typed blocks(Node x, long size) {
        long rows = leading(x, "blocks");
        long full = rows / size;
        long left = rows % size;
        Node whole = indexing.windows(x, full, size, size);
        if (left == 0) {
            return Typed.strong(whole);
        }
        Node last = indexing.windows(nodes.cut(x, 0, full * size, left), 1, left, 1);
        return new Typed(whole, false, Optional.of(new Ragged(last, 0, full, size, left)));
    }

    Node rolling(Node x, long size) {
        long rows = leading(x, "rolling");
        if (size > rows) {
            throw new ShapeException("found windows of " + size + " rows over an array of shape "
                    + x.type().shape() + ", expected at most its " + rows + " rows");
        }
        return indexing.windows(x, rows - size + 1, size, 1);
    }

    private static long leading(Node x, String what) {
        if (x.type().shape().rank() == 0) {
            throw new ShapeException("found a scalar in " + what + ", expected an array with rows");
        }
        return x.type().shape().extent(0);
    }

    /** What is no array yet, where an array must be. */
    static ShapeException refused(Ragged ragged, String where) {
        return new ShapeException("found " + where + " blocks of " + ragged.size() + " rows whose last has "
                + ragged.rows()
                + ", expected elementwise operations and then a reduction over the rows, as mean(blocks(x, "
                + ragged.size() + "), axis=" + (ragged.axis() + 1) + "); or leave the last block out, as blocks(x[:"
                + ragged.full() * ragged.size() + "], " + ragged.size() + ")");
    }

    // ---- elementwise

    /**
     * The function of the full blocks, and that of the last; arguments that are no blocks are cut alike.
     *
     * @param args at least one of them ragged
     */
    Typed elementwise(List<Typed> args, Function<List<Typed>, Typed> function) {
        Shape shape = Shape.SCALAR;
        for (Typed arg : args) {
            shape = shape.broadcast(arg.shape());
        }
        Ragged first = null;
        int axis = -1;
        for (Typed arg : args) {
            if (arg.ragged().isPresent()) {
                Ragged ragged = arg.ragged().get();
                int at = shape.rank() - arg.shape().rank() + ragged.axis();
                if (first != null && (at != axis || !ragged.fits(first))) {
                    throw refused(first, "other blocks beside");
                }
                first = ragged;
                axis = at;
            }
        }
        if (shape.extent(axis) != first.full() + 1) {
            throw refused(first, "more blocks beside");
        }
        List<Typed> whole = new ArrayList<>();
        List<Typed> last = new ArrayList<>();
        for (Typed arg : args) {
            whole.add(arg.with(arg.ragged().isPresent() ? arg.node() : fullOf(arg.node(), shape, axis, first)));
            last.add(arg.with(arg.ragged().map(Ragged::last).orElse(lastOf(arg.node(), shape, axis, first))));
        }
        Typed result = function.apply(whole);
        return new Typed(
                result.node(),
                false,
                Optional.of(first.with(function.apply(last).node(), axis)));
    }

    private Node fullOf(Node arg, Shape shape, int axis, Ragged ragged) {
        int at = axis - shape.rank() + arg.type().shape().rank();
        boolean hasBlocks = at >= 0 && arg.type().shape().extent(at) > 1;
        return hasBlocks ? nodes.cut(arg, at, 0, ragged.full()) : arg;
    }

    private Node lastOf(Node arg, Shape shape, int axis, Ragged ragged) {
        Node last = arg;
        int at = axis - shape.rank() + arg.type().shape().rank();
        if (at >= 0 && last.type().shape().extent(at) > 1) {
            last = nodes.cut(last, at, ragged.full(), 1);
        }
        if (at + 1 >= 0 && last.type().shape().extent(at + 1) > 1) {
            last = nodes.cut(last, at + 1, 0, ragged.rows());
        }
        return last;
    }

    // ---- indexing

    /** Subscripts that leave the blocks and their rows whole. */
    Typed index(Typed x, Ragged ragged, List<Subscript> subscripts) {
        List<Subscript> whole = Indexing.expand(subscripts, x.shape());
        int axis = 0;
        int made = 0;
        int at = -1;
        for (Subscript subscript : whole) {
            if (subscript instanceof Subscript.NewAxis) {
                if (axis == ragged.axis() + 1) {
                    throw refused(ragged, "None inside");
                }
                made++;
                continue;
            }
            at = axis == ragged.axis() ? made : at;
            if ((axis == ragged.axis() || axis == ragged.axis() + 1) && !subscript.equals(Subscript.all())) {
                throw refused(ragged, "an index of");
            }
            made += subscript instanceof Subscript.At ? 0 : 1;
            axis++;
        }
        return x.map(node -> indexing.index(node, whole), at);
    }

    // ---- reductions

    /** @param reduction of one array along ascending axes */
    Typed reduce(Typed x, Ragged ragged, Expr.Reduce reduce, BiFunction<Node, int[], Node> reduction) {
        int[] axes = Axes.ascending(reduce.axes(), x.shape(), reduce.reduction().text());
        int axis = ragged.axis();
        boolean overBlocks = Arrays.binarySearch(axes, axis) >= 0;
        boolean overRows = Arrays.binarySearch(axes, axis + 1) >= 0;
        if (overBlocks && overRows) {
            int[] joined = Arrays.stream(axes)
                    .filter(a -> a != axis + 1)
                    .map(a -> a > axis ? a - 1 : a)
                    .toArray();
            Node rows = nodes.concat(List.of(joined(x.node(), axis), joined(ragged.last(), axis)), axis);
            Node result = reduction.apply(rows, joined);
            return Typed.strong(reduce.keepdims() ? indexing.insert(result, axis) : result);
        }
        if (overBlocks) {
            throw refused(ragged, reduce.reduction().text() + " over the blocks, not their rows, of");
        }
        int before = (int) Arrays.stream(axes).filter(a -> a < axis).count();
        Typed result = x.map(node -> reduction.apply(node, axes), reduce.keepdims() ? axis : axis - before);
        if (!overRows) {
            return result;
        }
        Ragged parts = result.ragged().orElseThrow();
        return Typed.strong(nodes.concat(List.of(result.node(), parts.last()), parts.axis()));
    }

    /** The rows of all blocks along one axis. */
    private Node joined(Node x, int axis) {
        long[] extents = x.type().shape().extents();
        long[] joined = new long[extents.length - 1];
        System.arraycopy(extents, 0, joined, 0, axis);
        joined[axis] = extents[axis] * extents[axis + 1];
        System.arraycopy(extents, axis + 2, joined, axis + 1, joined.length - axis - 1);
        return nodes.reshape(x, new Shape(joined));
    }
}
