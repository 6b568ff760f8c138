package org.imbrex.kernels.expr;

/**
 * Traced expressions: the operators and functions of two arguments, with an expression or a literal on the right.
 * A table: longer than other files.
 */
sealed interface Operators permits Expr {

    private Expr self() {
        return (Expr) this;
    }

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

    /** {@code x // y}, rounded down. */
    default Expr floorDiv(Expr y) {
        return Expr.call(Function.FLOORDIV, self(), y);
    }

    /** {@code x // y}, rounded down. */
    default Expr floorDiv(double y) {
        return floorDiv(Expr.literal(y));
    }

    /** {@code x // y}, rounded down. */
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

    /** {@code x & y}. */
    default Expr and(long y) {
        return and(Expr.literal(y));
    }

    /** {@code x | y}. */
    default Expr or(Expr y) {
        return Expr.call(Function.OR, self(), y);
    }

    /** {@code x | y}. */
    default Expr or(long y) {
        return or(Expr.literal(y));
    }

    /** {@code x ^ y}. */
    default Expr xor(Expr y) {
        return Expr.call(Function.XOR, self(), y);
    }

    /** {@code x ^ y}. */
    default Expr xor(long y) {
        return xor(Expr.literal(y));
    }

    /** {@code minimum(x, y)}. */
    default Expr minimum(Expr y) {
        return Expr.call(Function.MINIMUM, self(), y);
    }

    /** {@code minimum(x, y)}. */
    default Expr minimum(double y) {
        return minimum(Expr.literal(y));
    }

    /** {@code minimum(x, y)}. */
    default Expr minimum(long y) {
        return minimum(Expr.literal(y));
    }

    /** {@code maximum(x, y)}. */
    default Expr maximum(Expr y) {
        return Expr.call(Function.MAXIMUM, self(), y);
    }

    /** {@code maximum(x, y)}. */
    default Expr maximum(double y) {
        return maximum(Expr.literal(y));
    }

    /** {@code maximum(x, y)}. */
    default Expr maximum(long y) {
        return maximum(Expr.literal(y));
    }

    /** {@code atan2(x, y)}: the angle of the point (y, x). */
    default Expr atan2(Expr y) {
        return Expr.call(Function.ATAN2, self(), y);
    }

    /** {@code atan2(x, y)}: the angle of the point (y, x). */
    default Expr atan2(double y) {
        return atan2(Expr.literal(y));
    }

    /** {@code atan2(x, y)}: the angle of the point (y, x). */
    default Expr atan2(long y) {
        return atan2(Expr.literal(y));
    }

    /** {@code hypot(x, y)}. */
    default Expr hypot(Expr y) {
        return Expr.call(Function.HYPOT, self(), y);
    }

    /** {@code hypot(x, y)}. */
    default Expr hypot(double y) {
        return hypot(Expr.literal(y));
    }

    /** {@code hypot(x, y)}. */
    default Expr hypot(long y) {
        return hypot(Expr.literal(y));
    }

    /** {@code -x}. */
    default Expr negate() {
        return Expr.call(Function.NEG, self());
    }

    /** {@code ~x}. */
    default Expr not() {
        return Expr.call(Function.INVERT, self());
    }

    /** {@code x @ y}. */
    default Expr matmul(Expr y) {
        return new Expr.MatMul(self(), y);
    }

    /** {@code dot(x, y)}. */
    default Expr dot(Expr y) {
        return new Expr.Dot(self(), y);
    }
}
