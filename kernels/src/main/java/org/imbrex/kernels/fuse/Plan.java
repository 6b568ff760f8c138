package org.imbrex.kernels.fuse;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/**
 * Decides which elementwise nodes get a buffer of their own though they could be fused: those that would make a body
 * too long, and those that are dear and would be computed more than once.
 *
 * <p>A first walk, from inputs to results, bounds the bodies and finds the epilogues. A second, back from the results,
 * follows how often each node would be computed: in how many stages, and in one stage at how many places.
 */
final class Plan {
    /** The longest body, in instructions, that fusing makes. */
    static final int MOST_INSTRS = 2000;
    /** The most views that a stage reads. */
    static final int MOST_LOADS = 64;
    /** The most accumulators of a reduce stage. */
    static final int MOST_ACCUMULATORS = 8;

    /** How the results of an epilogue are reduced. */
    private record Space(Shape shape, List<Integer> axes, boolean keepdims) {
        static Space of(Node.Reduce reduce) {
            List<Integer> axes = Arrays.stream(reduce.axes()).boxed().toList();
            return new Space(reduce.x().type().shape(), axes, reduce.keepdims());
        }
    }

    private final Set<Node> cuts = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Node> stages = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Node, Space> epilogues = new IdentityHashMap<>();
    private final Map<Node, Integer> costs = new IdentityHashMap<>();
    private final Set<Node> neighbours = Collections.newSetFromMap(new IdentityHashMap<>());

    Plan(List<Node> roots) {
        List<Node> order = Nodes.order(roots);
        for (Node node : order) {
            space(node).ifPresent(space -> epilogues.put(node, space));
            if (bound(node) && space(node).isEmpty()) {
                epilogues.remove(node);
            }
            costs.put(node, cost(node));
            if (node instanceof Node.Shift || isFused(node) && Nodes.children(node).stream().anyMatch(neighbours::contains)) {
                neighbours.add(node);
            }
        }
        share(order, roots);
    }

    /** Whether an elementwise node is to have a buffer of its own. */
    boolean isCut(Node node) {
        return cuts.contains(node);
    }

    /** Whether others read a node's elements from a buffer. */
    boolean isStage(Node node) {
        return stages.contains(node) || isCut(node);
    }

    /**
     * Whether a node is arithmetic on reductions alone that run over the same axes of equal shapes, each giving the
     * node's own shape: then it is one reduce stage.
     */
    boolean isEpilogue(Node node) {
        return epilogues.containsKey(node);
    }

    /** Whether a neighbour access would be fused with the node, so that a shift of it would be a shift of a shift. */
    boolean readsNeighbours(Node node) {
        return neighbours.contains(node);
    }

    /** What it costs to compute one element of a node again, as far down as it would be fused. */
    int cost(Node node) {
        Integer known = costs.get(node);
        return known != null ? known : computed(node);
    }

    private int computed(Node node) {
        long sum = Cost.of(node);
        if (isFused(node) && !isCut(node)) {
            for (Node child : Nodes.children(node)) {
                sum += isCut(child) ? 0 : costs.get(child);
            }
        }
        return (int) Math.min(sum, Cost.MOST);
    }

    private static boolean isFused(Node node) {
        return switch (node) {
            case Node.Apply apply -> true;
            case Node.Cast cast -> true;
            case Node.Affine affine -> true;
            case Node.Shift shift -> true;
            default -> false;
        };
    }

    private static boolean isElementwise(Node node) {
        return node instanceof Node.Apply || node instanceof Node.Cast;
    }

    // ---- epilogues

    private Optional<Space> space(Node node) {
        if (node instanceof Node.Reduce reduce) {
            return Optional.of(Space.of(reduce));
        }
        if (!isElementwise(node)) {
            return Optional.empty();
        }
        Space space = null;
        for (Node child : Nodes.children(node)) {
            if (child instanceof Node.Constant) {
                continue;
            }
            Space its = isCut(child) ? null : epilogues.get(child);
            if (its == null || (space != null && !space.equals(its))) {
                return Optional.empty();
            }
            space = its;
        }
        return Optional.ofNullable(space);
    }

    // ---- bounds

    /** What one body would hold. */
    private record Extent(int instrs, int loads, int accumulators) {
        boolean isTooMuch() {
            return instrs > MOST_INSTRS || loads > MOST_LOADS || accumulators > MOST_ACCUMULATORS;
        }
    }

    /** Cuts off the largest parts of a node until what is left fits in a body; whether it had to. */
    private boolean bound(Node node) {
        if (!isElementwise(node) || !extent(node).isTooMuch()) {
            return false;
        }
        List<Node> parts = new ArrayList<>(Nodes.children(node));
        parts.sort(Comparator.comparingInt(part -> -extent(part).instrs()));
        for (Node part : parts) {
            if (isElementwise(part)) {
                cuts.add(part);
            } else if (isFused(part)) {
                cutBelow(part);
            }
            if (!extent(node).isTooMuch()) {
                break;
            }
        }
        return true;
    }

    private void cutBelow(Node node) {
        Node base = node;
        while (base instanceof Node.Affine || base instanceof Node.Shift) {
            base = Nodes.children(base).getFirst();
        }
        if (isElementwise(base)) {
            cuts.add(base);
        }
    }

    /** Counts what is fused with the node, each part once. */
    private Extent extent(Node node) {
        Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Node> next = new ArrayDeque<>(List.of(node));
        int instrs = 0;
        int loads = 0;
        int accumulators = 0;
        while (!next.isEmpty() && instrs <= MOST_INSTRS && loads <= MOST_LOADS) {
            Node at = next.pop();
            if (!seen.add(at) || at instanceof Node.Constant) {
                continue;
            }
            boolean fused = isFused(at) && (at == node || !isCut(at));
            instrs += fused ? Cost.instrs(at) : 1;
            loads += fused && isElementwise(at) ? 0 : 1;
            if (fused) {
                next.addAll(Nodes.children(at));
            } else if (at instanceof Node.Reduce reduce && isEpilogue(node)) {
                accumulators++;
                next.add(reduce.x());
            }
        }
        return new Extent(instrs, loads, accumulators);
    }

    // ---- what is computed more than once

    /** Where a node is used: by which stage, or by several; and at how many places of one stage. */
    private static final class Use {
        private Node stage;
        private boolean isShared;
        private double elementwise;
        private double elsewhere;

        void by(Node user) {
            isShared |= stage != null && stage != user;
            stage = user;
        }

        double places() {
            return Math.max(1, elementwise + elsewhere);
        }
    }

    private void share(List<Node> order, List<Node> roots) {
        Map<Node, Use> uses = new IdentityHashMap<>();
        order.forEach(node -> uses.put(node, new Use()));
        for (Node root : roots) {
            uses.get(root).by(root);
        }
        for (Node node : order.reversed()) {
            Use use = uses.get(node);
            if (isElementwise(node) && !isEpilogue(node) && isDear(node, use)) {
                cuts.add(node);
            }
            if (node instanceof Node.Shift shift
                    && (shift.mode() == EdgeMode.CONSTANT || readsNeighbours(shift.x()))) {
                cutBelow(shift);
            }
            for (Node child : Nodes.children(node)) {
                use(node, use, child, uses.get(child));
            }
        }
    }

    private void use(Node node, Use use, Node child, Use of) {
        boolean writes = node instanceof Node.Concat || node instanceof Node.Reshape;
        boolean withinEpilogue = isEpilogue(node) && !(node instanceof Node.Reduce);
        boolean isWhole = !isFused(child) && !(child instanceof Node.Input) && !(child instanceof Node.Constant)
                || isEpilogue(child);
        if (isWhole && !withinEpilogue && !writes && !(child instanceof Node.Position)) {
            stages.add(child);
        }
        boolean isOperand = node instanceof Node.MatMul && !(child instanceof Node.Input);
        boolean isShiftOfShift = node instanceof Node.Shift && readsNeighbours(child);
        if (isOperand || isShiftOfShift) {
            stages.add(child);
        }
        boolean isOwn = !isFused(node) || isCut(node);
        if (isEpilogue(child) && !withinEpilogue) {
            of.by(child);
        } else if (isOwn && !(node instanceof Node.Reduce)) {
            of.by(node);
        } else {
            of.by(use.stage);
            of.isShared |= use.isShared;
        }
        boolean moves = node instanceof Node.Affine || node instanceof Node.Shift;
        double places = isOwn ? 1 : use.places();
        of.elementwise = moves ? of.elementwise : Math.max(of.elementwise, places);
        of.elsewhere += moves ? places : 0;
    }

    private boolean isDear(Node node, Use use) {
        double again = (use.places() - 1) * cost(node);
        return (use.isShared && cost(node) >= Cost.DEAR) || again >= 2 * Cost.DEAR;
    }
}
