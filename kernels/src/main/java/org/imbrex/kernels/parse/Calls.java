package org.imbrex.kernels.parse;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.DType;

/** Reads a call: which function it is, and what its arguments are. */
final class Calls {
    private static final int MOST_ARGUMENTS = 1000;
    private static final List<String> SHAPING = List.of(
            "transpose", "reshape", "concat", "dot", "at", "stencil", "blocks", "rolling");

    private final Parser parser;

    Calls(Parser parser) {
        this.parser = parser;
    }

    /** The names that can be called. */
    static Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        for (Function function : Function.values()) {
            if (function.symbol().isEmpty() || function == Function.POW) {
                names.add(function.text());
            }
        }
        for (Reduction reduction : Reduction.values()) {
            names.add(reduction.text());
        }
        for (DType dtype : DType.values()) {
            names.add(dtype.text());
        }
        names.addAll(SHAPING);
        return names;
    }

    Expr call(Token name) {
        if (!names().contains(name.text())) {
            throw parser.wrong(name, "found the unknown function '" + name.text() + "'" + nearest(name.text()));
        }
        parser.take();
        Expr result = call(name, name.text().toUpperCase(Locale.ROOT));
        if (!parser.peek().is(")")) {
            throw parser.wrong(parser.peek(), "found " + parser.peek().told() + ", expected ')' to end " + name.text());
        }
        parser.take();
        return result;
    }

    private Expr call(Token name, String upper) {
        Optional<DType> dtype = DType.named(name.text());
        if (dtype.isPresent()) {
            return new Expr.Cast(dtype.get(), arguments(name, 1).getFirst());
        }
        for (Reduction reduction : Reduction.values()) {
            if (reduction.name().equals(upper)) {
                return reduction(reduction, name);
            }
        }
        return switch (name.text()) {
            case "transpose" -> {
                Expr x = parser.comparison();
                yield new Expr.Transpose(x, more() ? Optional.of(axes(keyword("axes"))) : Optional.empty());
            }
            case "reshape" -> {
                Expr x = parser.comparison();
                comma(name, "a shape");
                keyword("shape");
                yield new Expr.Reshape(x, integers("an extent"));
            }
            case "concat" -> concat(name);
            case "dot" -> {
                List<Expr> args = arguments(name, 2);
                yield new Expr.MatMul(args.get(0), args.get(1));
            }
            case "at" -> {
                Expr x = parser.comparison();
                comma(name, "an offset for each axis");
                yield new Expr.At(x, integers("an offset"));
            }
            case "stencil" -> stencil();
            case "blocks", "rolling" -> {
                Expr x = parser.comparison();
                comma(name, "a number of rows");
                Token at = parser.peek();
                long rows = parser.integer("a number of rows");
                if (rows < 1) {
                    throw parser.wrong(at, "found " + rows + " rows, expected 1 or more");
                }
                yield name.text().equals("blocks") ? new Expr.Blocks(x, rows) : new Expr.Rolling(x, rows);
            }
            default -> {
                Function function = Function.valueOf(upper);
                yield Expr.call(function, arguments(name, function.arity()).toArray(Expr[]::new));
            }
        };
    }

    private List<Expr> arguments(Token name, int count) {
        List<Expr> args = new ArrayList<>();
        while (!parser.peek().is(")")) {
            args.add(parser.comparison());
            if (!more() && !parser.peek().is(")")) {
                throw parser.wrong(parser.peek(), "found " + parser.peek().told() + ", expected ')' to end " + name.text());
            }
            if (args.size() > MOST_ARGUMENTS) {
                break;
            }
        }
        if (args.size() != count) {
            throw parser.wrong(name, "found " + args.size() + " arguments of " + name.text() + ", expected " + count);
        }
        return args;
    }

    private Expr reduction(Reduction reduction, Token name) {
        if (parser.peek().is(")")) {
            throw parser.wrong(parser.peek(), "found no argument of " + name.text() + ", expected an array");
        }
        Expr x = parser.comparison();
        Optional<List<Integer>> axes = Optional.empty();
        boolean keepdims = false;
        boolean sawAxis = false;
        while (more()) {
            Token at = parser.peek();
            String key = keyword("axis", "keepdims");
            if (key.equals("keepdims")) {
                keepdims = truth();
            } else if (sawAxis) {
                throw parser.wrong(at, "found a second axis, expected one axis=…; several are axis=(0, 1)");
            } else {
                sawAxis = true;
                axes = isNone() ? Optional.empty() : Optional.of(axes(key));
            }
        }
        return new Expr.Reduce(reduction, x, axes, keepdims);
    }

    private boolean isNone() {
        Token token = parser.peek();
        boolean none = token.kind() == Token.Kind.NAME && (token.text().equals("None") || token.text().equals("none"));
        if (none) {
            parser.take();
        }
        return none;
    }

    private boolean truth() {
        Token token = parser.take();
        return switch (token.text()) {
            case "true", "True" -> true;
            case "false", "False" -> false;
            default -> throw parser.wrong(token, "found " + token.told() + ", expected true or false");
        };
    }

    private Expr concat(Token name) {
        List<Expr> parts = new ArrayList<>();
        int axis = 0;
        if (parser.peek().is("(") && parser.commaBeforeClose()) {
            parser.take();
            while (!parser.peek().is(")")) {
                parts.add(parser.comparison());
                if (!more() && !parser.peek().is(")")) {
                    throw parser.wrong(parser.peek(), "found " + parser.peek().told() + ", expected ',' or ')'");
                }
            }
            parser.take();
            if (more()) {
                keyword("axis");
                axis = axis();
            }
        } else {
            while (!parser.peek().is(")")) {
                if (parser.peek().text().equals("axis") && parser.peekSecond().is("=")) {
                    keyword("axis");
                    axis = axis();
                    break;
                }
                parts.add(parser.comparison());
                if (!more()) {
                    break;
                }
            }
        }
        if (parts.isEmpty() || parts.size() > MOST_ARGUMENTS) {
            throw parser.wrong(name, "found " + parts.size() + " parts of concat, expected 1 to " + MOST_ARGUMENTS);
        }
        return new Expr.Concat(parts, axis);
    }

    private Expr stencil() {
        Expr x = parser.comparison();
        EdgeMode mode = EdgeMode.EDGE;
        Expr.Literal fill = (Expr.Literal) Expr.literal(0);
        if (more()) {
            keyword("mode");
            Token token = parser.peek();
            Optional<Expr.Literal> number = parser.number();
            if (number.isPresent()) {
                mode = EdgeMode.CONSTANT;
                fill = number.get();
            } else {
                parser.take();
                mode = mode(token);
            }
        }
        return new Expr.Stencil(x, mode, fill);
    }

    private EdgeMode mode(Token token) {
        if (token.kind() == Token.Kind.STRING) {
            for (EdgeMode mode : EdgeMode.values()) {
                if (mode != EdgeMode.CONSTANT && mode.text().equals(token.text())) {
                    return mode;
                }
            }
        }
        throw parser.wrong(token, "found " + token.told()
                + ", expected a mode: 'edge', 'wrap', 'reflect', 'symmetric' or a number");
    }

    /** Eats {@code key=} if it is there; a value without a key is the first one's. */
    private String keyword(String... keys) {
        Token token = parser.peek();
        if (token.kind() != Token.Kind.NAME || !parser.peekSecond().is("=")) {
            return keys[0];
        }
        for (String key : keys) {
            if (token.text().equals(key)) {
                parser.take();
                parser.take();
                return key;
            }
        }
        throw parser.wrong(token, "found the option '" + token.text() + "', expected " + String.join(" or ", keys));
    }

    private int axis() {
        Token at = parser.peek();
        long axis = parser.integer("an axis");
        if (axis != (int) axis) {
            throw parser.wrong(at, "found the axis " + axis + ", expected a small integer");
        }
        return (int) axis;
    }

    private List<Integer> axes(String what) {
        List<Integer> axes = new ArrayList<>();
        if (!parser.peek().is("(") && !parser.peek().is("[")) {
            axes.add(axis());
            while (what.equals("axes") && more()) {
                axes.add(axis());
            }
            return axes;
        }
        String close = parser.take().is("(") ? ")" : "]";
        while (!parser.peek().is(close)) {
            axes.add(axis());
            if (!more() && !parser.peek().is(close)) {
                throw parser.wrong(parser.peek(), "found " + parser.peek().told() + ", expected ',' or '" + close + "'");
            }
        }
        parser.take();
        return axes;
    }

    private List<Long> integers(String what) {
        List<Long> list = new ArrayList<>();
        boolean bracketed = parser.peek().is("(") || parser.peek().is("[");
        String close = bracketed ? parser.take().is("(") ? ")" : "]" : ")";
        while (!parser.peek().is(close)) {
            list.add(parser.integer(what));
            if (!more() && !parser.peek().is(close)) {
                throw parser.wrong(parser.peek(), "found " + parser.peek().told() + ", expected ',' or '" + close + "'");
            }
        }
        if (bracketed) {
            parser.take();
        }
        return list;
    }

    private boolean more() {
        if (parser.peek().is(",")) {
            parser.take();
            return !parser.peek().is(")");
        }
        return false;
    }

    private void comma(Token name, String expected) {
        if (!more()) {
            throw parser.wrong(parser.peek(), "found " + parser.peek().told() + ", expected ',' and " + expected + " in "
                    + name.text());
        }
    }

    private static String nearest(String text) {
        String best = "";
        int least = 3;
        for (String name : names()) {
            int distance = distance(text, name);
            if (distance < least) {
                least = distance;
                best = name;
            }
        }
        return best.isEmpty() ? ", expected one of docs/language.md's" : ", expected perhaps '" + best + "'";
    }

    /** Levenshtein's distance. */
    private static int distance(String a, String b) {
        if (Math.abs(a.length() - b.length()) > 3) {
            return Integer.MAX_VALUE;
        }
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int kept = row[j];
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + change);
                diagonal = kept;
            }
        }
        return row[b.length()];
    }
}
