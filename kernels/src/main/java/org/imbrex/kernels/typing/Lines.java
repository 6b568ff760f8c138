package org.imbrex.kernels.typing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.Expr.Subscript;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.LineFunction;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.DTypeException;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;

/** Functions of whole lines, made of {@link Line}s and arithmetic. */
final class Lines {
    /** Quantiles in one call: each is an array of its own. */
    private static final int MOST_QUANTILES = 100;

    private final Nodes nodes;
    private final Indexing indexing;
    private final Histograms histograms;

    Lines(Nodes nodes, Indexing indexing) {
        this.nodes = nodes;
        this.indexing = indexing;
        this.histograms = new Histograms(nodes);
    }

    Node typed(Expr.Lines lines, Node x) {
        LineFunction function = lines.function();
        return switch (function) {
            case SORT -> sorted(lines, x, false);
            case ARGSORT -> sorted(lines, x, true);
            case CUMSUM -> cumulated(lines, x, Combine.SUM);
            case CUMPROD -> cumulated(lines, x, Combine.PROD);
            case QUANTILE, MEDIAN -> quantiles(lines, x);
            case HISTOGRAM -> histograms.counts(x, lines.args());
            case FFT -> transformed(lines, x, Line.Fourier.Kind.FFT);
            case IFFT -> transformed(lines, x, Line.Fourier.Kind.IFFT);
            case RFFT -> realTransformed(lines, x);
            case IRFFT -> realInverse(lines, x);
        };
    }

    // ---- one axis

    private Node sorted(Expr.Lines lines, Node x, boolean indices) {
        Shape shape = x.type().shape();
        int axis = Axes.one(lines.axes().map(List::getFirst).orElse(-1), shape, lines.function().text());
        long n = shape.extent(axis);
        if (indices && n > Integer.MAX_VALUE) {
            throw new ShapeException("found " + n + " elements along axis " + axis
                    + " in argsort, expected at most " + Integer.MAX_VALUE);
        }
        return line(indices ? new Line.ArgSort(n) : new Line.Sort(n), x, axis, shape);
    }

    private Node cumulated(Expr.Lines lines, Node x, Combine how) {
        DType dtype = x.type().dtype();
        Node cast = nodes.cast(x, dtype.isFloat() ? dtype : DType.I64);
        Shape shape = x.type().shape();
        if (lines.axes().isEmpty()) {
            cast = nodes.reshape(cast, new Shape(shape.elements()));
            shape = cast.type().shape();
        }
        int axis = lines.axes().isEmpty()
                ? 0
                : Axes.one(lines.axes().get().getFirst(), shape, lines.function().text());
        return line(new Line.Cumulate(how, shape.extent(axis), false), cast, axis, shape);
    }

    private Node line(Line line, Node x, int axis, Shape shape) {
        return nodes.one(new Node.Lines(line, x, axis, new ArrayType(line.result(x.type().dtype()), shape)));
    }

    // ---- quantiles

    private Node quantiles(Expr.Lines lines, Node x) {
        String name = lines.function().text();
        Shape shape = x.type().shape();
        int[] axes = Axes.ascending(lines.axes(), shape, name);
        boolean several = lines.args().size() > 1;
        if (lines.args().size() > MOST_QUANTILES) {
            throw new ShapeException("found " + lines.args().size() + " quantiles in one call, expected at most "
                    + MOST_QUANTILES);
        }
        for (Expr.Literal q : lines.args()) {
            if (!(q.real() >= 0 && q.real() <= 1)) {
                throw new DTypeException("found the quantile " + q.real() + ", expected one from 0 to 1");
            }
        }
        Node last = gathered(x, axes);
        long n = last.type().shape().extent(last.type().shape().rank() - 1);
        if (n == 0) {
            throw new ShapeException("found no elements in an array of shape " + shape + ", expected at least one for "
                    + name);
        }
        List<Node> results = new ArrayList<>();
        Ranks ranks = new Ranks(last, n);
        if (lines.function() == LineFunction.MEDIAN) {
            ranks.want((n - 1) / 2);
            ranks.want(n / 2);
            results.add(median(ranks, n));
        } else {
            for (Expr.Literal q : lines.args()) {
                long below = (long) Math.floor((n - 1) * q.real());
                ranks.want(below);
                ranks.want(Math.min(below + 1, n - 1));
            }
            for (Expr.Literal q : lines.args()) {
                results.add(quantile(ranks, (n - 1) * q.real(), n));
            }
        }
        List<Node> kept = new ArrayList<>();
        for (Node result : results) {
            Node with = result;
            for (int axis : lines.keepdims() ? axes : new int[0]) {
                with = indexing.insert(with, axis);
            }
            kept.add(several ? indexing.insert(with, 0) : with);
        }
        return several ? nodes.concat(kept, 0) : kept.getFirst();
    }

    /** The reduced axes as one axis, the last. */
    private Node gathered(Node x, int[] axes) {
        Shape shape = x.type().shape();
        List<Integer> order = new ArrayList<>();
        long n = 1;
        List<Long> extents = new ArrayList<>();
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (Arrays.binarySearch(axes, axis) < 0) {
                order.add(axis);
                extents.add(shape.extent(axis));
            }
        }
        for (int axis : axes) {
            order.add(axis);
            n *= shape.extent(axis);
        }
        extents.add(n);
        return nodes.reshape(
                indexing.transpose(x, Optional.of(order)),
                new Shape(extents.stream().mapToLong(Long::longValue).toArray()));
    }

    /** The elements of a few ranks of each line along the last axis, as the result's dtype. */
    private final class Ranks {
        private final Node x;
        private final long n;
        private final TreeSet<Long> wanted = new TreeSet<>();

        Ranks(Node x, long n) {
            this.x = x;
            this.n = n;
            if (x.type().dtype().isFloat()) {
                wanted.add(n - 1); // a NaN is the last
            }
        }

        void want(long rank) {
            wanted.add(rank);
        }

        DType dtype() {
            DType dtype = x.type().dtype();
            return dtype.isFloat() ? dtype : DType.F64;
        }

        Node at(long rank) {
            List<Long> ranks = List.copyOf(wanted);
            int axis = x.type().shape().rank() - 1;
            long[] extents = x.type().shape().extents();
            extents[axis] = ranks.size();
            Node selected = line(new Line.Select(n, ranks), x, axis, new Shape(extents));
            Node element = indexing.index(
                    selected, List.of(new Subscript.Ellipsis(), new Subscript.At(ranks.indexOf(rank))));
            return nodes.cast(element, dtype());
        }

        /** The value, or NaN where a line has one. */
        Node unlessNaN(Node value) {
            if (!x.type().dtype().isFloat()) {
                return value;
            }
            Node top = at(n - 1);
            Node isNaN = nodes.apply(Function.NE, List.of(top, top), DType.BOOL);
            return nodes.apply(Function.WHERE, List.of(isNaN, top, value), dtype());
        }
    }

    private Node median(Ranks ranks, long n) {
        Node low = ranks.at((n - 1) / 2);
        if (n % 2 == 1) {
            return ranks.unlessNaN(low);
        }
        Node sum = nodes.apply(Function.ADD, List.of(low, ranks.at(n / 2)), ranks.dtype());
        return ranks.unlessNaN(
                nodes.apply(Function.DIV, List.of(sum, constant(2, ranks.dtype())), ranks.dtype()));
    }

    /** NumPy's linear interpolation: from the nearer of the two neighbours. */
    private Node quantile(Ranks ranks, double at, long n) {
        DType dtype = ranks.dtype();
        long below = (long) Math.floor(at);
        double t = at - below;
        Node a = ranks.at(below);
        Node b = ranks.at(Math.min(below + 1, n - 1));
        Node difference = nodes.apply(Function.SUB, List.of(b, a), dtype);
        Node way = nodes.apply(
                Function.MUL, List.of(difference, constant(t >= 0.5 ? 1 - t : t, dtype)), dtype);
        return ranks.unlessNaN(
                t >= 0.5
                        ? nodes.apply(Function.SUB, List.of(b, way), dtype)
                        : nodes.apply(Function.ADD, List.of(a, way), dtype));
    }

    private Node constant(double value, DType dtype) {
        return nodes.cast(nodes.constant(DType.F64, Double.doubleToRawLongBits(value)), dtype);
    }

    // ---- Fourier transforms

    private Node transformed(Expr.Lines lines, Node x, Line.Fourier.Kind kind) {
        Node result = floats(x);
        for (int axis : complexAxes(lines, x)) {
            result = transformed(result, axis, kind, lines);
        }
        return result;
    }

    private Node transformed(Node x, int axis, Line.Fourier.Kind kind, Expr.Lines lines) {
        long n = x.type().shape().extent(axis);
        checkLength(n, lines);
        return line(new Line.Fourier(n, kind), x, axis, x.type().shape());
    }

    private static void checkLength(long n, Expr.Lines lines) {
        if (n < 1 || n > 1 << 28) {
            throw new ShapeException("found " + n + " elements along an axis in " + lines.function().text()
                    + ", expected from 1 to " + (1 << 28));
        }
    }

    private Node realTransformed(Expr.Lines lines, Node x) {
        Shape shape = x.type().shape();
        List<Integer> axes = inOrder(lines, shape);
        int last = axes.getLast();
        long n = shape.extent(last);
        checkLength(n, lines);
        long[] extents = Arrays.copyOf(shape.extents(), shape.rank() + 1);
        extents[last] = n / 2 + 1;
        extents[shape.rank()] = 2;
        Node result = line(new Line.Fourier(n, Line.Fourier.Kind.RFFT), floats(x), last, new Shape(extents));
        for (int axis : axes.subList(0, axes.size() - 1)) {
            result = transformed(result, axis, Line.Fourier.Kind.FFT, lines);
        }
        return result;
    }

    private Node realInverse(Expr.Lines lines, Node x) {
        List<Integer> axes = complexAxes(lines, x);
        int last = axes.getLast();
        long given = x.type().shape().extent(last);
        long n = lines.args().isEmpty() ? 2 * (given - 1) : whole(lines.args().getFirst(), "irfft");
        checkLength(n, lines);
        if (given < n / 2 + 1) {
            throw new ShapeException("found " + given + " pairs along axis " + last + " in irfft of length " + n
                    + ", expected at least " + (n / 2 + 1));
        }
        Node result = floats(x);
        for (int axis : axes.subList(0, axes.size() - 1)) {
            result = transformed(result, axis, Line.Fourier.Kind.IFFT, lines);
        }
        result = nodes.cut(result, last, 0, n / 2 + 1);
        long[] extents = result.type().shape().extents();
        extents[last] = n;
        return line(
                new Line.Fourier(n, Line.Fourier.Kind.IRFFT),
                result,
                last,
                new Shape(Arrays.copyOf(extents, extents.length - 1)));
    }

    private Node floats(Node x) {
        DType dtype = x.type().dtype();
        return nodes.cast(x, dtype.isFloat() ? dtype : DType.F64);
    }

    /** The axes of an array of pairs, the last one not counted. */
    private static List<Integer> complexAxes(Expr.Lines lines, Node x) {
        Shape shape = x.type().shape();
        String name = lines.function().text();
        if (shape.rank() < 2 || shape.extent(shape.rank() - 1) != 2) {
            throw new ShapeException("found shape " + shape + " in " + name + ", expected complex numbers: pairs"
                    + " (re, im) along a last axis of extent 2, with an axis before"
                    + (lines.function() == LineFunction.FFT ? "; of real numbers take rfft" : ""));
        }
        return inOrder(lines, new Shape(Arrays.copyOf(shape.extents(), shape.rank() - 1)));
    }

    /** As written, from the front; the last one where none is. */
    private static List<Integer> inOrder(Expr.Lines lines, Shape shape) {
        String name = lines.function().text();
        Axes.ascending(lines.axes(), shape, name);
        return lines.axes().orElse(List.of(-1)).stream()
                .map(axis -> Axes.one(axis, shape, name))
                .toList();
    }

    static long whole(Expr.Literal literal, String name) {
        if (literal.kind() != DType.I64) {
            throw new DTypeException("found " + literal.real() + " in " + name + ", expected an integer");
        }
        return literal.bits();
    }
}
