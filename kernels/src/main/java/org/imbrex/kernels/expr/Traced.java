package org.imbrex.kernels.expr;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.DType;

/** The fluent form of expressions: each method is the operator or function of that name in the text form. */
public sealed interface Traced permits Expr {

    private Expr self() {
        return (Expr) this;
    }

    // ---- arithmetic

    /** {@code x + y}. */
    default Expr plus(Expr y) {
        return Expr.call(Function.ADD, self(), y);
    }

    /** {@code x + y}. */
    default Expr plus(double y) {
        return plus(Expr.literal(y));
    }

    /** {@code x + y}. */
    default Expr plus(long y) {
        return plus(Expr.literal(y));
    }

    /** {@code x - y}. */
    default Expr minus(Expr y) {
        return Expr.call(Function.SUB, self(), y);
    }

    /** {@code x - y}. */
    default Expr minus(double y) {
        return minus(Expr.literal(y));
    }

    /** {@code x - y}. */
    default Expr minus(long y) {
        return minus(Expr.literal(y));
    }

    /** {@code x * y}. */
    default Expr times(Expr y) {
        return Expr.call(Function.MUL, self(), y);
    }

    /** {@code x * y}. */
    default Expr times(double y) {
        return times(Expr.literal(y));
    }

    /** {@code x * y}. */
    default Expr times(long y) {
        return times(Expr.literal(y));
    }

    /** {@code x / y}; integers give f64. */
    default Expr dividedBy(Expr y) {
        return Expr.call(Function.DIV, self(), y);
    }

    /** {@code x / y}; integers give f64. */
    default Expr dividedBy(double y) {
        return dividedBy(Expr.literal(y));
    }

    /** {@code x / y}; integers give f64. */
    default Expr dividedBy(long y) {
        return dividedBy(Expr.literal(y));
    }

    /** {@code x // y}. */
    default Expr floorDiv(Expr y) {
        return Expr.call(Function.FLOORDIV, self(), y);
    }

    /** {@code x // y}. */
    default Expr floorDiv(double y) {
        return floorDiv(Expr.literal(y));
    }

    /** {@code x // y}. */
    default Expr floorDiv(long y) {
        return floorDiv(Expr.literal(y));
    }

    /** {@code x % y}, with the sign of y. */
    default Expr mod(Expr y) {
        return Expr.call(Function.MOD, self(), y);
    }

    /** {@code x % y}, with the sign of y. */
    default Expr mod(double y) {
        return mod(Expr.literal(y));
    }

    /** {@code x % y}, with the sign of y. */
    default Expr mod(long y) {
        return mod(Expr.literal(y));
    }

    /** {@code x ** y}. */
    default Expr pow(Expr y) {
        return Expr.call(Function.POW, self(), y);
    }

    /** {@code x ** y}. */
    default Expr pow(double y) {
        return pow(Expr.literal(y));
    }

    /** {@code x ** y}. */
    default Expr pow(long y) {
        return pow(Expr.literal(y));
    }

    /** {@code x == y}. */
    default Expr eq(Expr y) {
        return Expr.call(Function.EQ, self(), y);
    }

    /** {@code x == y}. */
    default Expr eq(double y) {
        return eq(Expr.literal(y));
    }

    /** {@code x == y}. */
    default Expr eq(long y) {
        return eq(Expr.literal(y));
    }

    /** {@code x != y}. */
    default Expr ne(Expr y) {
        return Expr.call(Function.NE, self(), y);
    }

    /** {@code x != y}. */
    default Expr ne(double y) {
        return ne(Expr.literal(y));
    }

    /** {@code x != y}. */
    default Expr ne(long y) {
        return ne(Expr.literal(y));
    }

    /** {@code x < y}. */
    default Expr lt(Expr y) {
        return Expr.call(Function.LT, self(), y);
    }

    /** {@code x < y}. */
    default Expr lt(double y) {
        return lt(Expr.literal(y));
    }

    /** {@code x < y}. */
    default Expr lt(long y) {
        return lt(Expr.literal(y));
    }

    /** {@code x <= y}. */
    default Expr le(Expr y) {
        return Expr.call(Function.LE, self(), y);
    }

    /** {@code x <= y}. */
    default Expr le(double y) {
        return le(Expr.literal(y));
    }

    /** {@code x <= y}. */
    default Expr le(long y) {
        return le(Expr.literal(y));
    }

    /** {@code x > y}. */
    default Expr gt(Expr y) {
        return Expr.call(Function.GT, self(), y);
    }

    /** {@code x > y}. */
    default Expr gt(double y) {
        return gt(Expr.literal(y));
    }

    /** {@code x > y}. */
    default Expr gt(long y) {
        return gt(Expr.literal(y));
    }

    /** {@code x >= y}. */
    default Expr ge(Expr y) {
        return Expr.call(Function.GE, self(), y);
    }

    /** {@code x >= y}. */
    default Expr ge(double y) {
        return ge(Expr.literal(y));
    }

    /** {@code x >= y}. */
    default Expr ge(long y) {
        return ge(Expr.literal(y));
    }

    /** {@code x & y}. */
    default Expr and(Expr y) {
        return Expr.call(Function.AND, self(), y);
    }

    /** {@code x | y}. */
    default Expr or(Expr y) {
        return Expr.call(Function.OR, self(), y);
    }

    /** {@code x ^ y}. */
    default Expr xor(Expr y) {
        return Expr.call(Function.XOR, self(), y);
    }

    /** {@code minimum(x, y)}. */
    default Expr minimum(Expr y) {
        return Expr.call(Function.MINIMUM, self(), y);
    }

    /** {@code maximum(x, y)}. */
    default Expr maximum(Expr y) {
        return Expr.call(Function.MAXIMUM, self(), y);
    }

    /** {@code atan2(x, y)}. */
    default Expr atan2(Expr y) {
        return Expr.call(Function.ATAN2, self(), y);
    }

    /** {@code hypot(x, y)}. */
    default Expr hypot(Expr y) {
        return Expr.call(Function.HYPOT, self(), y);
    }

    /** {@code -x}. */
    default Expr negate() {
        return Expr.call(Function.NEG, self());
    }

    /** {@code ~x}. */
    default Expr not() {
        return Expr.call(Function.INVERT, self());
    }

    /** {@code where(x, a, b)}: x is the condition. */
    default Expr where(Expr a, Expr b) {
        return Expr.call(Function.WHERE, self(), a, b);
    }

    /** {@code clip(x, lo, hi)}. */
    default Expr clip(Expr lo, Expr hi) {
        return Expr.call(Function.CLIP, self(), lo, hi);
    }

    /** {@code clip(x, lo, hi)}. */
    default Expr clip(double lo, double hi) {
        return clip(Expr.literal(lo), Expr.literal(hi));
    }

    /** {@code fma(x, y, z)}: x * y + z, rounded once. */
    default Expr fma(Expr y, Expr z) {
        return Expr.call(Function.FMA, self(), y, z);
    }

    /** {@code f32(x)} … : to another dtype by value. */
    default Expr cast(DType dtype) {
        return new Expr.Cast(dtype, self());
    }

    // ---- functions of one argument

    /** {@code abs(x)}. */
    default Expr abs() {
        return Expr.call(Function.ABS, self());
    }

    /** {@code sign(x)}. */
    default Expr sign() {
        return Expr.call(Function.SIGN, self());
    }

    /** {@code sqrt(x)}. */
    default Expr sqrt() {
        return Expr.call(Function.SQRT, self());
    }

    /** {@code exp(x)}. */
    default Expr exp() {
        return Expr.call(Function.EXP, self());
    }

    /** {@code expm1(x)}. */
    default Expr expm1() {
        return Expr.call(Function.EXPM1, self());
    }

    /** {@code log(x)}. */
    default Expr log() {
        return Expr.call(Function.LOG, self());
    }

    /** {@code log1p(x)}. */
    default Expr log1p() {
        return Expr.call(Function.LOG1P, self());
    }

    /** {@code log2(x)}. */
    default Expr log2() {
        return Expr.call(Function.LOG2, self());
    }

    /** {@code log10(x)}. */
    default Expr log10() {
        return Expr.call(Function.LOG10, self());
    }

    /** {@code sin(x)}. */
    default Expr sin() {
        return Expr.call(Function.SIN, self());
    }

    /** {@code cos(x)}. */
    default Expr cos() {
        return Expr.call(Function.COS, self());
    }

    /** {@code tan(x)}. */
    default Expr tan() {
        return Expr.call(Function.TAN, self());
    }

    /** {@code asin(x)}. */
    default Expr asin() {
        return Expr.call(Function.ASIN, self());
    }

    /** {@code acos(x)}. */
    default Expr acos() {
        return Expr.call(Function.ACOS, self());
    }

    /** {@code atan(x)}. */
    default Expr atan() {
        return Expr.call(Function.ATAN, self());
    }

    /** {@code sinh(x)}. */
    default Expr sinh() {
        return Expr.call(Function.SINH, self());
    }

    /** {@code cosh(x)}. */
    default Expr cosh() {
        return Expr.call(Function.COSH, self());
    }

    /** {@code tanh(x)}. */
    default Expr tanh() {
        return Expr.call(Function.TANH, self());
    }

    /** {@code floor(x)}. */
    default Expr floor() {
        return Expr.call(Function.FLOOR, self());
    }

    /** {@code ceil(x)}. */
    default Expr ceil() {
        return Expr.call(Function.CEIL, self());
    }

    /** {@code round(x)}. */
    default Expr round() {
        return Expr.call(Function.ROUND, self());
    }

    /** {@code trunc(x)}. */
    default Expr trunc() {
        return Expr.call(Function.TRUNC, self());
    }

    /** {@code isnan(x)}. */
    default Expr isnan() {
        return Expr.call(Function.ISNAN, self());
    }

    /** {@code isinf(x)}. */
    default Expr isinf() {
        return Expr.call(Function.ISINF, self());
    }

    /** {@code isfinite(x)}. */
    default Expr isfinite() {
        return Expr.call(Function.ISFINITE, self());
    }

    // ---- reductions, over all axes where none is given

    /** {@code sum(x, axis=axes)}. */
    default Expr sum(int... axes) {
        return reduce(Reduction.SUM, false, axes);
    }

    /** {@code prod(x, axis=axes)}. */
    default Expr prod(int... axes) {
        return reduce(Reduction.PROD, false, axes);
    }

    /** {@code mean(x, axis=axes)}. */
    default Expr mean(int... axes) {
        return reduce(Reduction.MEAN, false, axes);
    }

    /** {@code var(x, axis=axes)}. */
    default Expr var(int... axes) {
        return reduce(Reduction.VAR, false, axes);
    }

    /** {@code std(x, axis=axes)}. */
    default Expr std(int... axes) {
        return reduce(Reduction.STD, false, axes);
    }

    /** {@code min(x, axis=axes)}. */
    default Expr min(int... axes) {
        return reduce(Reduction.MIN, false, axes);
    }

    /** {@code max(x, axis=axes)}. */
    default Expr max(int... axes) {
        return reduce(Reduction.MAX, false, axes);
    }

    /** {@code argmin(x, axis=axes)}. */
    default Expr argmin(int... axes) {
        return reduce(Reduction.ARGMIN, false, axes);
    }

    /** {@code argmax(x, axis=axes)}. */
    default Expr argmax(int... axes) {
        return reduce(Reduction.ARGMAX, false, axes);
    }

    /** {@code any(x, axis=axes)}. */
    default Expr any(int... axes) {
        return reduce(Reduction.ANY, false, axes);
    }

    /** {@code all(x, axis=axes)}. */
    default Expr all(int... axes) {
        return reduce(Reduction.ALL, false, axes);
    }

    /** {@code count(x, axis=axes)}. */
    default Expr count(int... axes) {
        return reduce(Reduction.COUNT, false, axes);
    }

    /** {@code nansum(x, axis=axes)}. */
    default Expr nansum(int... axes) {
        return reduce(Reduction.NANSUM, false, axes);
    }

    /** {@code nanprod(x, axis=axes)}. */
    default Expr nanprod(int... axes) {
        return reduce(Reduction.NANPROD, false, axes);
    }

    /** {@code nanmean(x, axis=axes)}. */
    default Expr nanmean(int... axes) {
        return reduce(Reduction.NANMEAN, false, axes);
    }

    /** {@code nanvar(x, axis=axes)}. */
    default Expr nanvar(int... axes) {
        return reduce(Reduction.NANVAR, false, axes);
    }

    /** {@code nanstd(x, axis=axes)}. */
    default Expr nanstd(int... axes) {
        return reduce(Reduction.NANSTD, false, axes);
    }

    /** {@code nanmin(x, axis=axes)}. */
    default Expr nanmin(int... axes) {
        return reduce(Reduction.NANMIN, false, axes);
    }

    /** {@code nanmax(x, axis=axes)}. */
    default Expr nanmax(int... axes) {
        return reduce(Reduction.NANMAX, false, axes);
    }

    /**
     * A reduction.
     *
     * @param keepdims whether the reduced axes stay, with extent 1
     * @param axes negative from the end; none for all
     */
    default Expr reduce(Reduction reduction, boolean keepdims, int... axes) {
        Optional<List<Integer>> list =
                axes.length == 0 ? Optional.empty() : Optional.of(Arrays.stream(axes).boxed().toList());
        return new Expr.Reduce(reduction, self(), list, keepdims);
    }

    // ---- shapes

    /** {@code x[i, j, …]}: one integer per leading axis, which it drops. */
    default Expr get(long... indices) {
        List<Expr.Subscript> subscripts = new ArrayList<>();
        for (long index : indices) {
            subscripts.add(new Expr.Subscript.At(index));
        }
        return new Expr.Index(self(), subscripts);
    }

    /** {@code x[:, …, from:to]} along one axis counted from the front. */
    default Expr slice(int axis, long from, long to) {
        return slice(axis, from, to, 1);
    }

    /** {@code x[:, …, from:to:step]} along one axis counted from the front. */
    default Expr slice(int axis, long from, long to, long step) {
        if (axis < 0 || step == 0) {
            throw new ExprException("found axis " + axis + " and step " + step + ", expected an axis from 0 and another step");
        }
        List<Expr.Subscript> subscripts = new ArrayList<>();
        for (int k = 0; k < axis; k++) {
            subscripts.add(new Expr.Subscript.Slice(OptionalLong.empty(), OptionalLong.empty(), 1));
        }
        subscripts.add(new Expr.Subscript.Slice(OptionalLong.of(from), OptionalLong.of(to), step));
        return new Expr.Index(self(), subscripts);
    }

    /** NumPy's basic indexing with any subscripts. */
    default Expr index(Expr.Subscript... subscripts) {
        return new Expr.Index(self(), List.of(subscripts));
    }

    /** {@code transpose(x, axes)}; none reverses the axes. */
    default Expr transpose(int... axes) {
        return new Expr.Transpose(
                self(), axes.length == 0 ? Optional.empty() : Optional.of(Arrays.stream(axes).boxed().toList()));
    }

    /** {@code reshape(x, shape)}; one extent may be -1. */
    default Expr reshape(long... shape) {
        return new Expr.Reshape(self(), Arrays.stream(shape).boxed().toList());
    }

    /** {@code concat(x, other, axis=axis)}. */
    default Expr concat(int axis, Expr... others) {
        List<Expr> parts = new ArrayList<>(List.of(self()));
        parts.addAll(List.of(others));
        return new Expr.Concat(parts, axis);
    }

    /** {@code x @ y}. */
    default Expr matmul(Expr y) {
        return new Expr.MatMul(self(), y);
    }

    // ---- neighbours, blocks, windows

    /** {@code at(x, offsets…)}: the element so far away, one offset per axis. */
    default Expr at(long... offsets) {
        return new Expr.At(self(), Arrays.stream(offsets).boxed().toList());
    }

    /** {@code stencil(x, mode)}: what the neighbour accesses inside find beyond the edge. */
    default Expr stencil(EdgeMode mode) {
        if (mode == EdgeMode.CONSTANT) {
            throw new ExprException("found the mode CONSTANT without its value, expected stencil(value)");
        }
        return new Expr.Stencil(self(), mode, (Expr.Literal) Expr.literal(0));
    }

    /** {@code stencil(x, mode=fill)}: they find a constant. */
    default Expr stencil(double fill) {
        return new Expr.Stencil(self(), EdgeMode.CONSTANT, (Expr.Literal) Expr.literal(fill));
    }

    /** {@code blocks(x, rows)}: shape (ceil(n / rows), rows, …); the last block may be shorter. */
    default Expr blocks(long rows) {
        return new Expr.Blocks(self(), rows);
    }

    /** {@code rolling(x, rows)}: shape (n - rows + 1, rows, …). */
    default Expr rolling(long rows) {
        return new Expr.Rolling(self(), rows);
    }
}
