package org.imbrex.kernels.scalar;

/**
 * The primitive operations: the whole of what a backend must be able to do to an element. Everything else, from
 * {@code minimum} to {@code tan}, is written in terms of these, once. {@link Semantics} says what each means, bit for
 * bit.
 */
public enum Op {
    /** A constant: {@code imm} holds its raw bits. */
    CONST(0),
    /** The element of load number {@code imm} at the current index. */
    LOAD(0),
    /** The current index along the stage's axis {@code imm}, as I64, or its low bits as I32. */
    INDEX(0),

    /** I32, I64 (wrapping), F32, F64 (IEEE, round to nearest even). */
    ADD(2),
    SUB(2),
    MUL(2),
    /** Floats: IEEE, correctly rounded. Integers: truncated quotient; the divisor is never 0 nor -1. */
    DIV(2),
    /** Integers: remainder of the truncated quotient; the divisor is never 0 nor -1. */
    REM(2),
    /** Floats flip the sign bit; integers wrap. */
    NEG(1),
    /** Floats only: clears the sign bit. */
    ABS(1),
    /** Floats: correctly rounded. */
    SQRT(1),
    /** Floats: a * b + c, rounded once. */
    FMA(3),

    /** BOOL, I32, I64. */
    AND(2),
    OR(2),
    XOR(2),
    NOT(1),
    /** I32, I64; the second operand has the same type and lies in [0, width). */
    SHL(2),
    /** Arithmetic shift right. */
    SHR(2),
    /** Logical shift right. */
    USHR(2),

    /** Comparisons give BOOL; with a NaN, NE is true and the others are false. */
    EQ(2),
    NE(2),
    LT(2),
    LE(2),

    /** {@code args[0] ? args[1] : args[2]}, both sides evaluated; any type but the condition's BOOL. */
    SELECT(3),
    /**
     * To another type by value. Floats to integers truncate, saturate, and take NaN to 0; integers and F64 to a
     * narrower type round to nearest even (floats) or keep the low bits (I64 to I32); BOOL is 0 or 1.
     */
    CONVERT(1),
    /** The same bits as the integer or float type of the same width. */
    BITCAST(1);

    private final int arity;

    Op(int arity) {
        this.arity = arity;
    }

    public int arity() {
        return arity;
    }

    public boolean isComparison() {
        return this == EQ || this == NE || this == LT || this == LE;
    }
}
