package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/** The body of arithmetic on accumulators, and which those are. */
record Epilogue(List<Node.Reduce> reductions, Body body) {

    /** The epilogue that a node is, if it is one; {@code isThere} tells what has been computed already. */
    static Optional<Epilogue> of(Node node, Predicate<Node> isThere) {
        List<Node.Reduce> found = new ArrayList<>();
        if (!collect(node, node.type().shape(), isThere, found) || found.isEmpty()) {
            return Optional.empty();
        }
        Code code = new Code();
        Value value = value(code, node, found);
        return Optional.of(new Epilogue(found, code.body(value)));
    }

    private static boolean collect(
            Node node, Shape shape, Predicate<Node> isThere, List<Node.Reduce> found) {
        return switch (node) {
            case Node.Constant constant -> true;
            case Node.Cast cast -> !isThere.test(node) && collect(cast.x(), shape, isThere, found);
            case Node.Apply apply -> {
                if (isThere.test(node)) {
                    yield false;
                }
                for (Node arg : apply.args()) {
                    if (!collect(arg, shape, isThere, found)) {
                        yield false;
                    }
                }
                yield true;
            }
            case Node.Reduce reduce -> {
                if (isThere.test(node) || !reduce.type().shape().equals(shape)) {
                    yield false;
                }
                Node.Reduce first = found.isEmpty() ? reduce : found.getFirst();
                if (!first.x().type().shape().equals(reduce.x().type().shape())
                        || !Arrays.equals(first.axes(), reduce.axes())
                        || first.keepdims() != reduce.keepdims()) {
                    yield false;
                }
                if (number(found, reduce) < 0) {
                    found.add(reduce);
                }
                yield true;
            }
            default -> false;
        };
    }

    /** By identity: comparing what two nodes are made of would walk all of both. */
    private static int number(List<Node.Reduce> reductions, Node.Reduce wanted) {
        for (int k = 0; k < reductions.size(); k++) {
            if (reductions.get(k) == wanted) {
                return k;
            }
        }
        return -1;
    }

    private static Value value(Code code, Node node, List<Node.Reduce> reductions) {
        return switch (node) {
            case Node.Constant constant -> code.constant(constant.type().dtype().scalar(), constant.bits());
            case Node.Cast cast -> BodyBuilder.convert(code, value(code, cast.x(), reductions), cast);
            case Node.Apply apply -> {
                Value[] args = new Value[apply.args().size()];
                for (int k = 0; k < args.length; k++) {
                    args[k] = value(code, apply.args().get(k), reductions);
                }
                yield BodyBuilder.call(code, apply, args);
            }
            case Node.Reduce reduce -> {
                Value sum = code.load(reduce.type().dtype().scalar(), number(reductions, reduce));
                yield BodyBuilder.wrap(code, sum, reduce.type().dtype());
            }
            default -> throw new IllegalArgumentException("no arithmetic on accumulators: " + node);
        };
    }
}
