package org.imbrex.kernels.expr;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.DType;

/** Writes an expression as text, with no more parentheses than it needs. */
final class ExprText {
    /** A graph whose parts are shared may be far longer as text than as a graph. */
    private static final int MOST_CHARACTERS = 1 << 20;

    private static final int COMPARISON = 0;
    private static final int UNARY = 6;
    private static final int POWER = 7;
    private static final int ATOM = 8;

    private final StringBuilder text = new StringBuilder();

    String of(Expr expr) {
        write(expr, COMPARISON);
        return text.toString();
    }

    static List<String> inputs(Expr expr) {
        Set<String> names = new LinkedHashSet<>();
        collect(expr, names, Collections.newSetFromMap(new IdentityHashMap<>()));
        return List.copyOf(names);
    }

    private static void collect(Expr expr, Set<String> names, Set<Expr> seen) {
        if (!seen.add(expr)) {
            return;
        }
        if (expr instanceof Expr.Input input) {
            names.add(input.name());
        }
        for (Expr child : children(expr)) {
            collect(child, names, seen);
        }
    }

    /** What an expression is made of, left to right. */
    static List<Expr> children(Expr expr) {
        return switch (expr) {
            case Expr.Input input -> List.of();
            case Expr.Literal literal -> List.of();
            case Expr.Elementwise e -> e.args();
            case Expr.Cast cast -> List.of(cast.x());
            case Expr.Index index -> List.of(index.x());
            case Expr.Reduce reduce -> List.of(reduce.x());
            case Expr.Transpose transpose -> List.of(transpose.x());
            case Expr.Reshape reshape -> List.of(reshape.x());
            case Expr.Concat concat -> concat.parts();
            case Expr.MatMul product -> List.of(product.a(), product.b());
            case Expr.At at -> List.of(at.x());
            case Expr.Stencil stencil -> List.of(stencil.x());
            case Expr.Blocks blocks -> List.of(blocks.x());
            case Expr.Rolling rolling -> List.of(rolling.x());
        };
    }

    private void write(Expr expr, int least) {
        if (text.length() > MOST_CHARACTERS) {
            throw new ExprException("found an expression of more than " + MOST_CHARACTERS + " characters, expected fewer");
        }
        boolean parentheses = precedence(expr) < least;
        text.append(parentheses ? "(" : "");
        switch (expr) {
            case Expr.Input input -> text.append(input.name());
            case Expr.Literal literal -> text.append(literal(literal));
            case Expr.Elementwise e -> elementwise(e);
            case Expr.Cast cast -> call(cast.dtype().text(), cast.x(), "");
            case Expr.Index index -> {
                write(index.x(), ATOM);
                text.append(index.subscripts().stream().map(ExprText::subscript).collect(Collectors.joining(", ", "[", "]")));
            }
            case Expr.Reduce reduce ->
                call(reduce.reduction().text(), reduce.x(), reduce.axes().map(axes -> ", axis=" + axes(axes)).orElse("")
                        + (reduce.keepdims() ? ", keepdims=true" : ""));
            case Expr.Transpose transpose ->
                call("transpose", transpose.x(), transpose.axes().map(axes -> ", " + tuple(axes)).orElse(""));
            case Expr.Reshape reshape -> call("reshape", reshape.x(), ", " + tuple(reshape.shape()));
            case Expr.Concat concat -> {
                text.append("concat(");
                for (Expr part : concat.parts()) {
                    write(part, COMPARISON);
                    text.append(", ");
                }
                text.append("axis=").append(concat.axis()).append(')');
            }
            case Expr.MatMul product -> infix(product.a(), "@", product.b(), 5);
            case Expr.At at ->
                call("at", at.x(), at.offsets().stream().map(o -> ", " + o).collect(Collectors.joining()));
            case Expr.Stencil stencil ->
                call("stencil", stencil.x(), ", mode=" + (stencil.mode() == EdgeMode.CONSTANT
                        ? literal(stencil.fill())
                        : "'" + stencil.mode().text() + "'"));
            case Expr.Blocks blocks -> call("blocks", blocks.x(), ", " + blocks.rows());
            case Expr.Rolling rolling -> call("rolling", rolling.x(), ", " + rolling.rows());
        }
        text.append(parentheses ? ")" : "");
    }

    private void call(String name, Expr x, String rest) {
        text.append(name).append('(');
        write(x, COMPARISON);
        text.append(rest).append(')');
    }

    private void elementwise(Expr.Elementwise e) {
        String symbol = e.function().symbol();
        if (symbol.isEmpty()) {
            text.append(e.function().text()).append('(');
            for (int k = 0; k < e.args().size(); k++) {
                text.append(k == 0 ? "" : ", ");
                write(e.args().get(k), COMPARISON);
            }
            text.append(')');
        } else if (e.function().arity() == 1) {
            text.append(symbol);
            // -(2) is no literal: the parentheses keep it from becoming one
            boolean number = e.args().getFirst() instanceof Expr.Literal;
            write(e.args().getFirst(), number ? ATOM + 1 : UNARY);
        } else if (e.function() == Function.POW) {
            write(e.args().get(0), ATOM);
            text.append(" ** ");
            write(e.args().get(1), UNARY);
        } else {
            infix(e.args().get(0), symbol, e.args().get(1), precedence(e));
        }
    }

    private void infix(Expr a, String symbol, Expr b, int precedence) {
        write(a, precedence == COMPARISON ? 1 : precedence);
        text.append(' ').append(symbol).append(' ');
        write(b, precedence + 1);
    }

    private static int precedence(Expr expr) {
        return switch (expr) {
            case Expr.Elementwise e when e.function().arity() == 1 && !e.function().symbol().isEmpty() -> UNARY;
            case Expr.Elementwise e ->
                switch (e.function()) {
                    case EQ, NE, LT, LE, GT, GE -> COMPARISON;
                    case OR -> 1;
                    case XOR -> 2;
                    case AND -> 3;
                    case ADD, SUB -> 4;
                    case MUL, DIV, FLOORDIV, MOD -> 5;
                    case POW -> POWER;
                    default -> ATOM;
                };
            case Expr.MatMul product -> 5;
            case Expr.Literal literal when literal(literal).startsWith("-") -> UNARY;
            default -> ATOM;
        };
    }

    private static String literal(Expr.Literal literal) {
        if (literal.kind() == DType.BOOL) {
            return literal.bits() != 0 ? "true" : "false";
        }
        if (literal.kind() == DType.I64) {
            return Long.toString(literal.bits());
        }
        double value = Double.longBitsToDouble(literal.bits());
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "1e999" : "-1e999";
        }
        return Double.toString(value).replace('E', 'e');
    }

    private static String subscript(Expr.Subscript subscript) {
        return switch (subscript) {
            case Expr.Subscript.At at -> Long.toString(at.index());
            case Expr.Subscript.NewAxis axis -> "None";
            case Expr.Subscript.Ellipsis ellipsis -> "...";
            case Expr.Subscript.Slice slice -> (slice.from().isPresent() ? slice.from().getAsLong() : "") + ":"
                    + (slice.to().isPresent() ? slice.to().getAsLong() : "")
                    + (slice.step() == 1 ? "" : ":" + slice.step());
        };
    }

    private static String axes(List<Integer> axes) {
        return axes.size() == 1 ? axes.getFirst().toString() : tuple(axes);
    }

    private static String tuple(List<?> numbers) {
        List<String> texts = new ArrayList<>();
        numbers.forEach(n -> texts.add(n.toString()));
        return "(" + String.join(", ", texts) + (texts.size() == 1 ? ",)" : ")");
    }
}
