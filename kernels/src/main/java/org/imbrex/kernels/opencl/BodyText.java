package org.imbrex.kernels.opencl;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.imbrex.kernels.loop.Regions;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;

/** A body as C statements, one for each instruction, that give the bits of {@code Semantics}. */
public final class BodyText {

    /** What becomes of the seldom taken side of a rare SELECT. */
    public enum Rare {
        /** It is left out, and the variable {@code any} gathers the conditions under which that was wrong. */
        LEFT_OUT,
        /** It is computed where its condition holds. */
        BRANCH
    }

    private final SourceText out;
    private final Body body;
    private final IntFunction<String> loads;
    private final IntFunction<String> indices;
    private final Rare rare;
    private final Regions regions;

    private BodyText(
            SourceText out, Body body, IntFunction<String> loads, IntFunction<String> indices, Rare rare) {
        this.out = out;
        this.body = body;
        this.loads = loads;
        this.indices = indices;
        this.rare = rare;
        this.regions = new Regions(body);
    }

    /**
     * Writes the statements.
     *
     * @param loads the C expression of each load slot, in the instruction's type
     * @param indices that of the index along each axis, a long
     * @return the names of the results
     */
    public static List<String> write(
            SourceText out, Body body, IntFunction<String> loads, IntFunction<String> indices, Rare rare) {
        BodyText text = new BodyText(out, body, loads, indices, rare);
        text.region(Regions.ALWAYS, body.instrs().size());
        return body.results().stream().map(text::value).toList();
    }

    /** Whether a body has a side that may be left out. */
    public static boolean hasRare(Body body) {
        return body.instrs().stream().anyMatch(Regions::isRare);
    }

    /** Whether anything in it is a float64. */
    public static boolean usesF64(Body body) {
        return body.instrs().stream().anyMatch(i -> i.type() == ScalarType.F64);
    }

    /**
     * The instructions of one region, those of the regions within it in their braces. A later choice by the same
     * condition may use what a region computes, so that is declared before the brace.
     */
    private void region(int region, int end) {
        for (int id = 0; id < end; id++) {
            Instr i = body.instr(id);
            if (regions.of(id) != region || i.op() == Op.CONST) {
                continue;
            }
            String declared = region == Regions.ALWAYS ? SourceText.type(i.type()) + " " : "";
            String constant = declared.isEmpty() ? "" : "const ";
            if (!Regions.isRare(i)) {
                out.line("%s%sv%d = %s;", constant, declared, id, expression(i));
            } else if (rare == Rare.LEFT_OUT) {
                out.line("%s%sv%d = %s;", constant, declared, id, value(i.c()));
                out.line("any |= %s;", value(i.a()));
            } else {
                out.line("%sv%d = %s;", declared, id, value(i.c()));
                declare(id);
                out.open("if (%s)", value(i.a()));
                region(id, id);
                out.line("v%d = %s;", id, value(i.b()));
                out.close();
            }
        }
    }

    private void declare(int region) {
        for (int id = 0; id < region; id++) {
            Instr i = body.instr(id);
            if (regions.of(id) == region && i.op() != Op.CONST) {
                out.line("%s v%d;", SourceText.type(i.type()), id);
            }
        }
    }

    private String value(int id) {
        Instr i = body.instr(id);
        return i.op() == Op.CONST ? SourceText.constant(i.type(), i.imm()) : "v" + id;
    }

    private String expression(Instr i) {
        String a = i.op().arity() > 0 ? value(i.a()) : "";
        String b = i.op().arity() > 1 ? value(i.b()) : "";
        String c = i.op().arity() > 2 ? value(i.c()) : "";
        boolean wraps = i.type().isInteger();
        return switch (i.op()) {
            case CONST -> throw new IllegalStateException("a constant is written where it is used");
            case LOAD -> loads.apply((int) i.imm());
            case INDEX -> (i.type() == ScalarType.I32 ? "(int) (" : "(") + indices.apply((int) i.imm()) + ")";
            case ADD -> wraps ? wrapping(i.type(), a, "+", b) : a + " + " + b;
            case SUB -> wraps ? wrapping(i.type(), a, "-", b) : a + " - " + b;
            case MUL -> wraps ? wrapping(i.type(), a, "*", b) : a + " * " + b;
            case NEG -> wraps ? wrapping(i.type(), "0", "-", a) : "-" + a;
            case DIV -> a + " / " + b;
            case REM -> a + " % " + b;
            case ABS -> "fabs(" + a + ")";
            case SQRT -> "sqrt(" + a + ")";
            case FMA -> "fma(" + a + ", " + b + ", " + c + ")";
            case AND -> a + " & " + b;
            case OR -> a + " | " + b;
            case XOR -> a + " ^ " + b;
            case NOT -> i.type() == ScalarType.BOOL ? a + " ^ 1" : "~" + a;
            case SHL -> wrapping(i.type(), a, "<<", b);
            case SHR -> a + " >> " + b;
            case USHR -> wrapping(i.type(), a, ">>", b);
            case EQ -> a + " == " + b;
            case NE -> a + " != " + b;
            case LT -> a + " < " + b;
            case LE -> a + " <= " + b;
            case SELECT -> a + " ? " + b + " : " + c;
            case CONVERT -> convert(body.instr(i.a()).type(), i.type(), a);
            case BITCAST -> "as_" + SourceText.type(i.type()) + "(" + a + ")";
        };
    }

    /** In unsigned arithmetic, which C lets wrap. */
    private static String wrapping(ScalarType type, String a, String op, String b) {
        String t = SourceText.type(type);
        return "(%s)((u%s)%s %s (u%s)%s)".formatted(t, t, a, op, t, b);
    }

    /** Java's conversions: to integers saturating, NaN to 0. A cast of what does not fit is never evaluated. */
    private static String convert(ScalarType from, ScalarType to, String a) {
        if (to == ScalarType.BOOL) {
            return a + " != 0";
        }
        if (!from.isFloat() || !to.isInteger()) {
            return "(" + SourceText.type(to) + ")" + a;
        }
        String most = (to == ScalarType.I32 ? "0x1p31" : "0x1p63") + (from == ScalarType.F32 ? "f" : "");
        String high = SourceText.constant(to, to == ScalarType.I32 ? Integer.MAX_VALUE : Long.MAX_VALUE);
        String low = SourceText.constant(to, to == ScalarType.I32 ? Integer.MIN_VALUE : Long.MIN_VALUE);
        return "%s >= %s ? %s : %s <= -%s ? %s : %s != %s ? 0 : (%s)%s"
                .formatted(a, most, high, a, most, low, a, a, SourceText.type(to), a);
    }

    static List<ScalarType> results(Body body) {
        List<ScalarType> types = new ArrayList<>();
        for (int k = 0; k < body.results().size(); k++) {
            types.add(body.resultType(k));
        }
        return types;
    }
}
