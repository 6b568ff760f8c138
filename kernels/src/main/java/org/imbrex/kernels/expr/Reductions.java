package org.imbrex.kernels.expr;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Traced expressions: the reductions, over all axes where none is given. */
sealed interface Reductions permits Expr {

    private Expr self() {
        return (Expr) this;
    }

    /** {@code sum(x, axis=axes)}. */
    default Expr.Reduce sum(int... axes) {
        return reduce(Reduction.SUM, axes);
    }

    /** {@code prod(x, axis=axes)}. */
    default Expr.Reduce prod(int... axes) {
        return reduce(Reduction.PROD, axes);
    }

    /** {@code mean(x, axis=axes)}. */
    default Expr.Reduce mean(int... axes) {
        return reduce(Reduction.MEAN, axes);
    }

    /** {@code mean(x, weights=weights, axis=axes)}. */
    default Expr.WeightedMean mean(Expr weights, int... axes) {
        return new Expr.WeightedMean(
                self(),
                weights,
                axes.length == 0
                        ? Optional.empty()
                        : Optional.of(Arrays.stream(axes).boxed().toList()),
                false);
    }

    /** {@code var(x, axis=axes)}. */
    default Expr.Reduce var(int... axes) {
        return reduce(Reduction.VAR, axes);
    }

    /** {@code std(x, axis=axes)}. */
    default Expr.Reduce std(int... axes) {
        return reduce(Reduction.STD, axes);
    }

    /** {@code min(x, axis=axes)}. */
    default Expr.Reduce min(int... axes) {
        return reduce(Reduction.MIN, axes);
    }

    /** {@code max(x, axis=axes)}. */
    default Expr.Reduce max(int... axes) {
        return reduce(Reduction.MAX, axes);
    }

    /** {@code argmin(x, axis=axes)}. */
    default Expr.Reduce argmin(int... axes) {
        return reduce(Reduction.ARGMIN, axes);
    }

    /** {@code argmax(x, axis=axes)}. */
    default Expr.Reduce argmax(int... axes) {
        return reduce(Reduction.ARGMAX, axes);
    }

    /** {@code any(x, axis=axes)}. */
    default Expr.Reduce any(int... axes) {
        return reduce(Reduction.ANY, axes);
    }

    /** {@code all(x, axis=axes)}. */
    default Expr.Reduce all(int... axes) {
        return reduce(Reduction.ALL, axes);
    }

    /** {@code count(x, axis=axes)}. */
    default Expr.Reduce count(int... axes) {
        return reduce(Reduction.COUNT, axes);
    }

    /** {@code nansum(x, axis=axes)}. */
    default Expr.Reduce nansum(int... axes) {
        return reduce(Reduction.NANSUM, axes);
    }

    /** {@code nanprod(x, axis=axes)}. */
    default Expr.Reduce nanprod(int... axes) {
        return reduce(Reduction.NANPROD, axes);
    }

    /** {@code nanmean(x, axis=axes)}. */
    default Expr.Reduce nanmean(int... axes) {
        return reduce(Reduction.NANMEAN, axes);
    }

    /** {@code nanvar(x, axis=axes)}. */
    default Expr.Reduce nanvar(int... axes) {
        return reduce(Reduction.NANVAR, axes);
    }

    /** {@code nanstd(x, axis=axes)}. */
    default Expr.Reduce nanstd(int... axes) {
        return reduce(Reduction.NANSTD, axes);
    }

    /** {@code nanmin(x, axis=axes)}. */
    default Expr.Reduce nanmin(int... axes) {
        return reduce(Reduction.NANMIN, axes);
    }

    /** {@code nanmax(x, axis=axes)}. */
    default Expr.Reduce nanmax(int... axes) {
        return reduce(Reduction.NANMAX, axes);
    }

    /**
     * A reduction; {@link Expr.Reduce#keepingDims} of it leaves the reduced axes with extent 1.
     *
     * @param axes negative from the end; none for all
     */
    default Expr.Reduce reduce(Reduction reduction, int... axes) {
        Optional<List<Integer>> list = axes.length == 0
                ? Optional.empty()
                : Optional.of(Arrays.stream(axes).boxed().toList());
        return new Expr.Reduce(reduction, self(), list, false);
    }
}
