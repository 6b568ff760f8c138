package org.imbrex.kernels.fuse;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.typing.Node;

/**
 * Closes the steps of an iteration over what they read: inputs, and whatever does not change from step to step and
 * takes more than a loop over elements, are given to the steps and computed once.
 */
final class Closing {
    private final Node.Iteration iteration;
    private final Map<Node, Boolean> changes = new IdentityHashMap<>();
    private final Map<Node, Node> known = new IdentityHashMap<>();
    private final List<Node> given = new ArrayList<>();

    private Closing(Node.Iteration iteration) {
        this.iteration = iteration;
    }

    /**
     * The iteration with its steps in terms of {@link Node.State} alone.
     *
     * @param nexts in terms of the field's states and anything else
     */
    static Node.Iteration close(Node.Iteration iteration, List<Node> starts, List<Node> nexts) {
        Closing closing = new Closing(iteration);
        for (Node node : Nodes.order(nexts)) {
            boolean changes = node instanceof Node.State state && state.iteration() == iteration.number();
            for (Node child : Nodes.children(node)) {
                changes |= closing.changes.get(child);
            }
            closing.changes.put(node, changes);
        }
        List<Node> closed = nexts.stream().map(closing::closed).toList();
        return new Node.Iteration(iteration.number(), starts, closing.given, closed, iteration.steps());
    }

    private boolean isGiven(Node node) {
        return !changes.get(node)
                && switch (node) {
                    case Node.Constant constant -> false;
                    case Node.Position position -> false;
                    case Node.Random random -> false;
                    case Node.Apply apply -> false;
                    case Node.Cast cast -> false;
                    case Node.Affine affine -> false;
                    case Node.Shift shift -> false;
                    case Node.Input input -> true;
                    case Node.State state -> true;
                    case Node.Reduce reduce -> true;
                    case Node.Reshape reshape -> true;
                    case Node.Concat concat -> true;
                    case Node.MatMul product -> true;
                    case Node.Iterated iterated -> true;
                };
    }

    /** Without recursion, since steps may be deeper than a stack. */
    private Node closed(Node root) {
        Deque<Node> open = new ArrayDeque<>();
        open.push(root);
        while (!open.isEmpty()) {
            Node node = open.peek();
            if (known.containsKey(node)) {
                open.pop();
                continue;
            }
            if (isGiven(node)) {
                known.put(node, new Node.State(iteration.number(), iteration.nexts().size() + given.size(), node.type()));
                given.add(node);
                continue;
            }
            boolean ready = true;
            for (Node child : Nodes.children(node).reversed()) {
                if (!known.containsKey(child)) {
                    open.push(child);
                    ready = false;
                }
            }
            if (ready) {
                known.put(node, rebuilt(node));
            }
        }
        return known.get(root);
    }

    private List<Node> all(List<Node> nodes) {
        return nodes.stream().map(known::get).toList();
    }

    private Node rebuilt(Node node) {
        return switch (node) {
            case Node.Input input -> input;
            case Node.State state -> state;
            case Node.Random random -> random;
            case Node.Constant constant -> constant;
            case Node.Position position -> position;
            case Node.Apply apply -> new Node.Apply(apply.function(), all(apply.args()), apply.type());
            case Node.Cast cast -> new Node.Cast(known.get(cast.x()), cast.type());
            case Node.Affine a -> new Node.Affine(known.get(a.x()), a.offset(), a.steps(), a.type());
            case Node.Shift s -> new Node.Shift(known.get(s.x()), s.by(), s.mode(), s.fill(), s.type());
            case Node.Reduce r ->
                new Node.Reduce(r.reduction(), known.get(r.x()), r.axes(), r.keepdims(), r.type());
            case Node.Reshape reshape -> new Node.Reshape(known.get(reshape.x()), reshape.type());
            case Node.Concat concat -> new Node.Concat(all(concat.parts()), concat.axis(), concat.type());
            case Node.MatMul product -> new Node.MatMul(known.get(product.a()), known.get(product.b()), product.type());
            case Node.Iterated iterated -> {
                Node.Iteration it = iterated.iteration();
                Node.Iteration made = inner.computeIfAbsent(
                        it, of -> new Node.Iteration(
                                of.number(), all(of.starts()), all(of.given()), of.nexts(), of.steps()));
                yield new Node.Iterated(made, iterated.field(), iterated.type());
            }
        };
    }

    private final Map<Node.Iteration, Node.Iteration> inner = new IdentityHashMap<>();
}
