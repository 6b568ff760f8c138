package org.imbrex.kernels.typing;

import java.util.List;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.DTypeException;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;

/**
 * Histograms: each element's bin by arithmetic, counts of pieces of the elements in row-major order, and the sum of
 * those. As in NumPy a bin holds what is not below its lower edge and below its upper one, the last bin its upper edge
 * too, and edges are rounded to the elements' dtype.
 */
final class Histograms {
    /** Elements whose bins are counted together; more where there are many bins, so that counts stay few. */
    private static final long PIECE = 1 << 16;

    private static final int PIECE_OF_BINS = 16;
    private static final int MOST_BINS = 1 << 24;

    private final Nodes nodes;

    Histograms(Nodes nodes) {
        this.nodes = nodes;
    }

    Node counts(Node x, List<Expr.Literal> args) {
        long bins = Lines.whole(args.get(0), "bins of histogram");
        double lo = args.get(1).real();
        double hi = args.get(2).real();
        if (bins < 1 || bins > MOST_BINS) {
            throw new ShapeException("found " + bins + " bins in histogram, expected from 1 to " + MOST_BINS);
        }
        if (!(lo <= hi) || Double.isInfinite(hi - lo)) {
            throw new DTypeException("found the range from " + lo + " to " + hi + " in histogram, expected finite"
                    + " numbers, the first one not above the second");
        }
        if (lo == hi) {
            lo -= 0.5;
            hi += 0.5;
        }
        long n = x.type().shape().elements();
        Shape result = new Shape(bins);
        if (n == 0) {
            return nodes.affine(nodes.constant(DType.I64, 0), new long[0], new long[0][], result);
        }
        Node bin = bin(nodes.reshape(x, new Shape(n)), (int) bins, lo, hi);
        long piece = Math.max(PIECE, PIECE_OF_BINS * bins);
        long whole = n / piece;
        if (whole <= 1) {
            return count(bin, 0, n, bins, result);
        }
        Node pieces = nodes.affine(
                bin, new long[1], new long[][] {{piece, 1}}, new Shape(whole, piece));
        Node partial = count(pieces, 1, piece, bins, new Shape(whole, bins));
        Node sum = nodes.one(
                new Node.Reduce(Reduction.SUM, partial, new int[] {0}, false, new ArrayType(DType.I64, result)));
        long rest = n - whole * piece;
        return rest == 0
                ? sum
                : nodes.apply(
                        Function.ADD,
                        List.of(sum, count(nodes.cut(bin, 0, whole * piece, rest), 0, rest, bins, result)),
                        DType.I64);
    }

    private Node count(Node bin, int axis, long n, long bins, Shape shape) {
        return nodes.one(new Node.Lines(new Line.Count(n, (int) bins), bin, axis, new ArrayType(DType.I64, shape)));
    }

    /** The number of each element's bin, as i32; -1 for none. */
    private Node bin(Node of, int bins, double lo, double hi) {
        DType dtype = of.type().dtype();
        Node x = nodes.cast(of, DType.F64);
        Node number = nodes.cast(
                apply(Function.MUL, apply(Function.SUB, x, real(lo)), real(bins / (hi - lo))), DType.I32);
        number = apply(Function.MINIMUM, apply(Function.MAXIMUM, number, integer(0)), integer(bins - 1));
        // rounding may be one off: the edges decide
        Node next = apply(Function.ADD, number, integer(1));
        Node below = compare(Function.LT, x, edge(number, dtype, bins, lo, hi));
        Node above = compare(
                Function.AND,
                compare(Function.GE, x, edge(next, dtype, bins, lo, hi)),
                compare(Function.LT, next, integer(bins)));
        Node moved = where(below, apply(Function.SUB, number, integer(1)), where(above, next, number));
        Node inside = compare(
                Function.AND,
                compare(Function.GE, x, real(rounded(lo, dtype))),
                compare(Function.LE, x, real(rounded(hi, dtype))));
        return where(inside, moved, integer(-1));
    }

    private Node edge(Node number, DType dtype, int bins, double lo, double hi) {
        Node edge = apply(
                Function.ADD, apply(Function.MUL, nodes.cast(number, DType.F64), real((hi - lo) / bins)), real(lo));
        return dtype == DType.F32 ? nodes.cast(nodes.cast(edge, DType.F32), DType.F64) : edge;
    }

    private static double rounded(double value, DType dtype) {
        return dtype == DType.F32 ? (float) value : value;
    }

    private Node real(double value) {
        return nodes.constant(DType.F64, Double.doubleToRawLongBits(value));
    }

    private Node integer(int value) {
        return nodes.constant(DType.I32, value);
    }

    private Node apply(Function function, Node a, Node b) {
        return nodes.apply(function, List.of(a, b), a.type().dtype());
    }

    private Node compare(Function function, Node a, Node b) {
        return nodes.apply(function, List.of(a, b), DType.BOOL);
    }

    private Node where(Node condition, Node yes, Node no) {
        return nodes.apply(Function.WHERE, List.of(condition, yes, no), yes.type().dtype());
    }
}
