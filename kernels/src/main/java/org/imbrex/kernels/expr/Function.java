package org.imbrex.kernels.expr;

import java.util.Locale;

/** The elementwise functions: operators first (by symbol), then those called by name. */
public enum Function {
    ADD(2, "+"),
    SUB(2, "-"),
    MUL(2, "*"),
    DIV(2, "/"),
    FLOORDIV(2, "//"),
    MOD(2, "%"),
    POW(2, "**"),
    NEG(1, "-"),
    EQ(2, "=="),
    NE(2, "!="),
    LT(2, "<"),
    LE(2, "<="),
    GT(2, ">"),
    GE(2, ">="),
    AND(2, "&"),
    OR(2, "|"),
    XOR(2, "^"),
    INVERT(1, "~"),

    WHERE(3),
    MINIMUM(2),
    MAXIMUM(2),
    CLIP(3),
    FMA(3),
    ABS(1),
    SIGN(1),
    SQRT(1),
    EXP(1),
    EXPM1(1),
    LOG(1),
    LOG1P(1),
    LOG2(1),
    LOG10(1),
    SIN(1),
    COS(1),
    TAN(1),
    ASIN(1),
    ACOS(1),
    ATAN(1),
    ATAN2(2),
    SINH(1),
    COSH(1),
    TANH(1),
    HYPOT(2),
    FLOOR(1),
    CEIL(1),
    ROUND(1),
    TRUNC(1),
    ISNAN(1),
    ISINF(1),
    ISFINITE(1);

    private final int arity;
    private final String symbol;

    Function(int arity, String symbol) {
        this.arity = arity;
        this.symbol = symbol;
    }

    Function(int arity) {
        this(arity, "");
    }

    public int arity() {
        return arity;
    }

    /** The operator's symbol, or "" for a function called by name. */
    public String symbol() {
        return symbol;
    }

    /** The name by which it is called ({@code pow(x, y)} is also an operator). */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
