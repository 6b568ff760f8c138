package org.imbrex.kernels.typing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.ExprException;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.DTypeException;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;

/** Checks expressions against what their inputs are. */
public final class Typing {
    /** The deepest nesting; what is deeper would not fit a thread's stack. */
    public static final int MOST_DEPTH = 1500;

    private final Map<String, ArrayType> inputs;
    private final Nodes nodes = new Nodes();
    private final Elementwise elementwise = new Elementwise(nodes);
    private final Indexing indexing = new Indexing(nodes);
    private final Map<Context, Map<Expr, Typed>> known = new HashMap<>();
    private int depth;

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
        Typing typing = new Typing(inputs);
        List<Node> checked = new ArrayList<>();
        for (Expr result : results) {
            checked.add(typing.type(result, Context.OUTERMOST).node());
        }
        return checked;
    }

    /** The checked graph of one result. */
    public static Node check(Expr result, Map<String, ArrayType> inputs) {
        return check(List.of(result), inputs).getFirst();
    }

    private Typed type(Expr expr, Context context) {
        Map<Expr, Typed> here = known.computeIfAbsent(context, c -> new IdentityHashMap<>());
        Typed typed = here.get(expr);
        if (typed == null) {
            if (++depth > MOST_DEPTH) {
                throw new ExprException(
                        "found an expression nested deeper than " + MOST_DEPTH + ", expected a flatter one");
            }
            typed = derive(expr, context);
            depth--;
            here.put(expr, typed);
        }
        return typed;
    }

    private Typed derive(Expr expr, Context context) {
        return switch (expr) {
            case Expr.Input input -> input(input);
            case Expr.Literal literal -> new Typed(nodes.constant(literal.kind(), literal.bits()), true, false);
            case Expr.Elementwise e -> elementwise(e, context);
            case Expr.Cast cast -> {
                Typed x = type(cast.x(), context);
                yield new Typed(nodes.cast(x.node(), cast.dtype()), false, x.parted());
            }
            case Expr.Reduce reduce -> reduce(reduce, context);
            case Expr.Stencil stencil -> type(stencil.x(), context.with(stencil));
            case Expr.At at -> neighbour(at, context);
            case Expr.Blocks blocks -> blocks(blocks, context);
            case Expr.Index index -> {
                Typed x = type(index.x(), context);
                if (x.parted() && !keepsRows(index)) {
                    throw ragged("an index of axis 0");
                }
                yield new Typed(indexing.index(x.node(), index.subscripts()), false, x.parted());
            }
            case Expr.Transpose t -> Typed.strong(indexing.transpose(whole(t.x(), context, "transpose"), t.axes()));
            case Expr.Reshape r -> Typed.strong(reshape(whole(r.x(), context, "reshape"), r.shape()));
            case Expr.Concat concat -> concat(concat, context);
            case Expr.MatMul m ->
                Typed.strong(new Products(nodes, indexing)
                        .product(whole(m.a(), context, "@"), whole(m.b(), context, "@")));
            case Expr.Rolling rolling -> Typed.strong(rolling(rolling, context));
        };
    }

    private Typed input(Expr.Input input) {
        ArrayType type = inputs.get(input.name());
        if (type != null) {
            return Typed.strong(nodes.one(new Node.Input(input.name(), type)));
        }
        return switch (input.name()) {
            case "pi" -> new Typed(nodes.constant(DType.F64, Double.doubleToRawLongBits(Math.PI)), true, false);
            case "e" -> new Typed(nodes.constant(DType.F64, Double.doubleToRawLongBits(Math.E)), true, false);
            default ->
                throw new ExprException("found the name '" + input.name() + "', expected an input"
                        + (inputs.isEmpty()
                                ? "; none was given"
                                : ": " + String.join(", ", inputs.keySet().stream().sorted().toList())));
        };
    }

    /** A checked part that must not be one part of ragged blocks. */
    private Node whole(Expr expr, Context context, String where) {
        Typed typed = type(expr, context);
        if (typed.parted()) {
            throw ragged(where);
        }
        return typed.node();
    }

    private static ShapeException ragged(String where) {
        return new ShapeException("found " + where + " of blocks whose last is shorter, expected only elementwise "
                + "operations between blocks and the reduction over axis 1");
    }

    private static boolean keepsRows(Expr.Index index) {
        Expr.Subscript first = index.subscripts().getFirst();
        return first instanceof Expr.Subscript.Ellipsis
                || (first instanceof Expr.Subscript.Slice slice
                        && slice.from().isEmpty()
                        && slice.to().isEmpty()
                        && slice.step() == 1);
    }

    private Typed elementwise(Expr.Elementwise e, Context context) {
        List<Typed> args = new ArrayList<>();
        int rank = 0;
        for (Expr arg : e.args()) {
            Typed typed = type(arg, context);
            args.add(typed);
            rank = typed.parted() ? Math.max(rank, typed.shape().rank()) : rank;
        }
        for (int k = 0; k < args.size(); k++) {
            args.set(k, part(args.get(k), context, rank));
        }
        return elementwise.apply(e.function(), args);
    }

    /** Beside one part of ragged blocks, the same part of an array that has a row for each block. */
    private Typed part(Typed arg, Context context, int rank) {
        boolean hasRows = rank > 0
                && !arg.parted()
                && arg.shape().rank() == rank
                && arg.shape().extent(0) == context.full() + 1
                && context.full() > 0;
        if (!hasRows) {
            return arg;
        }
        boolean full = context.part() == Context.Part.FULL;
        return new Typed(nodes.rows(arg.node(), full ? 0 : context.full(), full ? context.full() : 1), false, true);
    }

    // ---- reductions

    private Typed reduce(Expr.Reduce reduce, Context context) {
        if (context.part() != Context.Part.WHOLE) {
            Typed x = type(reduce.x(), context);
            int[] axes = Axes.ascending(reduce.axes(), x.shape(), reduce.reduction().text());
            if (x.parted() && axes.length > 0 && axes[0] == 0) {
                throw ragged(reduce.reduction().text() + " over axis 0");
            }
            return new Typed(reduced(reduce, x, axes), false, x.parted());
        }
        int before = depth;
        try {
            Typed x = type(reduce.x(), context);
            return Typed.strong(
                    reduced(reduce, x, Axes.ascending(reduce.axes(), x.shape(), reduce.reduction().text())));
        } catch (Context.Ragged ragged) {
            depth = before;
            return Typed.strong(inParts(reduce, context, ragged));
        }
    }

    /** The full blocks, then the last short one. */
    private Node inParts(Expr.Reduce reduce, Context context, Context.Ragged ragged) {
        List<Node> parts = new ArrayList<>();
        for (Context.Part part : List.of(Context.Part.FULL, Context.Part.LAST)) {
            if (part == Context.Part.FULL && ragged.full() == 0) {
                continue;
            }
            Typed x = type(reduce.x(), context.with(part, ragged.full()));
            int[] axes = Axes.ascending(reduce.axes(), x.shape(), reduce.reduction().text());
            if (!x.parted() || axes.length == 0 || axes[0] == 0 || Arrays.binarySearch(axes, 1) < 0) {
                throw ragged;
            }
            parts.add(reduced(reduce, x, axes));
        }
        return parts.size() == 1 ? parts.getFirst() : concat(parts, 0);
    }

    private Node reduced(Expr.Reduce reduce, Typed x, int[] axes) {
        Reduction reduction = reduce.reduction();
        DType dtype = x.dtype();
        Node operand = switch (reduction) {
            case SUM, PROD, NANSUM, NANPROD -> nodes.cast(x.node(), dtype.isFloat() ? dtype : DType.I64);
            case MEAN, VAR, STD, NANMEAN, NANVAR, NANSTD -> nodes.cast(x.node(), dtype.isFloat() ? dtype : DType.F64);
            case ANY, ALL, COUNT -> nodes.cast(x.node(), DType.BOOL);
            case MIN, MAX, ARGMIN, ARGMAX, NANMIN, NANMAX -> x.node();
        };
        DType result = switch (reduction) {
            case ARGMIN, ARGMAX, COUNT -> DType.I64;
            default -> operand.type().dtype();
        };
        Shape shape = x.shape();
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

    private static boolean needsAnElement(Reduction reduction) {
        return switch (reduction) {
            case MIN, MAX, ARGMIN, ARGMAX, NANMIN, NANMAX -> true;
            default -> false;
        };
    }

    // ---- neighbours, blocks, windows

    private Typed neighbour(Expr.At at, Context context) {
        Node x = whole(at.x(), context, "at");
        Shape shape = x.type().shape();
        if (at.offsets().size() != shape.rank()) {
            throw new ShapeException("found " + at.offsets().size() + " offsets in at(…) of an array of shape " + shape
                    + ", expected one for each axis");
        }
        long[] by = at.offsets().stream().mapToLong(Long::longValue).toArray();
        for (long offset : by) {
            if (Math.abs(offset) > Integer.MAX_VALUE || offset == Long.MIN_VALUE) {
                throw new ShapeException("found the offset " + offset + " in at(…), expected one within 2^31");
            }
        }
        long fill = fill(context.fill(), x.type().dtype());
        return Typed.strong(nodes.one(new Node.Shift(x, by, context.mode(), fill, x.type())));
    }

    private long fill(Expr.Literal fill, DType dtype) {
        boolean whole = fill.kind() != DType.F64 || Double.longBitsToDouble(fill.bits()) % 1 == 0;
        if (!dtype.isFloat() && !whole) {
            throw new DTypeException("found the edge value " + Double.longBitsToDouble(fill.bits()) + " for neighbours of "
                    + dtype + ", expected an integer; cast the array, as f64(x)");
        }
        return ((Node.Constant) nodes.cast(nodes.constant(fill.kind(), fill.bits()), dtype)).bits();
    }

    private Typed blocks(Expr.Blocks blocks, Context context) {
        Node x = whole(blocks.x(), context.with(Context.Part.WHOLE, 0), "blocks");
        long rows = leading(x, "blocks");
        long size = blocks.rows();
        long full = rows / size;
        if (rows % size == 0) {
            return Typed.strong(indexing.windows(x, full, size, size));
        }
        return switch (context.part()) {
            case WHOLE -> throw new Context.Ragged(rows, size);
            case FULL -> new Typed(indexing.windows(x, full, size, size), false, true);
            case LAST -> {
                Node last = nodes.rows(x, full * size, rows % size);
                yield new Typed(indexing.windows(last, 1, rows % size, 1), false, true);
            }
        };
    }

    private Node rolling(Expr.Rolling rolling, Context context) {
        Node x = whole(rolling.x(), context, "rolling");
        long rows = leading(x, "rolling");
        if (rolling.rows() > rows) {
            throw new ShapeException("found windows of " + rolling.rows() + " rows over an array of shape "
                    + x.type().shape() + ", expected at most its " + rows + " rows");
        }
        return indexing.windows(x, rows - rolling.rows() + 1, rolling.rows(), 1);
    }

    private static long leading(Node x, String what) {
        if (x.type().shape().rank() == 0) {
            throw new ShapeException("found a scalar in " + what + "(…), expected an array with rows");
        }
        return x.type().shape().extent(0);
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
                throw new ShapeException("found the extent " + extents[axis] + " in reshape, expected 0 or more, or one -1");
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
        return nodes.one(new Node.Reshape(x, new ArrayType(x.type().dtype(), new Shape(extents))));
    }

    private Typed concat(Expr.Concat concat, Context context) {
        List<Typed> parts = new ArrayList<>();
        for (Expr part : concat.parts()) {
            whole(part, context, "concat");
            parts.add(type(part, context));
        }
        DType dtype = Elementwise.common(org.imbrex.kernels.expr.Function.ADD, parts);
        List<Node> cast = parts.stream().map(part -> nodes.cast(part.node(), dtype)).toList();
        return Typed.strong(concat(cast, Axes.one(concat.axis(), cast.getFirst().type().shape(), "concat")));
    }

    private Node concat(List<Node> parts, int axis) {
        Shape first = parts.getFirst().type().shape();
        long[] extents = first.extents();
        for (Node part : parts.subList(1, parts.size())) {
            Shape shape = part.type().shape();
            boolean fits = shape.rank() == first.rank();
            for (int other = 0; fits && other < extents.length; other++) {
                fits = other == axis || shape.extent(other) == first.extent(other);
            }
            if (!fits) {
                throw new ShapeException("found shapes " + first + " and " + shape + " in concat along axis " + axis
                        + ", expected equal extents along the others");
            }
            extents[axis] += shape.extent(axis);
        }
        ArrayType type = new ArrayType(parts.getFirst().type().dtype(), new Shape(extents));
        return parts.size() == 1 ? parts.getFirst() : nodes.one(new Node.Concat(parts, axis, type));
    }
}
