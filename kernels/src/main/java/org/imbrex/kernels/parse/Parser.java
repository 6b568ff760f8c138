package org.imbrex.kernels.parse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.Expr.Subscript;
import org.imbrex.kernels.expr.Function;

/** Reads an expression from text, with Python's precedence. */
public final class Parser {
    /** The longest text, in characters. */
    public static final int MOST_CHARACTERS = 100_000;
    /** The deepest nesting of parentheses, calls and operators. */
    public static final int MOST_DEPTH = 200;
    /** The most operators, names and numbers. */
    public static final int MOST_NODES = 10_000;

    private static final String[][] BINARY = {
        {"|"}, {"^"}, {"&"}, {"+", "-"}, {"*", "/", "//", "%", "@"},
    };
    private static final String[] COMPARISONS = {"==", "!=", "<", "<=", ">", ">="};

    private final String text;
    private final List<Token> tokens;
    private int next;
    private int depth;
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
            throw SyntaxException.at(text, MOST_CHARACTERS, "found an expression of " + text.length()
                    + " characters, expected at most " + MOST_CHARACTERS);
        }
        Parser parser = new Parser(text, Lexer.tokens(text));
        Expr expr = parser.comparison();
        if (parser.peek().kind() != Token.Kind.END) {
            throw parser.wrong(parser.peek(), "found " + parser.peek().told() + ", expected an operator or the end");
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
                throw wrong(peek(), "found a second comparison, expected '&' between two in parentheses, as (a < b) & (b < c)");
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

    private Expr binary(int level) {
        if (level == BINARY.length) {
            return unary();
        }
        Expr left = binary(level + 1);
        while (true) {
            Token operator = peek();
            boolean here = false;
            for (String symbol : BINARY[level]) {
                here |= operator.is(symbol);
            }
            if (!here) {
                return left;
            }
            take();
            count(operator);
            Expr right = binary(level + 1);
            left = operator.is("@") ? new Expr.MatMul(left, right) : Expr.call(function(operator.text()), left, right);
        }
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
        if (operator.is("-") || operator.is("~") || operator.is("+")) {
            take();
            count(operator);
            enter();
            Expr x = unary();
            depth--;
            return operator.is("+") ? x : operator.is("~") ? Expr.call(Function.INVERT, x) : Literals.negate(x);
        }
        return power();
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
        Token token = take();
        count(token);
        switch (token.kind()) {
            case INTEGER, REAL -> {
                return Literals.number(text, token, false);
            }
            case NAME -> {
                if (peek().is("(")) {
                    return new Calls(this).call(token);
                }
                return switch (token.text()) {
                    case "True", "true" -> Expr.literal(true);
                    case "False", "false" -> Expr.literal(false);
                    case "nan" -> Expr.literal(Double.NaN);
                    case "inf" -> Expr.literal(Double.POSITIVE_INFINITY);
                    case "None" -> throw wrong(token, "found None, expected it only as an index or an axis");
                    default -> new Expr.Input(token.text());
                };
            }
            case SYMBOL -> {
                if (token.is("(")) {
                    Expr inner = comparison();
                    expect(")", "')' for the '(' at character " + (token.at() + 1));
                    return inner;
                }
            }
            default -> {}
        }
        throw wrong(token, "found " + token.told() + ", expected a number, a name or '('");
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
        return ((Expr.Literal) Literals.number(text, number, negative)).bits();
    }

    /** A literal number, with a sign if need be. */
    Optional<Expr.Literal> number() {
        int back = next;
        Token token = take();
        boolean negative = token.is("-");
        Token number = negative ? take() : token;
        boolean named = number.kind() == Token.Kind.NAME && (number.text().equals("nan") || number.text().equals("inf"));
        if (named) {
            double value = number.text().equals("nan") ? Double.NaN : negative ? -1.0 / 0 : 1.0 / 0;
            return Optional.of((Expr.Literal) Expr.literal(value));
        }
        if (number.kind() == Token.Kind.INTEGER || number.kind() == Token.Kind.REAL) {
            return Optional.of((Expr.Literal) Literals.number(text, number, negative));
        }
        next = back;
        return Optional.empty();
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
            throw wrong(peek(), "found " + peek().told() + ", expected " + expected);
        }
        take();
    }

    SyntaxException wrong(Token token, String message) {
        return SyntaxException.at(text, token.at(), message);
    }

    private void enter() {
        if (++depth > MOST_DEPTH) {
            throw wrong(peek(), "found a nesting deeper than " + MOST_DEPTH + ", expected a flatter expression");
        }
    }

    private void count(Token token) {
        if (++nodes > MOST_NODES) {
            throw wrong(token, "found more than " + MOST_NODES + " operators, names and numbers, expected fewer");
        }
    }
}
