package org.imbrex.kernels.fuse;

import java.util.EnumMap;
import java.util.Map;
import org.imbrex.kernels.expr.Distribution;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.math.Functions;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.typing.Node;

/** What one element of a node costs, without what it is made of: additions count 1. */
final class Cost {
    /** From here on, computing again costs more than a trip through memory. */
    static final int DEAR = 24;
    /** More than this is not told apart. */
    static final int MOST = 1 << 20;

    private static final Map<ScalarType, Map<Function, Integer>> INSTRS = new EnumMap<>(ScalarType.class);

    private Cost() {}

    static int of(Node node) {
        return switch (node) {
            case Node.Apply apply -> of(apply.function());
            case Node.Cast cast -> 1;
            case Node.Random random -> random.distribution() == Distribution.NORMAL ? 4 * DEAR : 2 * DEAR;
            default -> 0;
        };
    }

    private static int of(Function function) {
        return switch (function) {
            case ADD, SUB, MUL, NEG, ABS, FMA, EQ, NE, LT, LE, GT, GE, AND, OR, XOR, INVERT, WHERE, MINIMUM, MAXIMUM,
                    CLIP, SIGN, ISNAN, ISINF, ISFINITE -> 1;
            case DIV, SQRT, FLOOR, CEIL, ROUND, TRUNC -> 4;
            case FLOORDIV, MOD, EXP, LOG, SIN, COS, TANH, EXPM1, LOG1P, LOG2, LOG10 -> DEAR;
            case POW, TAN, ASIN, ACOS, ATAN, ATAN2, SINH, COSH, HYPOT -> 2 * DEAR;
        };
    }

    /** How many instructions a body gets from a node. */
    static int instrs(Node node) {
        return switch (node) {
            case Node.Apply apply -> {
                ScalarType type = apply.args().getLast().type().dtype().scalar();
                synchronized (INSTRS) {
                    yield INSTRS.computeIfAbsent(type, t -> new EnumMap<>(Function.class))
                            .computeIfAbsent(apply.function(), function -> instrs(function, type));
                }
            }
            case Node.Cast cast -> 2;
            case Node.Random random -> {
                Code code = new Code();
                yield code.body(Philox.element(code, random, code.index(0))).instrs().size();
            }
            default -> 0;
        };
    }

    private static int instrs(Function function, ScalarType type) {
        Code code = new Code();
        Value[] args = new Value[function.arity()];
        for (int k = 0; k < args.length; k++) {
            args[k] = code.load(function == Function.WHERE && k == 0 ? ScalarType.BOOL : type, k);
        }
        return code.body(Functions.apply(code, function, args)).instrs().size();
    }
}
