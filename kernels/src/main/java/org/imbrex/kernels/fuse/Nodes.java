package org.imbrex.kernels.fuse;

import java.util.List;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.typing.Node;

/** What a node is made of. */
final class Nodes {
    private Nodes() {}

    static List<Node> children(Node node) {
        return switch (node) {
            case Node.Input input -> List.of();
            case Node.Constant constant -> List.of();
            case Node.Position position -> List.of();
            case Node.Apply apply -> apply.args();
            case Node.Cast cast -> List.of(cast.x());
            case Node.Affine affine -> List.of(affine.x());
            case Node.Shift shift -> List.of(shift.x());
            case Node.Reduce reduce -> List.of(reduce.x());
            case Node.Reshape reshape -> List.of(reshape.x());
            case Node.Concat concat -> concat.parts();
            case Node.MatMul product -> List.of(product.a(), product.b());
        };
    }

    /** How a primitive reduction combines. */
    static Combine combine(Reduction reduction) {
        return switch (reduction) {
            case SUM -> Combine.SUM;
            case PROD -> Combine.PROD;
            case MIN -> Combine.MIN;
            case MAX -> Combine.MAX;
            default -> throw new IllegalArgumentException(reduction + " is composed of others");
        };
    }
}
