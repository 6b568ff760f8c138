package org.imbrex.kernels.fuse;

import java.util.IdentityHashMap;
import java.util.Map;
import org.imbrex.kernels.typing.Node;

/** What it costs to compute one element of a node again, as far down as it would be fused: adds count 1. */
final class Cost {
    /** From here on, computing again costs more than a trip through memory. */
    static final int DEAR = 24;

    private static final int MOST = 1 << 20;

    private final Map<Node, Integer> costs = new IdentityHashMap<>();
    private final Map<Node, Boolean> shifts = new IdentityHashMap<>();

    int of(Node node) {
        Integer known = costs.get(node);
        if (known == null) {
            known = switch (node) {
                case Node.Apply apply -> {
                    int sum = own(apply);
                    for (Node arg : apply.args()) {
                        sum = Math.min(MOST, sum + of(arg));
                    }
                    yield sum;
                }
                case Node.Cast cast -> of(cast.x()) + 1;
                case Node.Affine affine -> of(affine.x());
                case Node.Shift shift -> of(shift.x());
                default -> 0;
            };
            costs.put(node, known);
        }
        return known;
    }

    private static int own(Node.Apply apply) {
        return switch (apply.function()) {
            case ADD, SUB, MUL, NEG, ABS, FMA, EQ, NE, LT, LE, GT, GE, AND, OR, XOR, INVERT, WHERE, MINIMUM, MAXIMUM,
                    CLIP, SIGN, ISNAN, ISINF, ISFINITE -> 1;
            case DIV, SQRT, FLOOR, CEIL, ROUND, TRUNC -> 4;
            case FLOORDIV, MOD, EXP, LOG, SIN, COS, TANH, EXPM1, LOG1P, LOG2, LOG10 -> DEAR;
            default -> 2 * DEAR;
        };
    }

    /** Whether a neighbour access would be fused with the node, so that a shift of it would be a shift of a shift. */
    boolean readsNeighbours(Node node) {
        Boolean known = shifts.get(node);
        if (known == null) {
            known = switch (node) {
                case Node.Shift shift -> true;
                case Node.Apply apply -> apply.args().stream().anyMatch(this::readsNeighbours);
                case Node.Cast cast -> readsNeighbours(cast.x());
                case Node.Affine affine -> readsNeighbours(affine.x());
                default -> false;
            };
            shifts.put(node, known);
        }
        return known;
    }
}
