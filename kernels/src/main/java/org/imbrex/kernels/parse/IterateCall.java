package org.imbrex.kernels.parse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.ExprException;

/** Reads the arguments of {@code iterate(u=…, v=…, steps=n)}, or of {@code iterate(…, steps=n)} with one input. */
final class IterateCall {
    private final Parser parser;
    private final Token call;
    private final List<Token> names = new ArrayList<>();
    private final List<Expr> nexts = new ArrayList<>();
    private Optional<List<Expr>> starts = Optional.empty();
    private OptionalLong steps = OptionalLong.empty();

    IterateCall(Parser parser, Token call) {
        this.parser = parser;
        this.call = call;
    }

    Expr read() {
        boolean named = true;
        while (!parser.peek().is(")")) {
            named &= argument();
            if (!parser.peek().is(")")) {
                parser.expect(",", "',' or ')' in iterate");
            }
        }
        if (nexts.isEmpty() || (!named && nexts.size() > 1)) {
            throw parser.wrong(
                    call,
                    "found " + nexts.size() + " fields of iterate, expected one, or several by name, as iterate(u="
                            + "…, v=…, steps=64)");
        }
        if (steps.isEmpty()) {
            throw parser.wrong(call, "found no steps= in iterate, expected how many, as steps=64");
        }
        if (starts.isPresent() && starts.get().size() != nexts.size()) {
            throw parser.wrong(
                    call,
                    "found " + starts.get().size() + " starts in iterate, expected one for each of its " + nexts.size()
                            + " fields");
        }
        try {
            return made(named);
        } catch (ExprException e) {
            throw parser.wrong(call, e.getMessage());
        }
    }

    private Expr made(boolean named) {
        List<Expr.Field> fields = new ArrayList<>();
        for (int k = 0; k < nexts.size(); k++) {
            String name = named ? names.get(k).text() : only(nexts.get(k));
            Expr start = starts.isPresent() ? starts.get().get(k) : Expr.input(name);
            fields.add(new Expr.Field(name, start, nexts.get(k)));
        }
        return new Expr.Iterate(fields, steps.getAsLong());
    }

    /** Whether it is no field without a name. */
    private boolean argument() {
        Token name = parser.peek();
        if (name.kind() != Token.Kind.NAME || !parser.peekSecond().is("=")) {
            nexts.add(parser.comparison());
            return false;
        }
        parser.take();
        parser.take();
        switch (name.text()) {
            case "steps" -> {
                Token at = parser.peek();
                long count = parser.integer("a number of steps");
                if (steps.isPresent()) {
                    throw parser.wrong(name, "found a second steps=, expected one");
                }
                if (count < 0 || count > Expr.Iterate.MOST_STEPS) {
                    throw parser.wrong(
                            at, "found " + count + " steps, expected 0 to " + Expr.Iterate.MOST_STEPS);
                }
                steps = OptionalLong.of(count);
            }
            case "start" -> starts = Optional.of(starts());
            default -> {
                names.add(name);
                nexts.add(parser.comparison());
            }
        }
        return true;
    }

    /** One expression, or several in parentheses. */
    private List<Expr> starts() {
        List<Expr> list = new ArrayList<>();
        if (!parser.peek().is("(") || !parser.commaBeforeClose()) {
            list.add(parser.comparison());
            return list;
        }
        parser.take();
        while (!parser.peek().is(")")) {
            list.add(parser.comparison());
            if (!parser.peek().is(")")) {
                parser.expect(",", "',' or ')'");
            }
        }
        parser.take();
        return list;
    }

    /** The one input that an expression has: the state of a field without a name. */
    private String only(Expr next) {
        List<String> inputs = next.inputs().stream()
                .filter(name -> !name.equals("pi") && !name.equals("e"))
                .toList();
        if (inputs.size() != 1) {
            throw parser.wrong(
                    call,
                    "found the inputs " + inputs + " in iterate, expected the one that is the state; name it, as"
                            + " iterate(" + (inputs.isEmpty() ? "u" : inputs.getFirst()) + "=…, steps=64)");
        }
        return inputs.getFirst();
    }
}
