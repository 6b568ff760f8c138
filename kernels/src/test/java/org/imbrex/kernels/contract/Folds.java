package org.imbrex.kernels.contract;

import static org.imbrex.kernels.contract.NodeEvaluator.at;
import static org.imbrex.kernels.contract.NodeEvaluator.each;
import static org.imbrex.kernels.contract.NodeEvaluator.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import java.util.function.ToLongFunction;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;

/** What each reduction means: whole arrays, and {@link CanonicalTree} to the letter. */
final class Folds {
    private final DType dtype;
    private final Shape shape;
    private final Shape kept;
    private final long[] x;
    private final int[] axes;
    private final DType result;
    private final long count;
    private final boolean windows;

    /** @param windows whether the last of the axes is one of windows, see {@link WindowFold#is} */
    Folds(ArrayType type, long[] x, int[] axes, DType result, boolean windows) {
        this.dtype = type.dtype();
        this.shape = type.shape();
        this.x = x;
        this.axes = axes;
        this.windows = windows;
        this.result = result;
        this.kept = without(shape, axes);
        long n = 1;
        for (int axis : axes) {
            n *= shape.extent(axis);
        }
        this.count = n;
    }

    /** The reduced axes with extent 1. */
    private static Shape without(Shape shape, int... axes) {
        long[] extents = shape.extents();
        for (int axis : axes) {
            extents[axis] = 1;
        }
        return new Shape(extents);
    }

    long[] reduce(Reduction reduction) {
        return switch (reduction) {
            case SUM -> fold(Combine.SUM, x);
            case PROD -> fold(Combine.PROD, x);
            case MIN -> fold(Combine.MIN, x);
            case MAX -> fold(Combine.MAX, x);
            case MEAN -> over(fold(Combine.SUM, x), each(kept, i -> real(count)));
            case VAR -> variance();
            case STD -> roots(variance());
            case ARGMIN -> best(true);
            case ARGMAX -> best(false);
            case ANY -> count == 0 ? each(kept, i -> 0) : fold(Combine.MAX, x);
            case ALL -> count == 0 ? each(kept, i -> 1) : fold(Combine.MIN, x);
            case COUNT -> fold(Combine.SUM, x);
            case NANSUM -> fold(Combine.SUM, map(v -> isNaN(v) ? 0 : v));
            case NANPROD -> fold(Combine.PROD, map(v -> isNaN(v) ? real(1) : v));
            case NANMEAN -> over(fold(Combine.SUM, map(v -> isNaN(v) ? 0 : v)), present());
            case NANVAR -> nanVariance();
            case NANSTD -> roots(nanVariance());
            case NANMIN -> nanExtreme(Combine.MIN);
            case NANMAX -> nanExtreme(Combine.MAX);
        };
    }

    /** Of the distances to the mean of the first 64th along the longest reduced axis. */
    private long[] variance() {
        if (count == 0) {
            return over(fold(Combine.SUM, x), each(kept, i -> real(0)));
        }
        if (windows && axes.length == 1) {
            return over(
                    windows(x, v -> new WindowFold.Stretch(v, real(0), 1), this::chan, false, WindowFold.Stretch::squares),
                    each(kept, i -> real(count)));
        }
        long[] estimate = estimate();
        long[] distances = each(shape, i -> op(Op.SUB, x[at(shape, i)], estimate[at(kept, inKept(i))]));
        long[] off = fold(Combine.SUM, distances);
        long[] squares = fold(Combine.SUM, map(distances, d -> op(Op.MUL, d, d)));
        long[] variance = new long[off.length];
        Arrays.setAll(variance, i -> {
            long correction = op(Op.MUL, off[i], op(Op.DIV, off[i], real(count)));
            return op(
                    Op.DIV,
                    combine(Combine.MAX, dtype.scalar(), op(Op.SUB, squares[i], correction), real(0)),
                    real(count));
        });
        return variance;
    }

    /** Chan, Golub and LeVeque, equations 2.1. */
    private WindowFold.Stretch chan(WindowFold.Stretch left, WindowFold.Stretch right) {
        long m = left.length();
        long n = right.length();
        long scaled = m == n ? left.sum() : op(Op.MUL, left.sum(), real((double) n / m));
        long off = op(Op.SUB, scaled, right.sum());
        long between = op(Op.MUL, op(Op.MUL, off, off), real(m / ((double) n * (m + n))));
        long within = m == 1 && n == 1
                ? between
                : op(Op.ADD, op(Op.ADD, left.squares(), right.squares()), between);
        return new WindowFold.Stretch(op(Op.ADD, left.sum(), right.sum()), within, m + n);
    }

    /** A value of each window along the last axis. */
    private long[] windows(
            long[] values,
            LongFunction<WindowFold.Stretch> one,
            BinaryOperator<WindowFold.Stretch> merge,
            boolean overlaps,
            ToLongFunction<WindowFold.Stretch> value) {
        int last = axes[axes.length - 1];
        return each(without(shape, last), index -> {
            long[] window = each(new Shape(new long[] {shape.extent(last)}), i -> {
                long[] from = index.clone();
                from[last] = i[0];
                return values[at(shape, from)];
            });
            return value.applyAsLong(new WindowFold(window, one, merge).value(overlaps));
        });
    }

    private long[] estimate() {
        if (axes.length == 0) {
            return x;
        }
        int longest = axes[0];
        for (int axis : axes) {
            longest = shape.extent(axis) > shape.extent(longest) ? axis : longest;
        }
        long[] extents = shape.extents();
        extents[longest] = Math.max(1, extents[longest] / 64);
        Shape few = new Shape(extents);
        long[] first = each(few, i -> x[at(shape, i)]);
        return new Folds(new ArrayType(dtype, few), first, axes, result, false).reduce(Reduction.MEAN);
    }

    private long[] nanVariance() {
        long[] mean = reduce(Reduction.NANMEAN);
        long[] squares = each(shape, i -> {
            long v = x[at(shape, i)];
            long d = op(Op.SUB, v, mean[at(kept, inKept(i))]);
            return isNaN(v) ? 0 : op(Op.MUL, d, d);
        });
        // distances to each window's own mean are no windows
        Folds plain = new Folds(new ArrayType(dtype, shape), squares, axes, result, false);
        return over(plain.fold(Combine.SUM, squares), present());
    }

    private long[] nanExtreme(Combine combine) {
        long[] found = fold(combine, map(v -> isNaN(v) ? combine.identity(dtype.scalar()) : v));
        if (!dtype.isFloat()) {
            return found;
        }
        long[] present = present();
        return each(kept, i -> Values.real(dtype, present[at(kept, i)]) == 0
                ? real(Double.NaN)
                : found[at(kept, i)]);
    }

    /** The number, within the reduced axes, of the first NaN, or else of the first least or largest. */
    private long[] best(boolean least) {
        long[] at = new long[(int) kept.elements()];
        long[] value = new long[at.length];
        Arrays.fill(at, -1);
        for (int i = 0; i < x.length; i++) {
            long[] index = index(shape, i);
            int to = at(kept, inKept(index));
            long number = 0;
            for (int axis : axes) {
                number = number * shape.extent(axis) + index[axis];
            }
            boolean better = at[to] < 0
                    || (!isNaN(value[to])
                            && (isNaN(x[i]) || (least ? isLess(x[i], value[to]) : isLess(value[to], x[i]))));
            if (better) {
                at[to] = number;
                value[to] = x[i];
            }
        }
        return at;
    }

    private long[] inKept(long[] index) {
        long[] own = index.clone();
        for (int axis : axes) {
            own[axis] = 0;
        }
        return own;
    }

    private long[] map(LongUnaryOperator element) {
        return map(x, element);
    }

    private static long[] map(long[] of, LongUnaryOperator element) {
        return Arrays.stream(of).map(element).toArray();
    }

    /** How many are no NaN, as the result's dtype. */
    private long[] present() {
        long[] counts = new long[(int) kept.elements()];
        for (int i = 0; i < x.length; i++) {
            counts[at(kept, inKept(index(shape, i)))] += isNaN(x[i]) ? 0 : 1;
        }
        return Arrays.stream(counts).map(this::real).toArray();
    }

    private long[] over(long[] sums, long[] counts) {
        long[] quotients = sums.clone();
        Arrays.setAll(quotients, i -> op(Op.DIV, sums[i], counts[i]));
        return quotients;
    }

    private long[] roots(long[] of) {
        return Arrays.stream(of).map(v -> op(Op.SQRT, v, 0)).toArray();
    }

    private long op(Op op, long a, long b) {
        return Semantics.apply(op, dtype.scalar(), dtype.scalar(), a, b, 0);
    }

    private long real(double value) {
        return dtype == DType.F32 ? Semantics.bits((float) value) : Semantics.bits(value);
    }

    private long real(long value) {
        return dtype == DType.F32 ? Semantics.bits((float) value) : Semantics.bits((double) value);
    }

    private boolean isNaN(long bits) {
        return Values.isNaN(dtype, bits);
    }

    private boolean isLess(long a, long b) {
        return dtype.isFloat() ? Values.real(dtype, a) < Values.real(dtype, b) : a < b;
    }

    // ---- the canonical tree

    /** Runs of adjacent axes, the innermost first. */
    private long[] fold(Combine combine, long[] of) {
        boolean counts = dtype == DType.BOOL && result == DType.I64;
        ScalarType type = dtype == DType.BOOL ? (counts ? ScalarType.I64 : ScalarType.I32) : dtype.scalar();
        if (axes.length == 0) {
            return of;
        }
        if (count == 0) {
            return each(kept, i -> combine == Combine.SUM ? 0 : combine.identity(type));
        }
        long[] values = of;
        Shape now = shape;
        int to = axes.length;
        if (windows) {
            values = windows(
                    of,
                    v -> new WindowFold.Stretch(v, 0, 1),
                    (a, b) -> new WindowFold.Stretch(combine(combine, type, a.sum(), b.sum()), 0, 0),
                    WindowFold.mayOverlap(combine),
                    WindowFold.Stretch::sum);
            to--;
            now = without(now, axes[to]);
        }
        while (to > 0) {
            int from = to - 1;
            while (from > 0 && axes[from - 1] == axes[from] - 1) {
                from--;
            }
            int[] run = Arrays.copyOfRange(axes, from, to);
            values = run(combine, type, values, now, run);
            now = without(now, run);
            to = from;
        }
        return values;
    }

    private static long[] run(Combine combine, ScalarType type, long[] values, Shape shape, int[] run) {
        long[] reduced = new long[run.length];
        Arrays.setAll(reduced, k -> shape.extent(run[k]));
        Shape inner = new Shape(reduced);
        LongBinaryOperator operator = (a, b) -> combine(combine, type, a, b);
        return each(without(shape, run), index -> {
            long[] elements = each(inner, i -> {
                long[] from = index.clone();
                for (int k = 0; k < run.length; k++) {
                    from[run[k]] = i[k];
                }
                return values[at(shape, from)];
            });
            return tree(elements, combine.identity(type), operator);
        });
    }

    private static long tree(long[] elements, long identity, LongBinaryOperator combine) {
        List<Long> level = new ArrayList<>();
        for (int from = 0; from < elements.length; from += CanonicalTree.LEAF) {
            long[] lanes = new long[CanonicalTree.LANES];
            Arrays.fill(lanes, identity);
            for (int r = from; r < Math.min(elements.length, from + CanonicalTree.LEAF); r++) {
                int lane = r % CanonicalTree.LANES;
                lanes[lane] = combine.applyAsLong(lanes[lane], elements[r]);
            }
            for (int half = CanonicalTree.LANES / 2; half > 0; half /= 2) {
                for (int lane = 0; lane < half; lane++) {
                    lanes[lane] = combine.applyAsLong(lanes[lane], lanes[lane + half]);
                }
            }
            level.add(lanes[0]);
        }
        while (level.size() > 1) {
            List<Long> above = new ArrayList<>();
            for (int k = 0; k < level.size(); k += 2) {
                above.add(k + 1 < level.size() ? combine.applyAsLong(level.get(k), level.get(k + 1)) : level.get(k));
            }
            level = above;
        }
        return level.getFirst();
    }

    private static long combine(Combine combine, ScalarType type, long a, long b) {
        return switch (combine) {
            case SUM -> Semantics.apply(Op.ADD, type, type, a, b, 0);
            case PROD -> Semantics.apply(Op.MUL, type, type, a, b, 0);
            case MIN, MAX -> {
                boolean nan = type.isFloat() && Semantics.apply(Op.NE, ScalarType.BOOL, type, a, a, 0) != 0;
                long less = combine == Combine.MIN
                        ? Semantics.apply(Op.LT, ScalarType.BOOL, type, a, b, 0)
                        : Semantics.apply(Op.LT, ScalarType.BOOL, type, b, a, 0);
                yield nan || less != 0 ? a : b;
            }
        };
    }
}
