package org.imbrex.kernels.expr;

import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.Optional;
import java.util.OptionalLong;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.DType;

/**
 * A numerical expression over named arrays, in NumPy's terms; immutable, and a graph where parts are shared.
 *
 * <p>It is parsed from text or traced from Java: {@code Expr.of(u -> u.at(-1, 0).plus(u.at(1, 0)).times(0.5f))}. Both
 * build the same tree; what fits together is checked when inputs are given.
 */
public sealed interface Expr extends Traced {

    /** An array by its name. */
    static Expr input(String name) {
        if (!name.matches("[A-Za-z_][A-Za-z_0-9]*")) {
            throw new ExprException("found the name '" + name + "', expected letters, digits and '_'");
        }
        return new Input(name);
    }

    /** A float literal. */
    static Expr literal(double value) {
        return new Literal(DType.F64, Double.doubleToRawLongBits(value));
    }

    /** An integer literal. */
    static Expr literal(long value) {
        return new Literal(DType.I64, value);
    }

    static Expr literal(boolean value) {
        return new Literal(DType.BOOL, value ? 1 : 0);
    }

    /** A function of as many arguments as it takes. */
    static Expr call(Function function, Expr... args) {
        if (args.length != function.arity()) {
            throw new ExprException("found " + args.length + " arguments of " + function.text() + ", expected "
                    + function.arity());
        }
        return new Elementwise(function, List.of(args));
    }

    /** The expression that a lambda makes of an input named {@code x}. */
    static Expr of(UnaryOperator<Expr> lambda) {
        return lambda.apply(new Input("x"));
    }

    /** The expression that a lambda makes of inputs named {@code x} and {@code y}. */
    static Expr of(BinaryOperator<Expr> lambda) {
        return lambda.apply(new Input("x"), new Input("y"));
    }

    /** The expression that a lambda makes of inputs named {@code x}, {@code y} and {@code z}. */
    static Expr of(TernaryOperator lambda) {
        return lambda.apply(new Input("x"), new Input("y"), new Input("z"));
    }

    /** What {@link #of(TernaryOperator)} takes. */
    @FunctionalInterface
    interface TernaryOperator {
        Expr apply(Expr x, Expr y, Expr z);
    }

    /** The canonical text: it parses to an equal expression, and equal expressions have equal texts. */
    default String text() {
        return new ExprText().of(this);
    }

    /** The names of the inputs, in the order in which the text has them. */
    default List<String> inputs() {
        return ExprText.inputs(this);
    }

    /** An array by its name. */
    record Input(String name) implements Expr {}

    /**
     * A literal without a dtype of its own: it takes the array's where it can (NEP 50).
     *
     * @param kind BOOL, I64 or F64
     * @param bits the raw bits of the value in that kind
     */
    record Literal(DType kind, long bits) implements Expr {}

    /** An elementwise function of its arguments, broadcast together. */
    record Elementwise(Function function, List<Expr> args) implements Expr {
        public Elementwise {
            args = List.copyOf(args);
        }
    }

    record Cast(DType dtype, Expr x) implements Expr {}

    /** NumPy's basic indexing. */
    record Index(Expr x, List<Subscript> subscripts) implements Expr {
        public Index {
            subscripts = List.copyOf(subscripts);
        }
    }

    /** One item between the brackets. */
    sealed interface Subscript {
        /** An integer: takes one element and drops the axis; negative counts from the end. */
        record At(long index) implements Subscript {}

        /** {@code from:to:step}. */
        record Slice(OptionalLong from, OptionalLong to, long step) implements Subscript {}

        /** {@code None}: an axis of extent 1. */
        record NewAxis() implements Subscript {}

        /** {@code ...}: as many whole axes as are left. */
        record Ellipsis() implements Subscript {}
    }

    /**
     * A reduction.
     *
     * @param axes as written, negative from the end; empty for all axes
     */
    record Reduce(Reduction reduction, Expr x, Optional<List<Integer>> axes, boolean keepdims) implements Expr {}

    /** @param axes the permutation; empty reverses the axes */
    record Transpose(Expr x, Optional<List<Integer>> axes) implements Expr {}

    /** @param shape one extent may be -1: what is left */
    record Reshape(Expr x, List<Long> shape) implements Expr {
        public Reshape {
            shape = List.copyOf(shape);
        }
    }

    record Concat(List<Expr> parts, int axis) implements Expr {
        public Concat {
            parts = List.copyOf(parts);
        }
    }

    /** {@code a @ b}, with NumPy's rules for vectors and batches. */
    record MatMul(Expr a, Expr b) implements Expr {}

    /** {@code at(x, offsets…)}: the element so many indices away along each axis; only inside {@code stencil}. */
    record At(Expr x, List<Long> offsets) implements Expr {
        public At {
            offsets = List.copyOf(offsets);
        }
    }

    /**
     * Says what the neighbour accesses inside {@code x} find beyond the edge.
     *
     * @param fill what {@link EdgeMode#CONSTANT} reads; a literal, unused otherwise
     */
    record Stencil(Expr x, EdgeMode mode, Literal fill) implements Expr {}

    /** {@code blocks(x, n)}: shape (ceil(rows / n), n, …); the last block may be shorter. */
    record Blocks(Expr x, long rows) implements Expr {}

    /** {@code rolling(x, n)}: shape (rows - n + 1, n, …). */
    record Rolling(Expr x, long rows) implements Expr {}
}
