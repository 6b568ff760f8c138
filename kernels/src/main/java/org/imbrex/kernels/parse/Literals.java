package org.imbrex.kernels.parse;

import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.type.DType;

/** Numbers as text. */
final class Literals {
    private Literals() {}

    static Expr number(String text, Token token, boolean negative) {
        if (token.kind() == Token.Kind.REAL) {
            double value = Double.parseDouble(token.text());
            return Expr.literal(negative ? -value : value);
        }
        try {
            boolean hex = token.text().startsWith("0x") || token.text().startsWith("0X");
            String digits = hex ? token.text().substring(2) : token.text();
            return Expr.literal(Long.parseLong((negative ? "-" : "") + digits, hex ? 16 : 10));
        } catch (NumberFormatException e) {
            throw SyntaxException.at(text, token.at(), "found the integer " + token.told() + ", expected one from -2^63 to 2^63 - 1");
        }
    }

    /** {@code -x}; a number takes the sign itself. */
    static Expr negate(Expr x) {
        if (x instanceof Expr.Literal literal && literal.kind() == DType.I64 && literal.bits() > 0) {
            return Expr.literal(-literal.bits());
        }
        if (x instanceof Expr.Literal literal && literal.kind() == DType.F64) {
            double value = Double.longBitsToDouble(literal.bits());
            if (!Double.isNaN(value) && Double.compare(value, 0.0) >= 0) {
                return Expr.literal(-value);
            }
        }
        return Expr.call(Function.NEG, x);
    }
}
