package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/**
 * Decides which elementwise nodes get a buffer of their own though they could be fused: those that would make a body
 * too long, and those that are dear and would be computed more than once, at several places of a stage or in several
 * stages.
 */
final class Plan {
    /** The longest body, in instructions, that fusing makes. */
    static final int MOST_INSTRS = 2000;
    /** The most views that a stage reads. */
    static final int MOST_LOADS = 64;
    /** One in so many elements is few. */
    private static final int FEW = 32;
    /** The most accumulators of a reduce stage. */
    static final int MOST_ACCUMULATORS = 8;

    /** How the results of an epilogue are reduced. */
    private record Space(Shape shape, List<Integer> axes, boolean keepdims) {
        static Space of(Node.Reduce reduce) {
            List<Integer> axes = Arrays.stream(reduce.axes()).boxed().toList();
            return new Space(reduce.x().type().shape(), axes, reduce.keepdims());
        }
    }

    /** How a node is used. */
    private static final class Use {
        /** Whether an elementwise node, or whatever reads it index by index, uses it. */
        private boolean isPlain;
        /** How many nodes use it at other indices. */
        private int moved;
        /** The stage that it is computed in, if that is one. */
        private Node stage;
        /** Whether it is computed in several stages. */
        private boolean isShared;
        /** Whether it is the topmost of what is computed in several stages. */
        private boolean isMeeting;

        void by(Node user, boolean shared) {
            if (user == null) {
                return; // one that takes few
            }
            isMeeting |= stage != null && (stage != user || shared || isShared);
            isShared |= shared || (stage != null && stage != user);
            stage = user;
        }

        /** At how many places of one stage it is computed. */
        int places() {
            return moved + (isPlain ? 1 : 0);
        }
    }

    private final Set<Node> cuts = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Node> stages = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Node> neighbours = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Node, Space> epilogues = new IdentityHashMap<>();
    private final Map<Node, Integer> costs = new IdentityHashMap<>();
    private final Map<Node, Use> uses = new IdentityHashMap<>();

    Plan(List<Node> roots) {
        List<Node> order = Nodes.order(roots);
        order.forEach(node -> uses.put(node, new Use()));
        for (Node node : order) {
            boolean moves = node instanceof Node.Affine || node instanceof Node.Shift;
            for (Node child : Nodes.children(node)) {
                uses.get(child).moved += moves && !takesFew(node) ? 1 : 0;
                uses.get(child).isPlain |= !moves;
            }
        }
        for (Node node : order) {
            bound(node);
            costs.put(node, computed(node));
            if (isRepeated(node)) {
                cuts.add(node);
            }
        }
        for (Node root : roots) {
            uses.get(root).by(root, false);
        }
        order.reversed().forEach(this::share);
        for (Node node : order) {
            costs.put(node, computed(node));
            if (isElementwise(node) && !isEpilogue(node) && uses.get(node).isMeeting && cost(node) >= Cost.DEAR) {
                cuts.add(node);
            }
        }
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

    /** What it costs to compute one element of a node, as far down as it would be fused; additions count 1. */
    int cost(Node node) {
        return costs.get(node);
    }

    private int computed(Node node) {
        long sum = Cost.of(node);
        if (isFused(node)) {
            for (Node child : Nodes.children(node)) {
                sum += isCut(child) ? 0 : cost(child);
            }
        }
        return (int) Math.min(sum, Cost.MOST);
    }

    private boolean isRepeated(Node node) {
        boolean isComputed = isElementwise(node) || node instanceof Node.Random;
        if (!isComputed || isEpilogue(node)) {
            return false;
        }
        int again = uses.get(node).places() - 1;
        return again > 0 && (cost(node) >= Cost.DEAR || (long) again * cost(node) >= 2 * Cost.DEAR);
    }

    /** Whether a node takes so few of another's elements that computing these once more costs less than a buffer. */
    private static boolean takesFew(Node node) {
        return node instanceof Node.Affine affine
                && affine.type().shape().elements() <= affine.x().type().shape().elements() / FEW;
    }

    static boolean isFused(Node node) {
        return isElementwise(node) || node instanceof Node.Affine || node instanceof Node.Shift;
    }

    static boolean isElementwise(Node node) {
        return node instanceof Node.Apply || node instanceof Node.Cast;
    }

    // ---- from the inputs on: epilogues, neighbours, bounds

    private void bound(Node node) {
        space(node).ifPresent(space -> epilogues.put(node, space));
        if (isElementwise(node) && Region.of(node, this).isTooMuch()) {
            cutParts(node);
            if (space(node).isEmpty()) {
                epilogues.remove(node);
            }
        }
        boolean fusesNeighbours =
                isFused(node) && Nodes.children(node).stream().anyMatch(child -> readsNeighbours(child) && !isCut(child));
        if (node instanceof Node.Shift || fusesNeighbours) {
            neighbours.add(node);
        }
    }

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

    /** Cuts off the largest parts of a node until what is left fits in a body. */
    private void cutParts(Node node) {
        List<Node> parts = new ArrayList<>(Nodes.children(node));
        parts.sort(Comparator.comparingInt(part -> -Region.of(part, this).instrs()));
        for (Node part : parts) {
            Node base = part;
            while (base instanceof Node.Affine || base instanceof Node.Shift) {
                base = Nodes.children(base).getFirst();
            }
            if (isElementwise(base)) {
                cuts.add(base);
            }
            if (!Region.of(node, this).isTooMuch()) {
                return;
            }
        }
    }

    // ---- back from the results: which stages compute a node

    private void share(Node node) {
        Use use = uses.get(node);
        boolean isWithin = isEpilogue(node) && !(node instanceof Node.Reduce);
        for (Node child : Nodes.children(node)) {
            Use of = uses.get(child);
            if (isRead(node, child)) {
                stages.add(child);
            }
            if (takesFew(node) && !isStage(node)) {
                continue;
            }
            boolean isOwn = (!isFused(node) && !(node instanceof Node.Reduce)) || isStage(node);
            if (isEpilogue(child) && !isWithin) {
                of.by(child, false);
            } else if (isOwn && !isEpilogue(node)) {
                of.by(node, false);
            } else {
                of.by(use.stage, use.isShared);
            }
        }
    }

    /** Whether a child's elements lie in a buffer when a node reads them, whatever the plan cuts. */
    private boolean isRead(Node node, Node child) {
        return switch (child) {
            case Node.Input input -> false;
            case Node.Constant constant -> false;
            case Node.Position position -> false;
            case Node.State state -> false;
            case Node.Random random -> node instanceof Node.MatMul || node instanceof Node.Iterated;
            default ->
                switch (node) {
                    case Node.MatMul product -> true;
                    case Node.Iterated iterated -> true;
                    case Node.Concat concat -> false; // the part is written in place
                    case Node.Reshape reshape -> false;
                    case Node.Shift shift when readsNeighbours(child) -> true;
                    case Node.Reduce reduce -> !isFused(child) || isEpilogue(child);
                    default -> isEpilogue(child) ? !isEpilogue(node) : !isFused(child);
                };
        };
    }
}
