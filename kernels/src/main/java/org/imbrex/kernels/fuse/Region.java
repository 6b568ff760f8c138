package org.imbrex.kernels.fuse;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.imbrex.kernels.typing.Node;

/**
 * How much the body that computes a node would hold, counted up to what is too much.
 *
 * @param loads an estimate: a node may be read at several places
 */
record Region(int instrs, int loads, int accumulators) {

    boolean isTooMuch() {
        return instrs > Plan.MOST_INSTRS || loads > Plan.MOST_LOADS || accumulators > Plan.MOST_ACCUMULATORS;
    }

    /** Counts what is fused with the node, each part once. */
    static Region of(Node node, Plan plan) {
        Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Node> next = new ArrayDeque<>(List.of(node));
        int instrs = 0;
        int loads = 0;
        int accumulators = 0;
        while (!next.isEmpty() && instrs <= Plan.MOST_INSTRS && loads <= Plan.MOST_LOADS) {
            Node at = next.pop();
            if (!seen.add(at) || at instanceof Node.Constant) {
                continue;
            }
            boolean isFused = Plan.isFused(at) && (at == node || !plan.isCut(at));
            instrs += isFused || at instanceof Node.Random ? Cost.instrs(at) : 1;
            loads += isFused && Plan.isElementwise(at) ? 0 : 1;
            if (isFused) {
                next.addAll(Nodes.children(at));
            } else if (at instanceof Node.Reduce reduce && plan.isEpilogue(node)) {
                accumulators++;
                next.add(reduce.x());
            }
        }
        return new Region(instrs, loads, accumulators);
    }
}
