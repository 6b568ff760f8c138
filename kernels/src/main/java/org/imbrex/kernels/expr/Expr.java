package org.imbrex.kernels.expr;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.DType;

/**
 * A numerical expression over named arrays, in NumPy's terms; immutable, and a graph where parts are shared.
 *
 * <p>It is parsed from text or traced from Java: {@code Expr.of(u -> u.at(-1, 0).plus(u.at(1, 0)).times(0.5f))}. Both
 * build the same tree; what fits together is checked when inputs are given. {@code equals} and {@code hashCode} walk
 * the tree, so graphs with many shared parts are better compared by {@link #id}.
 */
public sealed interface Expr extends Operators, Elementary, Reductions, LineFunctions, Shaping {

    // ---- leaves

    /**
     * An array by its name.
     *
     * @throws ExprException where the name is not letters, digits and '_', or is a word of the language
     */
    static Expr input(String name) {
        return new Input(name);
    }

    static Literal literal(double value) {
        return new Literal(DType.F64, Double.doubleToRawLongBits(value));
    }

    static Literal literal(long value) {
        return new Literal(DType.I64, value);
    }

    static Literal literal(boolean value) {
        return new Literal(DType.BOOL, value ? 1 : 0);
    }

    // ---- from lambdas

    /** The expression that a lambda makes of an input named {@code x}. */
    static Expr of(UnaryOperator<Expr> lambda) {
        return of("x", lambda);
    }

    /** The expression that a lambda makes of inputs named {@code x} and {@code y}. */
    static Expr of(BinaryOperator<Expr> lambda) {
        return of("x", "y", lambda);
    }

    /** The expression that a lambda makes of inputs named {@code x}, {@code y} and {@code z}. */
    static Expr of(TernaryOperator lambda) {
        return of("x", "y", "z", lambda);
    }

    /** The expression that a lambda makes of inputs named {@code x}, {@code y}, {@code z} and {@code w}. */
    static Expr of(QuaternaryOperator lambda) {
        return of("x", "y", "z", "w", lambda);
    }

    static Expr of(String x, UnaryOperator<Expr> lambda) {
        return lambda.apply(input(x));
    }

    static Expr of(String x, String y, BinaryOperator<Expr> lambda) {
        return lambda.apply(input(x), input(y));
    }

    static Expr of(String x, String y, String z, TernaryOperator lambda) {
        return lambda.apply(input(x), input(y), input(z));
    }

    static Expr of(String x, String y, String z, String w, QuaternaryOperator lambda) {
        return lambda.apply(input(x), input(y), input(z), input(w));
    }

    /** A lambda of three inputs. */
    @FunctionalInterface
    interface TernaryOperator {
        Expr apply(Expr x, Expr y, Expr z);
    }

    /** A lambda of four inputs. */
    @FunctionalInterface
    interface QuaternaryOperator {
        Expr apply(Expr x, Expr y, Expr z, Expr w);
    }

    // ---- functions that read better in front

    static Expr call(Function function, Expr... args) {
        return new Elementwise(function, List.of(args));
    }

    /** {@code where(condition, a, b)}. */
    static Expr where(Expr condition, Expr a, Expr b) {
        return condition.where(a, b);
    }

    /** {@code minimum(a, b)}; a NaN on either side wins. */
    static Expr minimum(Expr a, Expr b) {
        return a.minimum(b);
    }

    /** {@code maximum(a, b)}; a NaN on either side wins. */
    static Expr maximum(Expr a, Expr b) {
        return a.maximum(b);
    }

    /** {@code fma(a, b, c)}: a * b + c, rounded once. */
    static Expr fma(Expr a, Expr b, Expr c) {
        return a.fma(b, c);
    }

    /** {@code atan2(y, x)}: the angle of the point (x, y). */
    static Expr atan2(Expr y, Expr x) {
        return y.atan2(x);
    }

    /** {@code hypot(x, y)}. */
    static Expr hypot(Expr x, Expr y) {
        return x.hypot(y);
    }

    /** {@code concat(parts…, axis=axis)}. */
    static Expr concat(int axis, Expr... parts) {
        return new Concat(List.of(parts), axis);
    }

    /** {@code iterate(name=next, …, steps=steps)}: several fields, each starting as the input of its name. */
    static Expr iterate(long steps, Map<String, Expr> fields) {
        List<Field> list = new ArrayList<>();
        fields.forEach((name, next) -> list.add(new Field(name, input(name), next)));
        return new Iterate(list, steps);
    }

    /** {@code random(shape, seed)}: f64, uniform in [0, 1). */
    static Expr random(long seed, long... shape) {
        return new Random(Distribution.RANDOM, list(shape), seed, DType.F64, 0, 0);
    }

    /** {@code normal(shape, seed)}: f64, of mean 0 and variance 1. */
    static Expr normal(long seed, long... shape) {
        return new Random(Distribution.NORMAL, list(shape), seed, DType.F64, 0, 0);
    }

    /** {@code randint(shape, seed, lo, hi)}: i64, uniform in [lo, hi). */
    static Expr randint(long seed, long lo, long hi, long... shape) {
        return new Random(Distribution.RANDINT, list(shape), seed, DType.I64, lo, hi);
    }

    private static List<Long> list(long... numbers) {
        return Arrays.stream(numbers).boxed().toList();
    }

    // ---- what it is

    /**
     * The canonical text: it parses to an equal expression, and equal expressions have equal texts.
     *
     * @throws ExprException where the graph's parts are shared so often that the text would pass a million characters
     */
    default String text() {
        return ExprText.whole(this);
    }

    /** The text's beginning, at most so many characters long, for messages. */
    default String text(int most) {
        return ExprText.brief(this, most);
    }

    /**
     * The SHA-256 in hexadecimal of the expression's structure: equal expressions have equal ids, in whatever way they
     * were made and whatever parts they share. The time is that of the graph, not of its text.
     */
    default String id() {
        return ExprHash.of(this);
    }

    /** The names of the inputs, in the order in which the text has them. */
    default List<String> inputs() {
        return ExprGraph.inputs(this);
    }

    // ---- the kinds

    /** An array by its name; {@code pi} and {@code e} are the constants unless an input has that name. */
    record Input(String name) implements Expr {
        public Input {
            Names.check(name);
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /**
     * A literal without a dtype of its own: it takes the array's where it can (NEP 50).
     *
     * @param kind BOOL, I64 or F64
     * @param bits the raw bits of the value in that kind; there is one NaN
     */
    record Literal(DType kind, long bits) implements Expr {
        public Literal {
            bits = switch (kind) {
                case BOOL -> bits == 0 ? 0 : 1;
                case I64 -> bits;
                case F64 -> Double.doubleToLongBits(Double.longBitsToDouble(bits));
                default -> throw new ExprException("found a literal of " + kind + ", expected bool, i64 or f64");
            };
        }

        /** The value as a double; of integers the nearest. */
        public double real() {
            return kind == DType.F64 ? Double.longBitsToDouble(bits) : bits;
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /** An elementwise function of its arguments, broadcast together. */
    record Elementwise(Function function, List<Expr> args) implements Expr {
        public Elementwise {
            args = List.copyOf(args);
            if (args.size() != function.arity()) {
                throw new ExprException(
                        "found " + args.size() + " arguments of " + function.text() + ", expected " + function.arity());
            }
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    record Cast(DType dtype, Expr x) implements Expr {
        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /** NumPy's basic indexing. */
    record Index(Expr x, List<Subscript> subscripts) implements Expr {
        public Index {
            subscripts = List.copyOf(subscripts);
            if (subscripts.isEmpty()) {
                throw new ExprException("found no subscripts, expected an integer, a slice, None or ...");
            }
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /** One item between the brackets. */
    sealed interface Subscript {
        static Subscript at(long index) {
            return new At(index);
        }

        /** {@code :}. */
        static Subscript all() {
            return new Slice(OptionalLong.empty(), OptionalLong.empty(), 1);
        }

        /** {@code from:to}. */
        static Subscript slice(long from, long to) {
            return slice(from, to, 1);
        }

        /** {@code from:to:step}. */
        static Subscript slice(long from, long to, long step) {
            return new Slice(OptionalLong.of(from), OptionalLong.of(to), step);
        }

        /** {@code from:}. */
        static Subscript from(long from) {
            return new Slice(OptionalLong.of(from), OptionalLong.empty(), 1);
        }

        /** {@code :to}. */
        static Subscript to(long to) {
            return new Slice(OptionalLong.empty(), OptionalLong.of(to), 1);
        }

        /** {@code ::step}; -1 reverses. */
        static Subscript every(long step) {
            return new Slice(OptionalLong.empty(), OptionalLong.empty(), step);
        }

        /** {@code None}. */
        static Subscript newAxis() {
            return new NewAxis();
        }

        /** {@code ...}. */
        static Subscript ellipsis() {
            return new Ellipsis();
        }

        /** An integer: takes one element and drops the axis; negative counts from the end. */
        record At(long index) implements Subscript {}

        /** {@code from:to:step}. */
        record Slice(OptionalLong from, OptionalLong to, long step) implements Subscript {
            public Slice {
                if (step == 0) {
                    throw new ExprException("found a slice of step 0, expected another integer");
                }
            }
        }

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
    record Reduce(Reduction reduction, Expr x, Optional<List<Integer>> axes, boolean keepdims) implements Expr {
        public Reduce {
            axes = axes.map(List::copyOf);
        }

        /** The same reduction with {@code keepdims=true}: the reduced axes stay, with extent 1. */
        public Reduce keepingDims() {
            return new Reduce(reduction, x, axes, true);
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /**
     * {@code mean(x, weights=w)}: the sum of x * w over that of w, as {@code numpy.average}.
     *
     * @param weights of x's shape, or a row along the one axis
     */
    record WeightedMean(Expr x, Expr weights, Optional<List<Integer>> axes, boolean keepdims) implements Expr {
        public WeightedMean {
            axes = axes.map(List::copyOf);
        }

        /** The same with {@code keepdims=true}: the reduced axes stay, with extent 1. */
        public WeightedMean keepingDims() {
            return new WeightedMean(x, weights, axes, true);
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /**
     * A function of whole lines.
     *
     * @param args what it takes beside the array: quantiles; bins and range; a length
     * @param axes as written, negative from the end; empty for the function's default
     */
    record Lines(
            LineFunction function, Expr x, List<Literal> args, Optional<List<Integer>> axes, boolean keepdims)
            implements Expr {
        public Lines {
            args = List.copyOf(args);
            axes = axes.map(List::copyOf);
            boolean fits = switch (function) {
                case QUANTILE -> !args.isEmpty();
                case HISTOGRAM -> args.size() == 3;
                case IRFFT -> args.size() <= 1;
                default -> args.isEmpty();
            };
            if (!fits) {
                throw new ExprException("found " + args.size() + " numbers in " + function.text()
                        + ", expected those that it takes");
            }
            if (axes.isPresent() && axes.get().size() > function.mostAxes()) {
                throw new ExprException("found " + axes.get().size() + " axes in " + function.text() + ", expected "
                        + (function.mostAxes() == 0 ? "none" : "at most " + function.mostAxes()));
            }
            if (keepdims && !function.takesKeepdims()) {
                throw new ExprException("found keepdims in " + function.text() + ", expected it in reductions alone");
            }
        }

        /** The same with {@code keepdims=true}: the axes that quantiles are taken over stay, with extent 1. */
        public Lines keepingDims() {
            return new Lines(function, x, args, axes, true);
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /** @param axes the permutation; empty reverses the axes */
    record Transpose(Expr x, Optional<List<Integer>> axes) implements Expr {
        public Transpose {
            axes = axes.map(List::copyOf);
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /** @param shape one extent may be -1: what is left */
    record Reshape(Expr x, List<Long> shape) implements Expr {
        public Reshape {
            shape = List.copyOf(shape);
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    record Concat(List<Expr> parts, int axis) implements Expr {
        public Concat {
            parts = List.copyOf(parts);
            if (parts.isEmpty()) {
                throw new ExprException("found nothing to concat, expected one array or more");
            }
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /** {@code a @ b}, with NumPy's rules for vectors and batches. */
    record MatMul(Expr a, Expr b) implements Expr {
        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /** {@code dot(a, b)}: {@code a @ b} for vectors and matrices, a product with a scalar. */
    record Dot(Expr a, Expr b) implements Expr {
        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /** {@code at(x, offsets…)}: the element so many indices away along each axis. */
    record At(Expr x, List<Long> offsets) implements Expr {
        public At {
            offsets = List.copyOf(offsets);
            if (offsets.isEmpty()) {
                throw new ExprException("found at(…) without offsets, expected one for each axis");
            }
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /**
     * Says what the neighbour accesses inside {@code x} find beyond the edge; outside of any stencil it is the edge.
     *
     * @param fill what {@link EdgeMode#CONSTANT} reads; 0 with any other mode
     */
    record Stencil(Expr x, EdgeMode mode, Literal fill) implements Expr {
        public Stencil {
            if (mode != EdgeMode.CONSTANT) {
                fill = literal(0);
            } else if (fill.kind() == DType.BOOL) {
                fill = literal(fill.bits());
            }
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /** {@code blocks(x, n)}: shape (ceil(rows / n), n, …); the last block may be shorter. */
    record Blocks(Expr x, long rows) implements Expr {
        public Blocks {
            ExprGraph.checkRows("blocks", rows);
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /** {@code rolling(x, n)}: shape (rows - n + 1, n, …). */
    record Rolling(Expr x, long rows) implements Expr {
        public Rolling {
            ExprGraph.checkRows("rolling", rows);
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /**
     * {@code random(shape, seed)}, {@code normal(shape, seed)}, {@code randint(shape, seed, lo, hi)}: element i depends
     * on the seed and its row-major index only.
     *
     * @param dtype f64 or f32; of integers i64
     * @param lo the least integer; 0 for floats
     * @param hi one past the largest, at most 2^32 further; 0 for floats
     */
    record Random(Distribution distribution, List<Long> shape, long seed, DType dtype, long lo, long hi)
            implements Expr {
        public Random {
            shape = List.copyOf(shape);
            String name = distribution.text();
            for (long extent : shape) {
                if (extent < 0) {
                    throw new ExprException("found the extent " + extent + " in " + name + ", expected 0 or more");
                }
            }
            if (distribution == Distribution.RANDINT) {
                if (lo >= hi || hi - lo > 1L << 32 || hi - lo < 0) {
                    throw new ExprException("found integers from " + lo + " to " + hi + " in " + name
                            + ", expected an upper end at most 2^32 above the lower");
                }
                dtype = DType.I64;
            } else if (!dtype.isFloat()) {
                throw new ExprException("found " + dtype + " in " + name + ", expected f32 or f64");
            }
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /**
     * {@code iterate(name=next, …, steps=n)}: the fields after n steps, in each of which all of them become what their
     * {@code next} makes of the fields before. One field has the value itself; several are stacked along a new leading
     * axis, and {@code [k]} takes field k.
     */
    record Iterate(List<Field> fields, long steps) implements Expr {
        /** The most fields that go together. */
        public static final int MOST_FIELDS = 8;

        /** The most steps: more are better done in several runs. */
        public static final long MOST_STEPS = 1_000_000;

        public Iterate {
            fields = List.copyOf(fields);
            if (fields.isEmpty() || fields.size() > MOST_FIELDS) {
                throw new ExprException(
                        "found " + fields.size() + " fields in iterate(…), expected 1 to " + MOST_FIELDS);
            }
            if (fields.stream().map(Field::name).distinct().count() < fields.size()) {
                throw new ExprException("found a field twice in iterate(…), expected each once");
            }
            if (steps < 0 || steps > MOST_STEPS) {
                throw new ExprException(
                        "found " + steps + " steps in iterate(…), expected 0 to " + MOST_STEPS);
            }
        }

        List<String> names() {
            return fields.stream().map(Field::name).toList();
        }

        /** The starts, then what each step makes. */
        List<Expr> parts() {
            return Stream.concat(fields.stream().map(Field::start), fields.stream().map(Field::next))
                    .toList();
        }

        @Override
        public String toString() {
            return text(ExprText.SHOWN);
        }
    }

    /**
     * A field of {@link Iterate}.
     *
     * @param name what stands for the field's state in every {@code next}
     * @param next the state after a step
     */
    record Field(String name, Expr start, Expr next) {
        /** A name that no option of {@code iterate} has. */
        public static final Set<String> OPTIONS = Set.of("steps", "start");

        public Field {
            Names.check(name);
            if (OPTIONS.contains(name)) {
                throw new ExprException("found the field name '" + name + "', expected another: it is an option");
            }
        }
    }
}
