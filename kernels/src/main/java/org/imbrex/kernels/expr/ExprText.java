package org.imbrex.kernels.expr;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.DType;

/** Writes an expression as text, with no more parentheses than it needs. */
final class ExprText {
    /** A graph whose parts are shared may be far longer as text than as a graph. */
    private static final int MOST_CHARACTERS = 1 << 20;

    /** What {@code toString} shows at most. */
    static final int SHOWN = 1_000;

    private static final int COMPARISON = 0;
    private static final int PRODUCT = 5;
    private static final int UNARY = 6;
    private static final int POWER = 7;
    private static final int ATOM = 8;

    private ExprText() {}

    static String whole(Expr expr) {
        ExprGraph.parts(List.of(expr));
        String text = write(expr, MOST_CHARACTERS);
        if (text.length() > MOST_CHARACTERS) {
            throw new ExprException("found an expression of more than " + MOST_CHARACTERS
                    + " characters as text, expected fewer; its parts are shared too often");
        }
        return text;
    }

    /** Never fails, whatever the expression. */
    static String brief(Expr expr, int most) {
        String text = write(expr, most);
        return text.length() > most ? text.substring(0, Math.max(0, most - 1)) + "…" : text;
    }

    /** A word, or an expression that stands in parentheses if it binds less tightly than {@code least}. */
    private sealed interface Piece {}

    private record Word(String text) implements Piece {}

    private record Operand(Expr expr, int least) implements Piece {}

    /** Stops soon after {@code most} characters. The pieces to come wait on a stack of our own: any depth will do. */
    private static String write(Expr expr, int most) {
        StringBuilder text = new StringBuilder();
        Deque<Piece> open = new ArrayDeque<>();
        open.push(new Operand(expr, COMPARISON));
        while (!open.isEmpty() && text.length() <= most) {
            switch (open.pop()) {
                case Word word -> text.append(word.text());
                case Operand operand -> {
                    boolean parentheses = precedence(operand.expr()) < operand.least();
                    List<Piece> pieces = new ArrayList<>();
                    pieces.add(new Word(parentheses ? "(" : ""));
                    pieces.addAll(pieces(operand.expr()));
                    pieces.add(new Word(parentheses ? ")" : ""));
                    pieces.reversed().forEach(open::push);
                }
            }
        }
        return text.toString();
    }

    private static List<Piece> pieces(Expr expr) {
        return switch (expr) {
            case Expr.Input input -> List.of(new Word(input.name()));
            case Expr.Literal literal -> List.of(new Word(literal(literal)));
            case Expr.Elementwise e -> elementwise(e);
            case Expr.Cast cast -> call(cast.dtype().text(), List.of(cast.x()), "");
            case Expr.Index index ->
                List.of(
                        new Operand(index.x(), ATOM),
                        new Word(index.subscripts().stream()
                                .map(ExprText::subscript)
                                .collect(Collectors.joining(", ", "[", "]"))));
            case Expr.Reduce reduce -> {
                String axes = reduce.axes().map(list -> ", axis=" + axes(list)).orElse("");
                String keepdims = reduce.keepdims() ? ", keepdims=true" : "";
                yield call(reduce.reduction().text(), List.of(reduce.x()), axes + keepdims);
            }
            case Expr.Transpose transpose -> {
                String axes = transpose.axes().map(list -> ", " + tuple(list)).orElse("");
                yield call("transpose", List.of(transpose.x()), axes);
            }
            case Expr.Reshape reshape -> call("reshape", List.of(reshape.x()), ", " + tuple(reshape.shape()));
            case Expr.Concat concat -> call("concat", concat.parts(), ", axis=" + concat.axis());
            case Expr.MatMul product -> infix(product.a(), "@", product.b(), PRODUCT);
            case Expr.Dot product -> call("dot", List.of(product.a(), product.b()), "");
            case Expr.At at -> {
                String offsets = at.offsets().stream().map(o -> ", " + o).collect(Collectors.joining());
                yield call("at", List.of(at.x()), offsets);
            }
            case Expr.Stencil stencil -> {
                boolean constant = stencil.mode() == EdgeMode.CONSTANT;
                String mode = constant
                        ? literal(stencil.fill())
                        : "'" + stencil.mode().text() + "'";
                yield call("stencil", List.of(stencil.x()), ", mode=" + mode);
            }
            case Expr.Blocks blocks -> call("blocks", List.of(blocks.x()), ", " + blocks.rows());
            case Expr.Rolling rolling -> call("rolling", List.of(rolling.x()), ", " + rolling.rows());
            case Expr.Iterate iterate -> iterate(iterate);
            case Expr.WeightedMean mean ->
                List.of(
                        new Word("mean("),
                        new Operand(mean.x(), COMPARISON),
                        new Word(", weights="),
                        new Operand(mean.weights(), COMPARISON),
                        new Word(mean.axes().map(list -> ", axis=" + axes(list)).orElse("")
                                + (mean.keepdims() ? ", keepdims=true)" : ")")));
            case Expr.Random random ->
                List.of(new Word(random.distribution().text() + "(" + tuple(random.shape()) + ", " + random.seed()
                        + (random.distribution() == Distribution.RANDINT
                                ? ", " + random.lo() + ", " + random.hi()
                                : random.dtype() == DType.F64 ? "" : ", dtype=" + random.dtype())
                        + ")"));
        };
    }

    /** {@code start=} is left out where each field starts as the input of its name. */
    private static List<Piece> iterate(Expr.Iterate iterate) {
        List<Piece> pieces = new ArrayList<>();
        boolean plain = true;
        for (Expr.Field field : iterate.fields()) {
            pieces.add(new Word((pieces.isEmpty() ? "iterate(" : ", ") + field.name() + "="));
            pieces.add(new Operand(field.next(), COMPARISON));
            plain &= field.start() instanceof Expr.Input input && input.name().equals(field.name());
        }
        pieces.add(new Word(", steps=" + iterate.steps()));
        if (!plain) {
            List<Expr> starts = iterate.fields().stream().map(Expr.Field::start).toList();
            pieces.add(new Word(", start="));
            pieces.addAll(starts.size() == 1
                    ? List.of(new Operand(starts.getFirst(), COMPARISON))
                    : call("", starts, ""));
        }
        pieces.add(new Word(")"));
        return pieces;
    }

    private static List<Piece> call(String name, List<Expr> args, String rest) {
        List<Piece> pieces = new ArrayList<>();
        pieces.add(new Word(name + "("));
        for (int k = 0; k < args.size(); k++) {
            pieces.add(new Word(k == 0 ? "" : ", "));
            pieces.add(new Operand(args.get(k), COMPARISON));
        }
        pieces.add(new Word(rest + ")"));
        return pieces;
    }

    private static List<Piece> elementwise(Expr.Elementwise e) {
        Function function = e.function();
        Expr x = e.args().getFirst();
        if (function.symbol().isEmpty()) {
            return call(function.text(), e.args(), "");
        }
        if (function.arity() == 1) {
            // -2 is a literal, -(2) the negation of one
            boolean number = function == Function.NEG
                    && x instanceof Expr.Literal literal
                    && literal.kind() != DType.BOOL
                    && !literal(literal).startsWith("-");
            return List.of(new Word(function.symbol()), new Operand(x, number ? ATOM + 1 : UNARY));
        }
        if (function == Function.POW) {
            return List.of(
                    new Operand(x, ATOM), new Word(" ** "), new Operand(e.args().get(1), UNARY));
        }
        return infix(x, function.symbol(), e.args().get(1), precedence(e));
    }

    /** Comparisons do not chain; the others group to the left. */
    private static List<Piece> infix(Expr a, String symbol, Expr b, int precedence) {
        int left = precedence == COMPARISON ? COMPARISON + 1 : precedence;
        return List.of(new Operand(a, left), new Word(" " + symbol + " "), new Operand(b, precedence + 1));
    }

    private static int precedence(Expr expr) {
        return switch (expr) {
            case Expr.Elementwise e
            when e.function().arity() == 1 && !e.function().symbol().isEmpty() -> UNARY;
            case Expr.Elementwise e ->
                switch (e.function()) {
                    case EQ, NE, LT, LE, GT, GE -> COMPARISON;
                    case OR -> 1;
                    case XOR -> 2;
                    case AND -> 3;
                    case ADD, SUB -> 4;
                    case MUL, DIV, FLOORDIV, MOD -> PRODUCT;
                    case POW -> POWER;
                    default -> ATOM;
                };
            case Expr.MatMul product -> PRODUCT;
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
            return value > 0 ? "inf" : "-inf";
        }
        return Double.toString(value).replace(".0E", "e").replace('E', 'e');
    }

    private static String subscript(Expr.Subscript subscript) {
        return switch (subscript) {
            case Expr.Subscript.At at -> Long.toString(at.index());
            case Expr.Subscript.NewAxis axis -> "None";
            case Expr.Subscript.Ellipsis ellipsis -> "...";
            case Expr.Subscript.Slice slice ->
                (slice.from().isPresent() ? slice.from().getAsLong() : "") + ":"
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
