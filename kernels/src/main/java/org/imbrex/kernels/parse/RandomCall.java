package org.imbrex.kernels.parse;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.imbrex.kernels.expr.Distribution;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.ExprException;
import org.imbrex.kernels.type.DType;

/** Reads the arguments of {@code random(shape, seed)}, {@code normal} and {@code randint(shape, seed, lo, hi)}. */
final class RandomCall {
    private final Parser parser;
    private final Token call;

    RandomCall(Parser parser, Token call) {
        this.parser = parser;
        this.call = call;
    }

    Expr read() {
        Distribution distribution = Distribution.valueOf(call.text().toUpperCase(Locale.ROOT));
        List<Long> shape = shape();
        comma("a seed");
        long seed = named("seed", "a seed");
        long lo = 0;
        long hi = 0;
        if (distribution == Distribution.RANDINT) {
            comma("the least integer");
            lo = parser.integer("the least integer");
            comma("one more than the largest integer");
            hi = parser.integer("one more than the largest integer");
        }
        DType dtype = DType.F64;
        if (parser.peek().is(",") && distribution != Distribution.RANDINT) {
            parser.take();
            dtype = parser.peek().is(")") ? dtype : dtype();
        }
        try {
            return new Expr.Random(distribution, shape, seed, dtype, lo, hi);
        } catch (ExprException e) {
            throw parser.wrong(call, e.getMessage());
        }
    }

    private void comma(String expected) {
        parser.expect(",", "',' and " + expected + " in " + call.text());
    }

    private long named(String name, String what) {
        if (parser.peek().text().equals(name) && parser.peekSecond().is("=")) {
            parser.take();
            parser.take();
        }
        return parser.integer(what);
    }

    /** One extent, or any number of them in parentheses. */
    private List<Long> shape() {
        if (!parser.peek().is("(") && !parser.peek().is("[")) {
            return List.of(parser.integer("a shape, as (1000, 3)"));
        }
        List<Long> shape = new ArrayList<>();
        String close = parser.take().is("(") ? ")" : "]";
        while (!parser.peek().is(close)) {
            shape.add(parser.integer("an extent"));
            if (!parser.peek().is(close)) {
                parser.expect(",", "',' or '" + close + "'");
            }
        }
        parser.take();
        return shape;
    }

    /** {@code dtype=f32} or {@code dtype='f32'}. */
    private DType dtype() {
        if (parser.peek().text().equals("dtype") && parser.peekSecond().is("=")) {
            parser.take();
            parser.take();
        }
        Token name = parser.take();
        return DType.named(name.text())
                .filter(DType::isFloat)
                .orElseThrow(() -> parser.wrong(name, "found " + name.told() + ", expected dtype=f32 or dtype=f64"));
    }
}
