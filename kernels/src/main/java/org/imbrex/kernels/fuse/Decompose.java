package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/**
 * Rewrites every reduction in terms of SUM, PROD, MIN and MAX over one run of adjacent axes of extents above 0.
 *
 * <p>Axes that are not adjacent are reduced run by run, the innermost first: that is the canonical order. The variance
 * is the mean of the squared distances to the mean, which is computed before.
 */
final class Decompose {
    private final Map<Node, Node> done = new IdentityHashMap<>();

    Node rewrite(Node node) {
        Node known = done.get(node);
        if (known == null) {
            known = switch (node) {
                case Node.Input input -> input;
                case Node.Constant constant -> constant;
                case Node.Position position -> position;
                case Node.Apply apply -> new Node.Apply(apply.function(), all(apply.args()), apply.type());
                case Node.Cast cast -> new Node.Cast(rewrite(cast.x()), cast.type());
                case Node.Affine affine ->
                    new Node.Affine(rewrite(affine.x()), affine.offset(), affine.steps(), affine.type());
                case Node.Shift shift ->
                    new Node.Shift(rewrite(shift.x()), shift.by(), shift.mode(), shift.fill(), shift.type());
                case Node.Reshape reshape -> new Node.Reshape(rewrite(reshape.x()), reshape.type());
                case Node.Concat concat -> new Node.Concat(all(concat.parts()), concat.axis(), concat.type());
                case Node.MatMul product -> new Node.MatMul(rewrite(product.a()), rewrite(product.b()), product.type());
                case Node.Reduce reduce ->
                    new Reducing(rewrite(reduce.x()), reduce.axes(), reduce.keepdims(), reduce.type())
                            .made(reduce.reduction());
            };
            done.put(node, known);
        }
        return known;
    }

    private List<Node> all(List<Node> nodes) {
        List<Node> rewritten = new ArrayList<>(nodes.size());
        for (Node node : nodes) {
            rewritten.add(rewrite(node));
        }
        return rewritten;
    }

    /** One reduction's operand and axes, for which the primitive ones are made. */
    private record Reducing(Node x, int[] axes, boolean keepdims, ArrayType type) {

        Node made(Reduction reduction) {
            boolean floats = x.type().dtype().isFloat();
            return switch (reduction) {
                case SUM -> combined(Combine.SUM, x, type.dtype());
                case PROD -> combined(Combine.PROD, x, type.dtype());
                case MIN -> extreme(Combine.MIN, x);
                case MAX -> extreme(Combine.MAX, x);
                case MEAN -> apply(Function.DIV, sum(x), real(count()));
                case VAR -> variance();
                case STD -> apply(Function.SQRT, variance());
                case ARGMIN -> argument(Combine.MIN);
                case ARGMAX -> argument(Combine.MAX);
                case ANY -> cast(combined(Combine.MAX, cast(cast(x, DType.BOOL), DType.I32), DType.I32), DType.BOOL);
                case ALL -> cast(combined(Combine.MIN, cast(cast(x, DType.BOOL), DType.I32), DType.I32), DType.BOOL);
                case COUNT -> combined(Combine.SUM, cast(cast(x, DType.BOOL), DType.I64), DType.I64);
                case NANSUM -> combined(Combine.SUM, floats ? orElse(0) : x, type.dtype());
                case NANPROD -> combined(Combine.PROD, floats ? orElse(1) : x, type.dtype());
                case NANMEAN -> apply(Function.DIV, sum(floats ? orElse(0) : x), present());
                case NANVAR -> floats ? nanVariance() : variance();
                case NANSTD -> apply(Function.SQRT, floats ? nanVariance() : variance());
                case NANMIN -> floats ? nanExtreme(Combine.MIN) : extreme(Combine.MIN, x);
                case NANMAX -> floats ? nanExtreme(Combine.MAX) : extreme(Combine.MAX, x);
            };
        }

        private long count() {
            long n = 1;
            for (int axis : axes) {
                n *= x.type().shape().extent(axis);
            }
            return n;
        }

        private Node sum(Node of) {
            return combined(Combine.SUM, of, of.type().dtype());
        }

        private Node extreme(Combine combine, Node of) {
            return of.type().dtype() == DType.BOOL
                    ? cast(combined(combine, cast(of, DType.I32), DType.I32), DType.BOOL)
                    : combined(combine, of, of.type().dtype());
        }

        private Node variance() {
            Node distance = apply(Function.SUB, x, kept().made(Reduction.MEAN));
            return apply(Function.DIV, sum(apply(Function.MUL, distance, distance)), real(count()));
        }

        private Node nanVariance() {
            Node distance = apply(Function.SUB, x, kept().made(Reduction.NANMEAN));
            Node squares = apply(Function.MUL, distance, distance);
            Node summed = where(isNaN(x), real(0), squares);
            return apply(Function.DIV, sum(summed), present());
        }

        private Node nanExtreme(Combine combine) {
            DType dtype = x.type().dtype();
            Node identity = constant(dtype, combine.identity(dtype.scalar()));
            Node found = combined(combine, where(isNaN(x), identity, x), dtype);
            Node none = apply(Function.EQ, present(), real(0));
            return where(none, real(Double.NaN), found);
        }

        /** The first index whose element equals the extremum; a NaN is the extremum, and equals the first NaN. */
        private Node argument(Combine combine) {
            Node of = x.type().dtype() == DType.BOOL ? cast(x, DType.I32) : x;
            Node best = new Reducing(of, axes, true, keptType(of.type().dtype())).extreme(combine, of);
            Node here = apply(Function.EQ, of, best);
            if (of.type().dtype().isFloat()) {
                here = apply(Function.OR, here, apply(Function.AND, isNaN(of), isNaN(best)));
            }
            Node position = new Node.Position(axes, new ArrayType(DType.I64, of.type().shape()));
            Node candidate = where(here, position, constant(DType.I64, Long.MAX_VALUE));
            return combined(Combine.MIN, candidate, DType.I64);
        }

        /** How many are no NaN, as the result's float dtype. */
        private Node present() {
            if (!x.type().dtype().isFloat()) {
                return real(count());
            }
            Node there = apply(Function.EQ, x, x);
            return cast(combined(Combine.SUM, cast(there, DType.I64), DType.I64), type.dtype());
        }

        private Node orElse(double value) {
            return where(isNaN(x), real(value), x);
        }

        private Reducing kept() {
            return new Reducing(x, axes, true, keptType(type.dtype()));
        }

        private ArrayType keptType(DType dtype) {
            long[] extents = x.type().shape().extents();
            for (int axis : axes) {
                extents[axis] = 1;
            }
            return new ArrayType(dtype, new Shape(extents));
        }

        private Node combined(Combine combine, Node of, DType dtype) {
            ArrayType result = new ArrayType(dtype, type.shape());
            if (axes.length == 0) {
                return of;
            }
            if (count() == 0) {
                Node value = constant(dtype, empty(combine, dtype.scalar()));
                return new Node.Affine(value, new long[0], new long[0][], result);
            }
            int first = axes.length - 1;
            while (first > 0 && axes[first - 1] == axes[first] - 1) {
                first--;
            }
            if (first == 0) {
                return new Node.Reduce(reduction(combine), of, axes, keepdims, result);
            }
            int[] inner = java.util.Arrays.copyOfRange(axes, first, axes.length);
            int[] outer = java.util.Arrays.copyOf(axes, first);
            long[] extents = of.type().shape().extents();
            for (int axis : inner) {
                extents[axis] = 1;
            }
            Node partly = new Node.Reduce(
                    reduction(combine), of, inner, true, new ArrayType(dtype, new Shape(extents)));
            if (keepdims) {
                return new Reducing(partly, outer, true, result).combined(combine, partly, dtype);
            }
            Node rest = new Reducing(partly, outer, true, keptType(dtype)).combined(combine, partly, dtype);
            return new Node.Reshape(rest, result);
        }

        private static long empty(Combine combine, ScalarType type) {
            return combine == Combine.SUM ? 0 : combine.identity(type);
        }

        private static Reduction reduction(Combine combine) {
            return switch (combine) {
                case SUM -> Reduction.SUM;
                case PROD -> Reduction.PROD;
                case MIN -> Reduction.MIN;
                case MAX -> Reduction.MAX;
            };
        }

        private Node real(double value) {
            DType dtype = type.dtype().isFloat() ? type.dtype() : x.type().dtype();
            return constant(
                    dtype, dtype == DType.F32 ? Semantics.bits((float) value) : Semantics.bits(value));
        }

        private static Node constant(DType dtype, long bits) {
            return new Node.Constant(bits, new ArrayType(dtype, Shape.SCALAR));
        }

        private static Node isNaN(Node of) {
            return apply(Function.NE, of, of);
        }

        private static Node where(Node condition, Node yes, Node no) {
            Shape shape = condition.type().shape().broadcast(yes.type().shape()).broadcast(no.type().shape());
            return new Node.Apply(
                    Function.WHERE, List.of(condition, yes, no), new ArrayType(yes.type().dtype(), shape));
        }

        private static Node apply(Function function, Node... args) {
            Shape shape = Shape.SCALAR;
            for (Node arg : args) {
                shape = shape.broadcast(arg.type().shape());
            }
            boolean compares = function == Function.EQ || function == Function.NE;
            return new Node.Apply(
                    function, List.of(args), new ArrayType(compares ? DType.BOOL : args[0].type().dtype(), shape));
        }

        private static Node cast(Node of, DType dtype) {
            return of.type().dtype() == dtype ? of : new Node.Cast(of, new ArrayType(dtype, of.type().shape()));
        }
    }
}
