package org.imbrex.kernels.typing;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.imbrex.kernels.stage.EdgeMode;

/** A checked graph as text, with what is shared written out. */
final class NodeText {
    private NodeText() {}

    static String of(Node node) {
        return switch (node) {
            case Node.Input input -> input.name();
            case Node.Constant c -> c.type().dtype() + ":" + value(c);
            case Node.Apply apply -> apply.function() + list(apply.args());
            case Node.Cast cast -> cast.type().dtype() + "(" + of(cast.x()) + ")";
            case Node.Affine a ->
                of(a.x())
                        + Arrays.toString(a.offset())
                        + Arrays.deepToString(a.steps())
                        + a.type().shape();
            case Node.Shift s ->
                "shift(" + of(s.x()) + Arrays.toString(s.by()) + s.mode().text()
                        + (s.mode() == EdgeMode.CONSTANT ? ":" + s.fill() : "") + ")";
            case Node.Reduce r ->
                r.reduction() + "(" + of(r.x()) + Arrays.toString(r.axes()) + (r.keepdims() ? "kept" : "") + ")";
            case Node.Position p -> "position" + Arrays.toString(p.axes());
            case Node.Reshape r -> "reshape(" + of(r.x()) + r.type().shape() + ")";
            case Node.Concat c -> "concat" + c.axis() + list(c.parts());
            case Node.MatMul m -> "matmul" + list(List.of(m.a(), m.b()));
            case Node.State s -> "state" + s.slot();
            case Node.Random r -> r.distribution().text() + r.seed() + r.type();
            case Node.Iterated i ->
                "iterated" + i.field() + list(i.iteration().starts()) + list(i.iteration().nexts())
                        + i.iteration().steps();
        };
    }

    private static String list(List<Node> nodes) {
        return nodes.stream().map(NodeText::of).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String value(Node.Constant c) {
        return switch (c.type().dtype()) {
            case BOOL -> c.bits() != 0 ? "true" : "false";
            case F32 -> Float.toString(Float.intBitsToFloat((int) c.bits()));
            case F64 -> Double.toString(Double.longBitsToDouble(c.bits()));
            default -> Long.toString(c.bits());
        };
    }
}
