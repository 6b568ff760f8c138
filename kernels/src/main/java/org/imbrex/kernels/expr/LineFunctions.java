package org.imbrex.kernels.expr;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Traced expressions: the functions of whole lines along an axis, with NumPy's defaults. */
sealed interface LineFunctions permits Expr {

    private Expr self() {
        return (Expr) this;
    }

    private static Optional<List<Integer>> list(int... axes) {
        return axes.length == 0
                ? Optional.empty()
                : Optional.of(Arrays.stream(axes).boxed().toList());
    }

    private Expr.Lines line(LineFunction function, int[] axes, Expr.Literal... args) {
        return new Expr.Lines(function, self(), List.of(args), list(axes), false);
    }

    /** {@code sort(x)}: ascending along the last axis, NaN last. */
    default Expr.Lines sort() {
        return line(LineFunction.SORT, new int[0]);
    }

    /** {@code sort(x, axis=axis)}: ascending, NaN last. */
    default Expr.Lines sort(int axis) {
        return line(LineFunction.SORT, new int[] {axis});
    }

    /** {@code argsort(x)}: the indices that sort along the last axis, stable. */
    default Expr.Lines argsort() {
        return line(LineFunction.ARGSORT, new int[0]);
    }

    /** {@code argsort(x, axis=axis)}: the indices that sort, stable. */
    default Expr.Lines argsort(int axis) {
        return line(LineFunction.ARGSORT, new int[] {axis});
    }

    /** {@code cumsum(x)}: running sums of all elements in row-major order. */
    default Expr.Lines cumsum() {
        return line(LineFunction.CUMSUM, new int[0]);
    }

    /** {@code cumsum(x, axis=axis)}: running sums. */
    default Expr.Lines cumsum(int axis) {
        return line(LineFunction.CUMSUM, new int[] {axis});
    }

    /** {@code cumprod(x)}: running products of all elements in row-major order. */
    default Expr.Lines cumprod() {
        return line(LineFunction.CUMPROD, new int[0]);
    }

    /** {@code cumprod(x, axis=axis)}: running products. */
    default Expr.Lines cumprod(int axis) {
        return line(LineFunction.CUMPROD, new int[] {axis});
    }

    /** {@code quantile(x, q, axis=axes)}, linearly interpolated; {@link Expr.Lines#keepingDims} keeps the axes. */
    default Expr.Lines quantile(double q, int... axes) {
        return line(LineFunction.QUANTILE, axes, Expr.literal(q));
    }

    /** {@code quantile(x, (q, …), axis=axes)}: several along a first axis. */
    default Expr.Lines quantile(double[] qs, int... axes) {
        return line(LineFunction.QUANTILE, axes, Arrays.stream(qs).mapToObj(Expr::literal).toArray(Expr.Literal[]::new));
    }

    /** {@code median(x, axis=axes)}. */
    default Expr.Lines median(int... axes) {
        return line(LineFunction.MEDIAN, axes);
    }

    /** {@code histogram(x, bins, lo, hi)}: how many elements each of so many equal bins holds, as i64. */
    default Expr.Lines histogram(long bins, double lo, double hi) {
        return line(LineFunction.HISTOGRAM, new int[0], Expr.literal(bins), Expr.literal(lo), Expr.literal(hi));
    }

    /** {@code fft(x, axis=axes)} of pairs (re, im) along the last axis, which the axes don't count. */
    default Expr.Lines fft(int... axes) {
        return line(LineFunction.FFT, axes);
    }

    /** {@code ifft(x, axis=axes)} of pairs. */
    default Expr.Lines ifft(int... axes) {
        return line(LineFunction.IFFT, axes);
    }

    /** {@code rfft(x, axis=axes)} of reals, to pairs; the last of the axes is halved. */
    default Expr.Lines rfft(int... axes) {
        return line(LineFunction.RFFT, axes);
    }

    /** {@code irfft(x, n, axis=axes)} of pairs, to reals: n of them along the last of the axes. */
    default Expr.Lines irfft(long n, int... axes) {
        return line(LineFunction.IRFFT, axes, Expr.literal(n));
    }
}
