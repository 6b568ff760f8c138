package org.imbrex.kernels.parse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.Names;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.DType;

/** Reads a call: which function it is, and what its arguments are. */
final class Calls {
    private static final List<String> SHAPING =
            List.of("transpose", "reshape", "concat", "dot", "at", "stencil", "blocks", "rolling", "iterate", "random", "normal",
                    "randint");

    private static final Map<String, Function> FUNCTIONS = Arrays.stream(Function.values())
            .filter(function -> function.symbol().isEmpty() || function == Function.POW)
            .collect(Collectors.toMap(Function::text, function -> function));
    private static final Map<String, Reduction> REDUCTIONS =
            Arrays.stream(Reduction.values()).collect(Collectors.toMap(Reduction::text, reduction -> reduction));
    private static final Set<String> NAMES = names();
    private static final Map<String, String> MEANT = Map.ofEntries(
            Map.entry("arcsin", "asin"),
            Map.entry("arccos", "acos"),
            Map.entry("arctan", "atan"),
            Map.entry("arctan2", "atan2"),
            Map.entry("power", "pow"),
            Map.entry("ln", "log"),
            Map.entry("average", "mean"),
            Map.entry("concatenate", "concat"),
            Map.entry("matmul", "dot"),
            Map.entry("count_nonzero", "count"),
            Map.entry("int8", "i8"),
            Map.entry("int16", "i16"),
            Map.entry("int32", "i32"),
            Map.entry("int64", "i64"),
            Map.entry("uint8", "u8"),
            Map.entry("float32", "f32"),
            Map.entry("float64", "f64"),
            Map.entry("int", "i64"),
            Map.entry("float", "f64"));

    private static Set<String> names() {
        Set<String> names = new LinkedHashSet<>(FUNCTIONS.keySet());
        names.addAll(REDUCTIONS.keySet());
        for (DType dtype : DType.values()) {
            names.add(dtype.text());
        }
        names.addAll(SHAPING);
        return names;
    }

    private final Parser parser;

    Calls(Parser parser) {
        this.parser = parser;
    }

    Expr call(Token name) {
        if (!NAMES.contains(name.text())) {
            throw parser.wrong(name, "found the unknown function " + name.told() + nearest(name.text()));
        }
        parser.take();
        Expr result = FUNCTIONS.containsKey(name.text()) ? function(name, FUNCTIONS.get(name.text())) : special(name);
        parser.expect(")", "',' or ')' in " + name.text());
        return result;
    }

    private Expr function(Token name, Function function) {
        return new Expr.Elementwise(function, arguments(name, function.arity()));
    }

    private Expr special(Token name) {
        if (REDUCTIONS.containsKey(name.text())) {
            return reduction(REDUCTIONS.get(name.text()), name);
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
                yield new Expr.Dot(args.get(0), args.get(1));
            }
            case "at" -> {
                Expr x = parser.comparison();
                comma(name, "an offset for each axis");
                Token at = parser.peek();
                List<Long> offsets = integers("an offset");
                if (offsets.isEmpty()) {
                    throw parser.wrong(at, "found no offsets, expected one for each axis");
                }
                yield new Expr.At(x, offsets);
            }
            case "stencil" -> stencil();
            case "random", "normal", "randint" -> new RandomCall(parser, name).read();
            case "iterate" -> new IterateCall(parser, name).read();
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
            default ->
                new Expr.Cast(
                        DType.named(name.text()).orElseThrow(),
                        arguments(name, 1).getFirst());
        };
    }

    private List<Expr> arguments(Token name, int count) {
        List<Expr> args = new ArrayList<>();
        while (!parser.peek().is(")")) {
            if (parser.peek().kind() == Token.Kind.NAME && parser.peekSecond().is("=")) {
                throw parser.wrong(
                        parser.peek(),
                        "found the option " + parser.peek().told() + ", expected none in " + name.text());
            }
            args.add(parser.comparison());
            if (!more() && !parser.peek().is(")")) {
                throw parser.unexpected("',' or ')' in " + name.text());
            }
        }
        if (args.size() != count) {
            throw parser.wrong(
                    name,
                    "found " + args.size() + (args.size() == 1 ? " argument" : " arguments") + " of " + name.text()
                            + ", expected " + count);
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
        Optional<Expr> weights = Optional.empty();
        while (more()) {
            Token at = parser.peek();
            String key = reduction == Reduction.MEAN
                    ? keyword("axis", "keepdims", "weights")
                    : keyword("axis", "keepdims");
            if (key.equals("weights")) {
                weights = Optional.of(parser.comparison());
            } else if (key.equals("keepdims")) {
                keepdims = truth();
            } else if (sawAxis) {
                throw parser.wrong(at, "found a second axis, expected one axis=…; several are axis=(0, 1)");
            } else {
                sawAxis = true;
                axes = isNone() ? Optional.empty() : Optional.of(axes(key));
            }
        }
        return weights.isPresent()
                ? new Expr.WeightedMean(x, weights.get(), axes, keepdims)
                : new Expr.Reduce(reduction, x, axes, keepdims);
    }

    private boolean isNone() {
        Token token = parser.peek();
        boolean none = token.kind() == Token.Kind.NAME
                && (token.text().equals("None") || token.text().equals("none"));
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
                    throw parser.unexpected("',' or ')'");
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
        if (parts.isEmpty()) {
            throw parser.wrong(name, "found no arrays in concat, expected one or more");
        }
        return new Expr.Concat(parts, axis);
    }

    private Expr stencil() {
        Expr x = parser.comparison();
        EdgeMode mode = EdgeMode.EDGE;
        Expr.Literal fill = Expr.literal(0);
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
        throw parser.wrong(
                token,
                "found " + token.told() + ", expected a mode: 'edge', 'wrap', 'reflect', 'symmetric' or a number");
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
                throw parser.unexpected("',' or '" + close + "'");
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
                throw parser.unexpected("',' or '" + close + "'");
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
            throw parser.unexpected("',' and " + expected + " in " + name.text());
        }
    }

    private static String nearest(String text) {
        return Optional.ofNullable(MEANT.get(text))
                .or(() -> Names.nearest(text, NAMES))
                .map(name -> ", expected perhaps '" + name + "'")
                .orElse(", expected one that the expression language has");
    }
}
