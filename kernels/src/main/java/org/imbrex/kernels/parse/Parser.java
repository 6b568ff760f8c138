package org.imbrex.kernels.parse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.Expr.Subscript;
import org.imbrex.kernels.expr.ExprException;
import org.imbrex.kernels.expr.ExprGraph;
import org.imbrex.kernels.expr.Function;

/** Reads an expression from text, with Python's precedence. */
public final class Parser {
    /** The longest text, in characters. */
    public static final int MOST_CHARACTERS = 100_000;

    /** The deepest nesting of parentheses, calls, signs and powers. */
    public static final int MOST_DEPTH = 200;

    private static final String[] COMPARISONS = {"==", "!=", "<", "<=", ">", ">="};
    private static final Map<String, String> MEANT =
            Map.of("=", "==", "and", "&", "or", "|", "not", "~", "is", "==", "&", "& once", "|", "| once");

    private final String text;
    private final List<Token> tokens;
    private int next;
    private int depth;
    /** Operators whose right operand is being read: they take stack too, though less. */
    private int waiting;

    private int nodes;

    private Parser(String text, List<Token> tokens) {
        this.text = text;
        this.tokens = tokens;
    }

    /**
     * Parses an expression.
     *
     * @throws SyntaxException where the text is no expression, too long or nested too deeply
     */
    public static Expr parse(String text) {
        if (text.length() > MOST_CHARACTERS) {
            throw SyntaxException.at(
                    text,
                    MOST_CHARACTERS,
                    "found an expression of " + text.length() + " characters, expected at most " + MOST_CHARACTERS);
        }
        Parser parser = new Parser(text, Lexer.tokens(text));
        Expr expr = parser.comparison();
        if (parser.peek().kind() != Token.Kind.END) {
            throw parser.unexpected("an operator or the end");
        }
        try {
            ExprGraph.parts(List.of(expr));
        } catch (ExprException e) {
            throw parser.wrong(parser.peek(), e.getMessage());
        }
        return expr;
    }

    // ---- operators, loosest first

    Expr comparison() {
        enter();
        Expr left = binary(0);
        Token operator = peek();
        if (isComparison(operator)) {
            take();
            left = Expr.call(function(operator.text()), left, binary(0));
            if (isComparison(peek())) {
                throw wrong(
                        peek(),
                        "found a second comparison, expected '&' between two in parentheses, as (a < b) & (b < c)");
            }
            count(operator);
        }
        depth--;
        return left;
    }

    private static boolean isComparison(Token token) {
        for (String symbol : COMPARISONS) {
            if (token.is(symbol)) {
                return true;
            }
        }
        return false;
    }

    /** Operators that bind at least as tightly as {@code level}; each level groups to the left. */
    private Expr binary(int level) {
        Expr left = unary();
        int chain = 0;
        while (true) {
            Token operator = peek();
            int own = level(operator);
            if (own < level) {
                return left;
            }
            if (++chain > ExprGraph.MOST_DEPTH) {
                throw wrong(
                        operator,
                        "found a chain of more than " + ExprGraph.MOST_DEPTH
                                + " operations, expected fewer; group it by parentheses");
            }
            count(take());
            waiting++;
            checkDepth();
            Expr right = binary(own + 1);
            waiting--;
            left = operator.is("@") ? new Expr.MatMul(left, right) : Expr.call(function(operator.text()), left, right);
        }
    }

    /** How tightly a binary operator binds; -1 for anything else. */
    private static int level(Token token) {
        if (token.kind() != Token.Kind.SYMBOL) {
            return -1;
        }
        return switch (token.text()) {
            case "|" -> 0;
            case "^" -> 1;
            case "&" -> 2;
            case "+", "-" -> 3;
            case "*", "/", "//", "%", "@" -> 4;
            default -> -1;
        };
    }

    private static Function function(String symbol) {
        for (Function function : Function.values()) {
            if (function.arity() == 2 && function.symbol().equals(symbol)) {
                return function;
            }
        }
        throw new IllegalArgumentException(symbol);
    }

    private Expr unary() {
        Token operator = peek();
        if (!operator.is("-") && !operator.is("~") && !operator.is("+")) {
            return power();
        }
        take();
        if (operator.is("-")
                && isNumber(peek())
                && !peekSecond().is("**")
                && !peekSecond().is("[")) {
            count(peek());
            return literal(take(), true);
        }
        count(operator);
        enter();
        Expr x = unary();
        depth--;
        return operator.is("+") ? x : Expr.call(operator.is("~") ? Function.INVERT : Function.NEG, x);
    }

    private Expr power() {
        Expr base = postfix();
        if (peek().is("**")) {
            count(take());
            enter();
            Expr exponent = unary();
            depth--;
            return Expr.call(Function.POW, base, exponent);
        }
        return base;
    }

    private Expr postfix() {
        Expr x = primary();
        while (peek().is("[")) {
            count(take());
            x = new Expr.Index(x, subscripts());
        }
        return x;
    }

    private List<Subscript> subscripts() {
        List<Subscript> list = new ArrayList<>();
        while (!peek().is("]")) {
            list.add(subscript());
            if (!peek().is("]")) {
                expect(",", "']' or ','");
            }
        }
        Token close = take();
        if (list.isEmpty()) {
            throw wrong(close, "found no index, expected an integer, a slice, None or ...");
        }
        return list;
    }

    private Subscript subscript() {
        Token token = peek();
        if (token.is("...")) {
            take();
            return new Subscript.Ellipsis();
        }
        if (token.kind() == Token.Kind.NAME && token.text().equals("None")) {
            take();
            return new Subscript.NewAxis();
        }
        OptionalLong from = peek().is(":") ? OptionalLong.empty() : OptionalLong.of(integer("an index"));
        if (!peek().is(":")) {
            return new Subscript.At(from.getAsLong());
        }
        take();
        OptionalLong to = endsSlice() || peek().is(":") ? OptionalLong.empty() : OptionalLong.of(integer("an index"));
        long step = 1;
        if (peek().is(":")) {
            take();
            if (!endsSlice()) {
                Token at = peek();
                step = integer("a step");
                if (step == 0) {
                    throw wrong(at, "found the step 0, expected another integer");
                }
            }
        }
        return new Subscript.Slice(from, to, step);
    }

    private boolean endsSlice() {
        return peek().is(",") || peek().is("]");
    }

    private Expr primary() {
        Token token = peek();
        boolean starts = isNumber(token) || token.kind() == Token.Kind.NAME || token.is("(");
        if (!starts) {
            throw unexpected("a number, a name or '('");
        }
        take();
        count(token);
        if (token.is("(")) {
            Expr inner = comparison();
            if (peek().is(",")) {
                throw wrong(peek(), "found ',', expected ')'; a tuple is only an axis, a shape or the parts of concat");
            }
            expect(")", "an operator, or ')' for the '(' at character " + (token.at() + 1));
            return inner;
        }
        if (token.kind() == Token.Kind.NAME && peek().is("(")) {
            return new Calls(this).call(token);
        }
        if (isNumber(token)) {
            return literal(token, false);
        }
        return switch (token.text()) {
            case "True", "true" -> Expr.literal(true);
            case "False", "false" -> Expr.literal(false);
            case "None" -> throw wrong(token, "found None, expected it only as an index or an axis");
            default -> Expr.input(token.text());
        };
    }

    // ---- pieces that calls use too

    /** An integer, with a sign if need be. */
    long integer(String what) {
        Token token = take();
        boolean negative = token.is("-");
        Token number = negative ? take() : token;
        if (number.kind() != Token.Kind.INTEGER) {
            throw wrong(number, "found " + number.told() + ", expected " + what + ": an integer");
        }
        return literal(number, negative).bits();
    }

    /** A literal number, with a sign if need be. */
    Optional<Expr.Literal> number() {
        boolean negative = peek().is("-");
        if (!isNumber(negative ? peekSecond() : peek())) {
            return Optional.empty();
        }
        if (negative) {
            take();
        }
        return Optional.of(literal(take(), negative));
    }

    private static boolean isNumber(Token token) {
        return switch (token.kind()) {
            case INTEGER, REAL -> true;
            case NAME -> token.text().equals("nan") || token.text().equals("inf");
            default -> false;
        };
    }

    private Expr.Literal literal(Token token, boolean negative) {
        String digits = token.text();
        if (token.kind() == Token.Kind.NAME) {
            double value = digits.equals("nan") ? Double.NaN : Double.POSITIVE_INFINITY;
            return Expr.literal(negative ? -value : value);
        }
        if (token.kind() == Token.Kind.REAL) {
            double value = Double.parseDouble(digits);
            return Expr.literal(negative ? -value : value);
        }
        boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
        try {
            String magnitude = hex ? digits.substring(2) : digits;
            return Expr.literal(Long.parseLong((negative ? "-" : "") + magnitude, hex ? 16 : 10));
        } catch (NumberFormatException e) {
            throw wrong(
                    token,
                    "found the integer " + token.told() + ", expected one from -2^63 to 2^63 - 1, or "
                            + "a float as 1e20");
        }
    }

    Token peek() {
        return tokens.get(next);
    }

    Token peekSecond() {
        return tokens.get(Math.min(next + 1, tokens.size() - 1));
    }

    Token take() {
        Token token = tokens.get(next);
        if (token.kind() != Token.Kind.END) {
            next++;
        }
        return token;
    }

    /** Whether the parenthesis that comes next holds a comma of its own: a list, not one expression. */
    boolean commaBeforeClose() {
        int open = 0;
        for (int i = next; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.is("(") || token.is("[")) {
                open++;
            } else if (token.is(")") || token.is("]")) {
                open--;
            }
            if (open == 1 && token.is(",")) {
                return true;
            }
            if (open == 0) {
                return false;
            }
        }
        return false;
    }

    void expect(String symbol, String expected) {
        if (!peek().is(symbol)) {
            throw unexpected(expected);
        }
        take();
    }

    /** What comes next does not fit. */
    SyntaxException unexpected(String expected) {
        Token token = peek();
        Token before = tokens.get(Math.max(0, next - 1));
        String meant = MEANT.containsKey(token.text())
                ? "; perhaps " + MEANT.get(token.text())
                : before.text().equals("not") ? "; perhaps ~ for 'not'" : "";
        return wrong(token, "found " + token.told() + ", expected " + expected + meant);
    }

    SyntaxException wrong(Token token, String message) {
        return SyntaxException.at(text, token.at(), message);
    }

    private void enter() {
        depth++;
        checkDepth();
    }

    private void checkDepth() {
        if (depth > MOST_DEPTH || depth + waiting > 2 * MOST_DEPTH) {
            throw wrong(peek(), "found a nesting deeper than " + MOST_DEPTH + ", expected a flatter expression");
        }
    }

    private void count(Token token) {
        if (++nodes > ExprGraph.MOST_NODES) {
            throw wrong(
                    token, "found more than " + ExprGraph.MOST_NODES + " operators, names and numbers, expected fewer");
        }
    }
}
