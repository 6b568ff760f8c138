package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/**
 * Rewrites every reduction in terms of SUM, PROD, MIN and MAX over one run of adjacent axes of extents above 0.
 *
 * <p>Axes that are not adjacent are reduced run by run, the innermost first: that is the canonical order.
 */
final class Decompose {
    /** One reduction of one operand: made once, however many others are made of it. */
    private record Made(Reduction reduction, int x, List<Integer> axes, boolean keepdims) {}

    /** The share of the elements whose mean stands in for the mean of all where a variance is computed. */
    private static final int FEW = 64;

    private final Map<Node, Node> done = new IdentityHashMap<>();
    private final Map<Node, Integer> numbers = new IdentityHashMap<>();
    private final Map<Made, Node> made = new HashMap<>();
    private final Map<Node.Iteration, Node.Iteration> iterations = new HashMap<>();

    /** The rewritten roots; what they share is shared still. */
    static List<Node> rewrite(List<Node> roots) {
        Decompose decompose = new Decompose();
        for (Node node : Nodes.order(roots, Decompose::parts)) {
            decompose.done.put(node, decompose.rewritten(node));
        }
        return decompose.all(roots);
    }

    private static List<Node> parts(Node node) {
        return node instanceof Node.Iterated iterated
                ? Nodes.both(iterated.iteration().starts(), iterated.iteration().nexts())
                : Nodes.children(node);
    }

    private Node rewritten(Node node) {
        return switch (node) {
            case Node.State state -> state;
            case Node.Random random -> random;
            case Node.Iterated iterated -> {
                Node.Iteration of = iterated.iteration();
                Node.Iteration closed = iterations.computeIfAbsent(
                        of, it -> Closing.close(it, all(it.starts()), all(it.nexts())));
                yield new Node.Iterated(closed, iterated.field(), iterated.type());
            }
            case Node.Input input -> input;
            case Node.Constant constant -> constant;
            case Node.Position position -> position;
            case Node.Apply apply -> new Node.Apply(apply.function(), all(apply.args()), apply.type());
            case Node.Cast cast -> new Node.Cast(done.get(cast.x()), cast.type());
            case Node.Affine affine ->
                new Node.Affine(done.get(affine.x()), affine.offset(), affine.steps(), affine.type());
            case Node.Shift shift -> shifted(shift, done.get(shift.x()));
            case Node.Reshape reshape -> new Node.Reshape(done.get(reshape.x()), reshape.type());
            case Node.Concat concat -> new Node.Concat(all(concat.parts()), concat.axis(), concat.type());
            case Node.MatMul product -> new Node.MatMul(done.get(product.a()), done.get(product.b()), product.type());
            case Node.Lines lines -> new Node.Lines(lines.line(), done.get(lines.x()), lines.axis(), lines.type());
            case Node.Reduce reduce ->
                new Reducing(done.get(reduce.x()), reduce.axes(), reduce.keepdims(), reduce.type())
                        .made(reduce.reduction());
        };
    }

    /** A shift of a shift is one shift where the two go the same way. */
    private static Node shifted(Node.Shift shift, Node x) {
        if (x instanceof Node.Shift inner && inner.mode() == shift.mode() && inner.fill() == shift.fill()) {
            long[] by = inner.by().clone();
            boolean one = true;
            for (int axis = 0; axis < by.length; axis++) {
                one &= goTheSameWay(by[axis], shift.by()[axis], shift.mode());
                by[axis] += shift.by()[axis];
            }
            if (one) {
                return new Node.Shift(inner.x(), by, shift.mode(), shift.fill(), shift.type());
            }
        }
        return new Node.Shift(x, shift.by(), shift.mode(), shift.fill(), shift.type());
    }

    private static boolean goTheSameWay(long inner, long outer, EdgeMode mode) {
        if (inner == 0 || outer == 0) {
            return true;
        }
        return switch (mode) {
            case WRAP -> true;
            case EDGE, CONSTANT -> inner > 0 == outer > 0;
            case REFLECT, SYMMETRIC -> false;
        };
    }

    private List<Node> all(List<Node> nodes) {
        List<Node> rewritten = new ArrayList<>(nodes.size());
        for (Node node : nodes) {
            rewritten.add(done.get(node));
        }
        return rewritten;
    }

    /** One reduction's operand and axes, for which the primitive ones are made. */
    private final class Reducing {
        private final Node x;
        private final int[] axes;
        private final boolean keepdims;
        private final ArrayType type;

        /** @param type of the result */
        Reducing(Node x, int[] axes, boolean keepdims, ArrayType type) {
            this.x = x;
            this.axes = axes;
            this.keepdims = keepdims;
            this.type = type;
        }

        Node made(Reduction reduction) {
            int number = numbers.computeIfAbsent(x, node -> numbers.size());
            Made key = new Made(reduction, number, Arrays.stream(axes).boxed().toList(), keepdims);
            Node known = made.get(key);
            if (known == null) {
                known = make(reduction);
                made.put(key, known);
            }
            return known;
        }

        private Node make(Reduction reduction) {
            boolean floats = x.type().dtype().isFloat();
            return switch (reduction) {
                case SUM -> isCount() ? counted(((Node.Cast) x).x()) : sum(x);
                case PROD -> combined(Combine.PROD, x, type.dtype());
                case MIN -> extreme(Combine.MIN, x);
                case MAX -> extreme(Combine.MAX, x);
                case MEAN -> apply(Function.DIV, sum(x), real(count()));
                case VAR -> variance();
                case STD -> apply(Function.SQRT, made(Reduction.VAR));
                case ARGMIN -> argument(Combine.MIN);
                case ARGMAX -> argument(Combine.MAX);
                case ANY -> count() == 0 ? everywhere(constant(DType.BOOL, 0)) : extreme(Combine.MAX, x);
                case ALL -> count() == 0 ? everywhere(constant(DType.BOOL, 1)) : extreme(Combine.MIN, x);
                case COUNT -> counted(x);
                case NANSUM -> combined(Combine.SUM, floats ? orElse(0) : x, type.dtype());
                case NANPROD -> combined(Combine.PROD, floats ? orElse(1) : x, type.dtype());
                case NANMEAN -> apply(Function.DIV, sum(floats ? orElse(0) : x), present());
                case NANVAR -> floats ? nanVariance() : variance();
                case NANSTD -> apply(Function.SQRT, made(Reduction.NANVAR));
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

        /**
         * In one pass: of the distances d to an estimate of the mean, (sum d² - (sum d)² / n) / n, which is the
         * variance whatever the estimate is. The mean of m of n elements is at most sqrt(n/m - 1) standard deviations
         * off, so that the difference loses no more than the roundings of n/m sums of squares (Chan, Golub and LeVeque,
         * Algorithms for computing the sample variance, 1983: shifted data).
         */
        private Node variance() {
            if (count() == 0) {
                return apply(Function.DIV, sum(x), real(0));
            }
            if (axes.length == 1) {
                Optional<Windows> windows = Windows.along(x, axes[0]);
                if (windows.isPresent()) {
                    return variances(windows.get());
                }
            }
            Node distance = apply(Function.SUB, x, estimate());
            Node off = sum(distance);
            Node squares = sum(apply(Function.MUL, distance, distance));
            Node both = apply(Function.SUB, squares, apply(Function.MUL, off, apply(Function.DIV, off, real(count()))));
            return apply(Function.DIV, apply(Function.MAXIMUM, both, real(0)), real(count()));
        }

        /**
         * Of windows, merged from the sums and the squared distances of their parts (Chan, Golub and LeVeque, equations
         * 2.1): an estimate of one window's mean is none of the next one's.
         */
        private Node variances(Windows windows) {
            Node elements = windows.elements();
            Node none = new Node.Affine(real(0), new long[0], new long[0][], elements.type());
            List<Node> sums = windows.reduced(List.of(elements, none), false, (left, m, right, n) -> {
                Node off = m == n
                        ? apply(Function.SUB, left.get(0), right.get(0))
                        : apply(
                                Function.SUB,
                                apply(Function.MUL, left.get(0), real((double) n / m)),
                                right.get(0));
                Node between = apply(Function.MUL, apply(Function.MUL, off, off), real(m / ((double) n * (m + n))));
                Node within = m == 1 && n == 1
                        ? between
                        : apply(Function.ADD, apply(Function.ADD, left.get(1), right.get(1)), between);
                return List.of(apply(Function.ADD, left.get(0), right.get(0)), within);
            });
            return windows.placed(apply(Function.DIV, sums.get(1), real(count())), keepdims);
        }

        /** The mean of the first few along the longest reduced axis, with the reduced axes kept. */
        private Node estimate() {
            if (axes.length == 0) {
                return x;
            }
            int longest = axes[0];
            for (int axis : axes) {
                longest = x.type().shape().extent(axis) > x.type().shape().extent(longest) ? axis : longest;
            }
            Node few = Nodes.first(x, longest, Math.max(1, x.type().shape().extent(longest) / FEW));
            return new Reducing(few, axes, true, keptType(type.dtype())).made(Reduction.MEAN);
        }

        /** In two passes: the first few may all be NaN, and their mean no estimate. */
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
            Node best = new Reducing(of, axes, true, keptType(of.type().dtype()))
                    .made(combine == Combine.MIN ? Reduction.MIN : Reduction.MAX);
            Node here = apply(Function.EQ, of, best);
            if (of.type().dtype().isFloat()) {
                here = apply(Function.OR, here, isNaN(of)); // where one is NaN, the extremum is
            }
            DType index = index();
            Node position = new Node.Position(axes, new ArrayType(index, of.type().shape()));
            Node candidate = where(here, position, constant(index, Combine.MIN.identity(index.scalar())));
            return cast(combined(Combine.MIN, candidate, index), DType.I64);
        }

        /** For counts and places of elements: i32 where that holds them all, for it has twice the lanes. */
        private DType index() {
            return count() <= Integer.MAX_VALUE ? DType.I32 : DType.I64;
        }

        /** How many are no NaN, as the result's float dtype. */
        private Node present() {
            if (!x.type().dtype().isFloat()) {
                return real(count());
            }
            return cast(counted(apply(Function.EQ, x, x)), type.dtype());
        }

        /** Whether the sum is one of bools. */
        private boolean isCount() {
            return x instanceof Node.Cast cast
                    && cast.type().dtype() == DType.I64
                    && cast.x().type().dtype() == DType.BOOL;
        }

        /** How many are true, as i64. */
        private Node counted(Node bools) {
            DType counter = index();
            return cast(combined(Combine.SUM, cast(bools, counter), counter), DType.I64);
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

        /** Windows first, where the innermost axis is of such; then one run of adjacent axes after another. */
        private Node combined(Combine combine, Node of, DType dtype) {
            if (axes.length == 0) {
                return of;
            }
            if (count() == 0) {
                long none = combine == Combine.SUM ? 0 : combine.identity(dtype.scalar());
                return everywhere(constant(dtype, none));
            }
            int last = axes.length - 1;
            Optional<Windows> windows = Windows.along(of, axes[last]);
            if (windows.isPresent()) {
                Node values = windows.get()
                        .reduced(
                                List.of(windows.get().elements()),
                                combine == Combine.MIN || combine == Combine.MAX,
                                (left, m, right, n) ->
                                        List.of(apply(function(combine), left.getFirst(), right.getFirst())))
                        .getFirst();
                Node partly = windows.get().placed(values, keepdims);
                return new Reducing(partly, Arrays.copyOf(axes, last), keepdims, type).runs(combine, partly, dtype);
            }
            return runs(combine, of, dtype);
        }

        private Node runs(Combine combine, Node of, DType dtype) {
            if (axes.length == 0) {
                return of;
            }
            int first = axes.length - 1;
            while (first > 0 && axes[first - 1] == axes[first] - 1) {
                first--;
            }
            int[] inner = Arrays.copyOfRange(axes, first, axes.length);
            Node partly = new Node.Reduce(reduction(combine), of, inner, keepdims, new ArrayType(dtype, without(of, inner)));
            int[] outer = Arrays.copyOf(axes, first);
            return new Reducing(partly, outer, keepdims, type).runs(combine, partly, dtype);
        }

        /** A constant as an array of the result's shape. */
        private Node everywhere(Node constant) {
            ArrayType result = new ArrayType(constant.type().dtype(), type.shape());
            return new Node.Affine(constant, new long[0], new long[0][], result);
        }

        private Shape without(Node of, int[] reduced) {
            long[] extents = of.type().shape().extents();
            return new Shape(IntStream.range(0, extents.length)
                    .filter(axis -> keepdims || Arrays.binarySearch(reduced, axis) < 0)
                    .mapToLong(axis -> Arrays.binarySearch(reduced, axis) < 0 ? extents[axis] : 1)
                    .toArray());
        }

        private static Reduction reduction(Combine combine) {
            return switch (combine) {
                case SUM -> Reduction.SUM;
                case PROD -> Reduction.PROD;
                case MIN -> Reduction.MIN;
                case MAX -> Reduction.MAX;
            };
        }

        private static Function function(Combine combine) {
            return switch (combine) {
                case SUM -> Function.ADD;
                case PROD -> Function.MUL;
                case MIN -> Function.MINIMUM;
                case MAX -> Function.MAXIMUM;
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
