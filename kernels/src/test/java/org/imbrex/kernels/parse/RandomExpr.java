package org.imbrex.kernels.parse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.Expr.Subscript;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.LineFunction;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.DType;

/** Random expressions of every kind; they parse, but their shapes and dtypes seldom fit. */
public final class RandomExpr {
    private static final String[] NAMES = {"a", "b", "x1", "_t", "sum", "at", "pi", "e", "i8", "axis", "Temp_Max"};

    private final RandomGenerator random;

    public RandomExpr(RandomGenerator random) {
        this.random = random;
    }

    public Expr expr(int depth) {
        if (depth == 0 || random.nextInt(8) == 0) {
            return leaf();
        }
        Expr x = expr(depth - 1);
        return switch (random.nextInt(18)) {
            case 0, 1, 2, 3, 4, 5 -> {
                Function function = one(Function.values());
                List<Expr> args = new ArrayList<>(List.of(x));
                while (args.size() < function.arity()) {
                    args.add(expr(depth - 1));
                }
                yield new Expr.Elementwise(function, args);
            }
            case 6 -> x.cast(one(DType.values()));
            case 15, 16 -> lines(x);
            case 7 -> {
                Subscript[] subscripts = new Subscript[1 + random.nextInt(4)];
                java.util.Arrays.setAll(subscripts, k -> subscript());
                yield x.index(subscripts);
            }
            case 8 ->
                new Expr.Reduce(one(Reduction.values()), x, maybe() ? Optional.of(axes()) : Optional.empty(), maybe());
            case 9 -> new Expr.Transpose(x, maybe() ? Optional.of(axes()) : Optional.empty());
            case 10 -> x.reshape(random.longs(random.nextInt(4), -1, 9).toArray());
            case 11 -> Expr.concat(random.nextInt(-2, 3), x, expr(depth - 1));
            case 12 -> maybe() ? x.matmul(expr(depth - 1)) : x.dot(expr(depth - 1));
            case 13 -> x.at(random.longs(1 + random.nextInt(3), -5, 6).toArray());
            case 14 -> {
                EdgeMode mode = one(EdgeMode.values());
                yield new Expr.Stencil(x, mode, maybe() ? Expr.literal(real()) : Expr.literal(integer()));
            }
            default -> maybe() ? x.blocks(1 + random.nextInt(9)) : x.rolling(1 + random.nextInt(9));
        };
    }

    private Expr lines(Expr x) {
        LineFunction function = one(LineFunction.values());
        List<Expr.Literal> args = new ArrayList<>();
        int count = switch (function) {
            case QUANTILE -> 1 + random.nextInt(3);
            case HISTOGRAM -> 3;
            case IRFFT -> random.nextInt(2);
            default -> 0;
        };
        while (args.size() < count) {
            args.add(maybe() ? Expr.literal(real()) : Expr.literal(integer()));
        }
        Optional<List<Integer>> axes = Optional.empty();
        if (function.mostAxes() > 0 && maybe()) {
            axes = Optional.of(random.ints(1 + random.nextInt(Math.min(3, function.mostAxes())), -3, 3).boxed().toList());
        }
        return new Expr.Lines(function, x, args, axes, function.takesKeepdims() && maybe());
    }

    private Expr leaf() {
        return switch (random.nextInt(6)) {
            case 0 -> Expr.literal(integer());
            case 1 -> Expr.literal(real());
            case 2 -> Expr.literal(maybe());
            default -> Expr.input(one(NAMES));
        };
    }

    private long integer() {
        return switch (random.nextInt(8)) {
            case 0 -> Long.MIN_VALUE;
            case 1 -> Long.MAX_VALUE;
            case 2 -> random.nextLong();
            default -> random.nextInt(-3, 4);
        };
    }

    private double real() {
        return switch (random.nextInt(8)) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> Double.NaN;
            case 2 -> Double.NEGATIVE_INFINITY;
            case 3 -> -0.0;
            case 4 -> Double.MIN_VALUE;
            default -> random.nextInt(-40, 40) / 8.0;
        };
    }

    private Subscript subscript() {
        return switch (random.nextInt(5)) {
            case 0 -> Subscript.at(random.nextInt(-9, 9));
            case 1 -> Subscript.newAxis();
            case 2 -> Subscript.ellipsis();
            default -> {
                int step = random.nextInt(-3, 4);
                yield new Subscript.Slice(bound(), bound(), step == 0 ? 1 : step);
            }
        };
    }

    private OptionalLong bound() {
        return maybe() ? OptionalLong.of(random.nextInt(-9, 9)) : OptionalLong.empty();
    }

    private List<Integer> axes() {
        return random.ints(random.nextInt(4), -3, 3).boxed().toList();
    }

    private boolean maybe() {
        return random.nextBoolean();
    }

    private <T> T one(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
