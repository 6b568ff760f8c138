package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.typing.Node;

/** The body of arithmetic on accumulators, and which those are. */
final class Epilogue {
    private final Code code = new Code();
    private final List<Node.Reduce> reductions = new ArrayList<>();
    private final Map<Node, Value> known = new IdentityHashMap<>();
    private final Body body;

    /** @param node one that the plan calls an epilogue */
    Epilogue(Node node) {
        for (Node part : parts(node)) {
            known.put(part, value(part));
        }
        this.body = code.body(known.get(node));
    }

    List<Node.Reduce> reductions() {
        return reductions;
    }

    Body body() {
        return body;
    }

    /** What the epilogue is made of down to its reductions, each after its parts. */
    private static List<Node> parts(Node node) {
        return Nodes.order(List.of(node), part -> part instanceof Node.Reduce ? List.of() : Nodes.children(part));
    }

    private Value value(Node node) {
        return switch (node) {
            case Node.Constant constant -> code.constant(constant.type().dtype().scalar(), constant.bits());
            case Node.Cast cast -> BodyBuilder.convert(code, known.get(cast.x()), cast);
            case Node.Apply apply ->
                BodyBuilder.call(code, apply, apply.args().stream().map(known::get).toArray(Value[]::new));
            case Node.Reduce reduce -> {
                reductions.add(reduce);
                yield code.load(reduce.type().dtype().scalar(), reductions.size() - 1);
            }
            default -> throw new IllegalArgumentException("no arithmetic on accumulators: " + node);
        };
    }
}
