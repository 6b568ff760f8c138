package org.imbrex.kernels.fuse;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.Shape;
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
            case Node.State state -> List.of();
            case Node.Random random -> List.of();
            case Node.Iterated iterated -> both(iterated.iteration().starts(), iterated.iteration().given());
            case Node.Lines lines -> List.of(lines.x());
        };
    }

    static List<Node> both(List<Node> some, List<Node> others) {
        List<Node> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    /** All nodes that the roots are made of, each once and after its children. */
    static List<Node> order(List<Node> roots) {
        return order(roots, Nodes::children);
    }

    /** As {@link #order(List)}, with other children. */
    static List<Node> order(List<Node> roots, Function<Node, List<Node>> children) {
        Set<Node> done = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Node> order = new ArrayList<>();
        Deque<Node> open = new ArrayDeque<>();
        for (Node root : roots) {
            open.push(root);
            while (!open.isEmpty()) {
                Node node = open.peek();
                boolean ready = true;
                if (!done.contains(node)) {
                    for (Node child : children.apply(node).reversed()) {
                        if (!done.contains(child)) {
                            open.push(child);
                            ready = false;
                        }
                    }
                }
                if (ready) {
                    open.pop();
                    if (done.add(node)) {
                        order.add(node);
                    }
                }
            }
        }
        return order;
    }

    /** The first elements along an axis. */
    static Node first(Node x, int axis, long count) {
        long[] extents = x.type().shape().extents();
        extents[axis] = count;
        return new Node.Affine(
                x,
                new long[extents.length],
                identity(extents.length),
                new ArrayType(x.type().dtype(), new Shape(extents)));
    }

    /** An affine map's steps along the axes that there are. */
    static long[][] identity(int rank) {
        long[][] steps = new long[rank][rank];
        for (int axis = 0; axis < rank; axis++) {
            steps[axis][axis] = 1;
        }
        return steps;
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
