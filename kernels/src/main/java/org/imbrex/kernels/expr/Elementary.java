package org.imbrex.kernels.expr;

import org.imbrex.kernels.type.DType;

/** Traced expressions: the functions by name, as in text. */
sealed interface Elementary permits Expr {

    private Expr self() {
        return (Expr) this;
    }

    /** {@code abs(x)}. */
    default Expr abs() {
        return Expr.call(Function.ABS, self());
    }

    /** {@code sign(x)}: -1, 0 or 1. */
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

    /** {@code round(x)}: half to even. */
    default Expr round() {
        return Expr.call(Function.ROUND, self());
    }

    /** {@code trunc(x)}: towards zero. */
    default Expr trunc() {
        return Expr.call(Function.TRUNC, self());
    }

    /** {@code isnan(x)}: whether x is NaN. */
    default Expr isnan() {
        return Expr.call(Function.ISNAN, self());
    }

    /** {@code isinf(x)}: whether x is infinite. */
    default Expr isinf() {
        return Expr.call(Function.ISINF, self());
    }

    /** {@code isfinite(x)}: whether x is neither NaN nor infinite. */
    default Expr isfinite() {
        return Expr.call(Function.ISFINITE, self());
    }

    /** {@code where(x, a, b)}: a where x is true, b elsewhere. */
    default Expr where(Expr a, Expr b) {
        return Expr.call(Function.WHERE, self(), a, b);
    }

    /** {@code where(x, a, b)}: a where x is true, b elsewhere. */
    default Expr where(Expr a, double b) {
        return where(a, Expr.literal(b));
    }

    /** {@code where(x, a, b)}: a where x is true, b elsewhere. */
    default Expr where(double a, Expr b) {
        return where(Expr.literal(a), b);
    }

    /** {@code where(x, a, b)}: a where x is true, b elsewhere. */
    default Expr where(Expr a, long b) {
        return where(a, Expr.literal(b));
    }

    /** {@code where(x, a, b)}: a where x is true, b elsewhere. */
    default Expr where(long a, Expr b) {
        return where(Expr.literal(a), b);
    }

    /** {@code where(x, a, b)}: a where x is true, b elsewhere. */
    default Expr where(double a, double b) {
        return where(Expr.literal(a), Expr.literal(b));
    }

    /** {@code where(x, a, b)}: a where x is true, b elsewhere. */
    default Expr where(long a, long b) {
        return where(Expr.literal(a), Expr.literal(b));
    }

    /** {@code clip(x, lo, hi)}. */
    default Expr clip(Expr lo, Expr hi) {
        return Expr.call(Function.CLIP, self(), lo, hi);
    }

    /** {@code clip(x, lo, hi)}. */
    default Expr clip(double lo, double hi) {
        return clip(Expr.literal(lo), Expr.literal(hi));
    }

    /** {@code clip(x, lo, hi)}. */
    default Expr clip(long lo, long hi) {
        return clip(Expr.literal(lo), Expr.literal(hi));
    }

    /** {@code fma(x, y, z)}: x * y + z, rounded once. */
    default Expr fma(Expr y, Expr z) {
        return Expr.call(Function.FMA, self(), y, z);
    }

    /** {@code f32(x)} …: to another dtype by value. */
    default Expr cast(DType dtype) {
        return new Expr.Cast(dtype, self());
    }
}
