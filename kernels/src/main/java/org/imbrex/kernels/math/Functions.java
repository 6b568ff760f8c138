package org.imbrex.kernels.math;

import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;

/** The elementwise functions of the expression language in a kernel's terms. */
public final class Functions {
    private Functions() {}

    /**
     * Appends the function's code.
     *
     * @param args all of one scalar type, but for the condition of WHERE, which is BOOL; integer arithmetic is that of
     *     the scalar type, so narrow integers are wrapped by the caller
     * @return BOOL for comparisons and ISNAN, ISINF, ISFINITE; else of the arguments' type
     */
    public static Value apply(Code code, Function function, Value... args) {
        return switch (function) {
            case ADD -> code.add(args[0], args[1]);
            case SUB -> code.sub(args[0], args[1]);
            case MUL -> code.mul(args[0], args[1]);
            case DIV -> code.div(args[0], args[1]);
            default -> throw new IllegalArgumentException(function + " has no code");
        };
    }
}
