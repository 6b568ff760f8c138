package org.imbrex.kernels.typing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.ExprException;
import org.imbrex.kernels.expr.ExprGraph;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.Names;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.DTypeException;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;

/** Checks expressions against what their inputs are. */
public final class Typing {
    private static final int MOST_TOLD = 60;

    private final Map<String, ArrayType> inputs;
    private final Nodes nodes = new Nodes();
    private final Elementwise elementwise = new Elementwise(nodes);
    private final Indexing indexing = new Indexing(nodes);
    private final Blocks blocks = new Blocks(nodes, indexing);
    private final Products products = new Products(nodes, indexing);
    private final Iterations iterations = new Iterations(nodes, indexing, this::whole);
    private final Map<Context, Map<Expr, Typed>> known = new HashMap<>();

    private Typing(Map<String, ArrayType> inputs) {
        this.inputs = inputs;
    }

    /**
     * The checked graph of each result; what they share is one node.
     *
     * @param inputs dtype and shape of each input by name; {@code pi} and {@code e} are constants unless given
     * @throws ShapeException where shapes, axes or indices do not fit
     * @throws DTypeException where a dtype does not
     * @throws ExprException where a name is no input's, or the expression is nested too deeply
     */
    public static List<Node> check(List<Expr> results, Map<String, ArrayType> inputs) {
        ExprGraph.parts(results);
        Typing typing = new Typing(inputs);
        List<Node> checked = new ArrayList<>();
        for (Expr result : results) {
            typing.walk(result);
            checked.add(typing.result(result));
        }
        return checked;
    }

    /** The checked graph of one result. */
    public static Node check(Expr result, Map<String, ArrayType> inputs) {
        return check(List.of(result), inputs).getFirst();
    }

    /** An expression where it stands. */
    private record Place(Expr expr, Context context) {}

    /** Checks all parts before what is made of them, on a stack of our own, so that any depth will do. */
    private void walk(Expr result) {
        Deque<Place> open = new ArrayDeque<>();
        open.push(new Place(result, Context.OUTERMOST));
        while (!open.isEmpty()) {
            Place place = open.peek();
            int before = open.size();
            List<Expr> children = ExprGraph.children(place.expr());
            for (int k = children.size() - 1; k >= 0; k--) {
                Context inside = inside(place, k);
                if (!known(inside).containsKey(children.get(k))) {
                    open.push(new Place(children.get(k), inside));
                }
            }
            if (open.size() == before) {
                open.pop();
                known(place.context()).computeIfAbsent(place.expr(), expr -> checked(expr, place.context()));
            }
        }
    }

    /** What surrounds a part. */
    private Context inside(Place place, int child) {
        return switch (place.expr()) {
            case Expr.Stencil stencil -> place.context().within(stencil);
            case Expr.Iterate iterate ->
                child < iterate.fields().size() ? place.context() : iterations.inside(iterate, place.context());
            default -> place.context();
        };
    }

    private Map<Expr, Typed> known(Context context) {
        return known.computeIfAbsent(context, c -> new IdentityHashMap<>());
    }

    /** A part that has been checked. */
    private Typed type(Expr part, Context context) {
        return known(context).get(part);
    }

    private Typed checked(Expr expr, Context context) {
        try {
            return derive(expr, context);
        } catch (ShapeException e) {
            throw new ShapeException(located(e, expr));
        } catch (DTypeException e) {
            throw new DTypeException(located(e, expr));
        }
    }

    private Node result(Expr expr) {
        Typed typed = type(expr, Context.OUTERMOST);
        if (typed.ragged().isPresent()) {
            throw new ShapeException(located(Blocks.refused(typed.ragged().get(), "a result of"), expr));
        }
        return typed.node();
    }

    private static String located(ImbrexException e, Expr expr) {
        return e.getMessage() + ", in '" + expr.text(MOST_TOLD) + "'";
    }

    private Typed derive(Expr expr, Context context) {
        return switch (expr) {
            case Expr.Input input -> iterations.state(input.name(), context).orElseGet(() -> input(input));
            case Expr.Literal literal -> Typed.weak(nodes.constant(literal.kind(), literal.bits()));
            case Expr.Elementwise e -> elementwise(e, context);
            case Expr.Cast cast -> cast(type(cast.x(), context), cast.dtype());
            case Expr.Reduce reduce -> reduce(reduce, type(reduce.x(), context));
            case Expr.Stencil stencil -> type(stencil.x(), context.within(stencil));
            case Expr.At at -> Typed.strong(neighbour(at, context));
            case Expr.Blocks b -> blocks.blocks(whole(b.x(), context, "blocks of"), b.rows());
            case Expr.Rolling r -> Typed.strong(blocks.rolling(whole(r.x(), context, "windows of"), r.rows()));
            case Expr.Index index -> index(index, type(index.x(), context));
            case Expr.Transpose t -> Typed.strong(indexing.transpose(whole(t.x(), context, "transpose of"), t.axes()));
            case Expr.Reshape r -> Typed.strong(reshape(whole(r.x(), context, "reshape of"), r.shape()));
            case Expr.Concat concat -> Typed.strong(concat(concat, context));
            case Expr.MatMul m ->
                Typed.strong(products.product(whole(m.a(), context, "@ of"), whole(m.b(), context, "@ of")));
            case Expr.Dot dot -> dot(dot, context);
            case Expr.WeightedMean mean ->
                weightedMean(mean, whole(mean.x(), context, "mean of"), whole(mean.weights(), context, "weights of"));
            case Expr.Random random ->
                Typed.strong(nodes.one(new Node.Random(
                        random.distribution(),
                        random.seed(),
                        random.lo(),
                        random.hi(),
                        new ArrayType(random.dtype(), new Shape(random.shape().stream()
                                .mapToLong(Long::longValue)
                                .toArray())))));
            case Expr.Iterate iterate -> Typed.strong(iterations.iterate(iterate, context));
        };
    }

    private Typed input(Expr.Input input) {
        ArrayType type = inputs.get(input.name());
        if (type != null) {
            return Typed.strong(nodes.one(new Node.Input(input.name(), type)));
        }
        return switch (input.name()) {
            case "pi" -> Typed.weak(nodes.constant(DType.F64, Double.doubleToRawLongBits(Math.PI)));
            case "e" -> Typed.weak(nodes.constant(DType.F64, Double.doubleToRawLongBits(Math.E)));
            default ->
                throw new ExprException("found the name '" + input.name() + "', expected an input: "
                        + (inputs.isEmpty()
                                ? "none was given"
                                : String.join(
                                        ", ", inputs.keySet().stream().sorted().toList()))
                        + Names.nearest(input.name(), inputs.keySet())
                                .map(name -> "; perhaps '" + name + "'")
                                .orElse(""));
        };
    }

    /** A checked part that must be an array, not ragged blocks. */
    private Node whole(Expr expr, Context context, String where) {
        Typed typed = type(expr, context);
        if (typed.ragged().isPresent()) {
            throw Blocks.refused(typed.ragged().get(), where);
        }
        return typed.node();
    }

    private Typed elementwise(Expr.Elementwise e, Context context) {
        List<Typed> args = new ArrayList<>();
        for (Expr arg : e.args()) {
            args.add(type(arg, context));
        }
        boolean ragged = args.stream().anyMatch(arg -> arg.ragged().isPresent());
        return ragged
                ? blocks.elementwise(args, parts -> elementwise.apply(e.function(), parts))
                : elementwise.apply(e.function(), args);
    }

    private Typed cast(Typed x, DType dtype) {
        boolean integer = x.weak() && x.dtype() == DType.I64 && dtype.isInteger();
        if (integer && x.node() instanceof Node.Constant constant && !Promotion.holds(dtype, constant.bits())) {
            throw new DTypeException("found the literal " + constant.bits() + " cast to " + dtype
                    + ", expected one that " + dtype + " holds");
        }
        return x.map(
                node -> nodes.cast(node, dtype),
                x.ragged().map(Typed.Ragged::axis).orElse(0));
    }

    private Typed index(Expr.Index index, Typed x) {
        return x.ragged()
                .map(ragged -> blocks.index(x, ragged, index.subscripts()))
                .orElseGet(() -> Typed.strong(indexing.index(x.node(), index.subscripts())));
    }

    private Typed dot(Expr.Dot dot, Context context) {
        Node a = whole(dot.a(), context, "dot of");
        Node b = whole(dot.b(), context, "dot of");
        int least = Math.min(a.type().shape().rank(), b.type().shape().rank());
        int most = Math.max(a.type().shape().rank(), b.type().shape().rank());
        if (least == 0) {
            return elementwise.apply(Function.MUL, List.of(type(dot.a(), context), type(dot.b(), context)));
        }
        if (most > 2) {
            throw new ShapeException("found shapes " + a.type().shape() + " and "
                    + b.type().shape() + " in dot, expected vectors and matrices; for batches of matrices write a @ b");
        }
        return Typed.strong(products.product(a, b));
    }

    // ---- reductions

    private Typed reduce(Expr.Reduce reduce, Typed x) {
        return x.ragged()
                .map(ragged -> blocks.reduce(x, ragged, reduce, (node, axes) -> reduced(reduce, node, axes)))
                .orElseGet(() -> Typed.strong(reduced(
                        reduce,
                        x.node(),
                        Axes.ascending(
                                reduce.axes(), x.shape(), reduce.reduction().text()))));
    }

    private Node reduced(Expr.Reduce reduce, Node x, int[] axes) {
        Reduction reduction = reduce.reduction();
        DType dtype = x.type().dtype();
        Node operand = switch (reduction) {
            case SUM, PROD, NANSUM, NANPROD -> nodes.cast(x, dtype.isFloat() ? dtype : DType.I64);
            case MEAN, VAR, STD, NANMEAN, NANVAR, NANSTD -> nodes.cast(x, dtype.isFloat() ? dtype : DType.F64);
            case ANY, ALL, COUNT -> nodes.cast(x, DType.BOOL);
            case MIN, MAX, ARGMIN, ARGMAX, NANMIN, NANMAX -> x;
        };
        DType result = switch (reduction) {
            case ARGMIN, ARGMAX, COUNT -> DType.I64;
            default -> operand.type().dtype();
        };
        Shape shape = x.type().shape();
        List<Long> extents = new ArrayList<>();
        for (int axis = 0; axis < shape.rank(); axis++) {
            boolean gone = Arrays.binarySearch(axes, axis) >= 0;
            if (gone && shape.extent(axis) == 0 && needsAnElement(reduction)) {
                throw new ShapeException("found no elements along axis " + axis + " of an array of shape " + shape
                        + ", expected at least one for " + reduction.text());
            }
            if (!gone) {
                extents.add(shape.extent(axis));
            } else if (reduce.keepdims()) {
                extents.add(1L);
            }
        }
        Shape kept = new Shape(extents.stream().mapToLong(Long::longValue).toArray());
        return nodes.one(new Node.Reduce(reduction, operand, axes, reduce.keepdims(), new ArrayType(result, kept)));
    }

    /** As {@code numpy.average}: weights have the array's shape, or run along its one axis. */
    private Typed weightedMean(Expr.WeightedMean mean, Node x, Node weights) {
        Shape shape = x.type().shape();
        int[] axes = Axes.ascending(mean.axes(), shape, "mean");
        Node along = weights;
        boolean equal = weights.type().shape().equals(shape);
        boolean row = axes.length == 1
                && mean.axes().isPresent()
                && weights.type().shape().equals(Shape.of(shape.extent(axes[0])));
        if (!equal && !row) {
            throw new ShapeException("found weights of shape " + weights.type().shape() + " for a mean of an array of"
                    + " shape " + shape + ", expected the same shape, or with axis= a row along the axis");
        }
        for (int axis = axes.length == 1 && !equal ? axes[0] + 1 : shape.rank(); axis < shape.rank(); axis++) {
            along = indexing.insert(along, along.type().shape().rank());
        }
        DType common = Elementwise.common("mean", List.of(Typed.strong(x), Typed.strong(weights)));
        DType dtype = common.isFloat() ? common : DType.F64;
        Typed values = Typed.strong(nodes.cast(x, dtype));
        Typed by = Typed.strong(nodes.cast(along, dtype));
        Expr.Reduce sum = new Expr.Reduce(Reduction.SUM, mean.x(), mean.axes(), mean.keepdims());
        Node total = reduced(sum, elementwise.apply(Function.MUL, List.of(values, by)).node(), axes);
        int before = shape.rank() - by.node().type().shape().rank();
        Node weight = reduced(
                sum, by.node(), Arrays.stream(axes).map(axis -> axis - before).toArray());
        return elementwise.apply(Function.DIV, List.of(Typed.strong(total), Typed.strong(weight)));
    }

    private static boolean needsAnElement(Reduction reduction) {
        return switch (reduction) {
            case MIN, MAX, ARGMIN, ARGMAX, NANMIN, NANMAX -> true;
            default -> false;
        };
    }

    // ---- neighbours

    private Node neighbour(Expr.At at, Context context) {
        Node x = whole(at.x(), context, "neighbours in");
        Shape shape = x.type().shape();
        if (at.offsets().size() != shape.rank()) {
            throw new ShapeException("found " + at.offsets().size() + " offsets in at of an array of shape " + shape
                    + ", expected one for each axis");
        }
        long[] by = at.offsets().stream().mapToLong(Long::longValue).toArray();
        for (long offset : by) {
            if (offset != (int) offset) {
                throw new ShapeException("found the offset " + offset + " in at, expected one within 2^31");
            }
        }
        if (Arrays.stream(by).allMatch(offset -> offset == 0)) {
            return x;
        }
        long fill = context.mode() == EdgeMode.CONSTANT
                ? fill(context.fill(), x.type().dtype())
                : 0;
        return nodes.one(new Node.Shift(x, by, context.mode(), fill, x.type()));
    }

    private long fill(Expr.Literal fill, DType dtype) {
        boolean whole = fill.kind() == DType.I64 || fill.real() % 1 == 0;
        if (!dtype.isFloat() && !(whole && Promotion.holds(dtype, (long) fill.real()))) {
            throw new DTypeException("found the edge value " + fill.text() + " for neighbours of " + dtype
                    + ", expected one that " + dtype + " holds; cast the array, as f64(x)");
        }
        return ((Node.Constant) nodes.cast(nodes.constant(fill.kind(), fill.bits()), dtype)).bits();
    }

    // ---- shapes

    private Node reshape(Node x, List<Long> wanted) {
        long[] extents = wanted.stream().mapToLong(Long::longValue).toArray();
        long elements = x.type().shape().elements();
        int open = -1;
        long rest = 1;
        for (int axis = 0; axis < extents.length; axis++) {
            if (extents[axis] == -1 && open < 0) {
                open = axis;
            } else if (extents[axis] < 0) {
                throw new ShapeException(
                        "found the extent " + extents[axis] + " in reshape, expected 0 or more, or one -1");
            } else {
                rest = new Shape(rest, extents[axis]).elements();
            }
        }
        if (open >= 0 && rest > 0 && elements % rest == 0) {
            extents[open] = elements / rest;
            rest = elements;
        }
        if (rest != elements || (open >= 0 && extents[open] < 0)) {
            throw new ShapeException("found reshape of shape " + x.type().shape() + " with " + elements
                    + " elements to " + wanted + ", expected as many elements");
        }
        return nodes.reshape(x, new Shape(extents));
    }

    private Node concat(Expr.Concat concat, Context context) {
        List<Typed> parts = new ArrayList<>();
        for (Expr part : concat.parts()) {
            whole(part, context, "concat of");
            parts.add(type(part, context));
        }
        DType dtype = Elementwise.common("concat", parts);
        List<Node> cast =
                parts.stream().map(part -> nodes.cast(part.node(), dtype)).toList();
        return nodes.concat(cast, Axes.one(concat.axis(), cast.getFirst().type().shape(), "concat"));
    }
}
