package org.imbrex.kernels.typing;

import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.math.Functions;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;

/** Makes nodes; equal ones are one, so that a repeated subexpression is computed once. */
final class Nodes {
    private final Map<String, Node> known = new HashMap<>();
    private final Map<Node, Integer> numbers = new IdentityHashMap<>();

    /** The node, or the one made before that says the same. */
    <T extends Node> Node one(T node) {
        Node first = known.computeIfAbsent(key(node), k -> node);
        numbers.putIfAbsent(first, numbers.size());
        return first;
    }

    private String key(Node node) {
        String type = node.type().toString();
        return switch (node) {
            case Node.Input input -> "input " + input.name();
            case Node.Constant constant -> "constant " + constant.bits() + type;
            case Node.Apply apply -> apply.function() + " " + numbers(apply.args()) + type;
            case Node.Cast cast -> "cast " + number(cast.x()) + type;
            case Node.Affine a ->
                "affine " + number(a.x()) + Arrays.toString(a.offset()) + Arrays.deepToString(a.steps()) + type;
            case Node.Shift s -> "shift " + number(s.x()) + Arrays.toString(s.by()) + s.mode() + s.fill();
            case Node.Reduce r -> r.reduction() + " " + number(r.x()) + Arrays.toString(r.axes()) + r.keepdims() + type;
            case Node.Position p -> "position " + Arrays.toString(p.axes()) + type;
            case Node.Reshape r -> "reshape " + number(r.x()) + type;
            case Node.Concat c -> "concat " + numbers(c.parts()) + c.axis() + type;
            case Node.MatMul m -> "matmul " + number(m.a()) + " " + number(m.b()) + type;
            case Node.Random r -> r.distribution() + " " + r.seed() + " " + r.lo() + " " + r.hi() + " " + type;
            case Node.State s -> "state " + s.iteration() + " " + s.slot();
            case Node.Iterated i ->
                "iterated " + i.field() + " " + numbers(i.iteration().starts()) + numbers(i.iteration().nexts()) + " "
                        + i.iteration().steps();
        };
    }

    private int number(Node node) {
        return numbers.get(node);
    }

    private List<Integer> numbers(List<Node> nodes) {
        return nodes.stream().map(this::number).toList();
    }

    Node constant(DType dtype, long bits) {
        return one(new Node.Constant(bits, new ArrayType(dtype, Shape.SCALAR)));
    }

    /** A cast, done at once on a constant, and left out where it changes nothing. */
    Node cast(Node x, DType to) {
        DType from = x.type().dtype();
        if (from == to) {
            return x;
        }
        if (x instanceof Node.Constant constant) {
            Code code = new Code();
            Value value = code.convert(code.constant(from.scalar(), constant.bits()), to.scalar());
            return constant(to, narrow(to, folded(code, value)));
        }
        return one(new Node.Cast(x, new ArrayType(to, x.type().shape())));
    }

    /** An elementwise function of arguments that have been cast; done at once on constants. */
    Node apply(Function function, List<Node> args, DType dtype) {
        Shape shape = Shape.SCALAR;
        boolean constant = true;
        for (Node arg : args) {
            shape = shape.broadcast(arg.type().shape());
            constant &= arg instanceof Node.Constant;
        }
        if (constant) {
            Code code = new Code();
            Value[] values = args.stream()
                    .map(arg -> code.constant(arg.type().dtype().scalar(), ((Node.Constant) arg).bits()))
                    .toArray(Value[]::new);
            return constant(dtype, narrow(dtype, folded(code, Functions.apply(code, function, values))));
        }
        return one(new Node.Apply(function, args, new ArrayType(dtype, shape)));
    }

    /** The same elements in row-major order under another shape. */
    Node reshape(Node x, Shape shape) {
        if (shape.equals(x.type().shape())) {
            return x;
        }
        return x instanceof Node.Reshape inner
                ? reshape(inner.x(), shape)
                : one(new Node.Reshape(x, new ArrayType(x.type().dtype(), shape)));
    }

    private static long folded(Code code, Value value) {
        Body body = code.body(value);
        Instr last = body.instr(body.results().getFirst());
        return last.imm();
    }

    private static long narrow(DType dtype, long bits) {
        return switch (dtype) {
            case I8 -> (byte) bits;
            case I16 -> (short) bits;
            case U8 -> bits & 0xff;
            default -> bits;
        };
    }

    /** An affine map; maps of maps become one, and one that changes nothing none. */
    Node affine(Node x, long[] offset, long[][] steps, Shape shape) {
        if (shape.equals(x.type().shape()) && isIdentity(offset, steps, shape)) {
            return x;
        }
        if (x instanceof Node.Concat concat) {
            Optional<Node> part = part(concat, offset, steps, shape);
            if (part.isPresent()) {
                return part.get();
            }
        }
        if (x instanceof Node.Affine inner) {
            int rank = inner.offset().length;
            long[] offsets = inner.offset().clone();
            long[][] rows = new long[rank][shape.rank()];
            for (int axis = 0; axis < rank; axis++) {
                for (int k = 0; k < offset.length; k++) {
                    long via = inner.steps()[axis][k];
                    offsets[axis] += via * offset[k];
                    for (int j = 0; j < shape.rank(); j++) {
                        rows[axis][j] += via * steps[k][j];
                    }
                }
            }
            return affine(inner.x(), offsets, rows, shape);
        }
        return one(new Node.Affine(x, offset, steps, new ArrayType(x.type().dtype(), shape)));
    }

    /** The map of the one part that all indices along the axis of a concatenation lie in, if that is so. */
    private Optional<Node> part(Node.Concat concat, long[] offset, long[][] steps, Shape shape) {
        int axis = concat.axis();
        long least = offset[axis];
        long most = least;
        for (int j = 0; j < shape.rank(); j++) {
            long span = steps[axis][j] * Math.max(0, shape.extent(j) - 1);
            least += Math.min(0, span);
            most += Math.max(0, span);
        }
        long from = 0;
        for (Node part : concat.parts()) {
            long to = from + part.type().shape().extent(axis);
            if (least >= from && most < to) {
                long[] offsets = offset.clone();
                offsets[axis] -= from;
                return Optional.of(affine(part, offsets, steps, shape));
            }
            from = to;
        }
        return Optional.empty();
    }

    private static boolean isIdentity(long[] offset, long[][] steps, Shape shape) {
        for (int axis = 0; axis < offset.length; axis++) {
            for (int j = 0; j < shape.rank(); j++) {
                // along an extent of 1 no step is ever taken
                if (steps[axis][j] != (axis == j ? 1 : 0) && shape.extent(j) != 1) {
                    return false;
                }
            }
            if (offset[axis] != 0) {
                return false;
            }
        }
        return true;
    }

    /** {@code x[from : from + count]} along one axis. */
    Node cut(Node x, int along, long from, long count) {
        Shape shape = x.type().shape();
        long[] extents = shape.extents();
        extents[along] = count;
        long[] offset = new long[extents.length];
        offset[along] = from;
        long[][] steps = new long[extents.length][extents.length];
        for (int axis = 0; axis < extents.length; axis++) {
            steps[axis][axis] = 1;
        }
        return affine(x, offset, steps, new Shape(extents));
    }

    /** One after another along an axis; parts without elements are left out. */
    Node concat(List<Node> parts, int axis) {
        Shape first = parts.getFirst().type().shape();
        long[] extents = first.extents();
        extents[axis] = 0;
        for (Node part : parts) {
            Shape shape = part.type().shape();
            boolean fits = shape.rank() == first.rank();
            for (int other = 0; fits && other < extents.length; other++) {
                fits = other == axis || shape.extent(other) == first.extent(other);
            }
            if (!fits) {
                throw new ShapeException("found shapes " + first + " and " + shape + " in concat along axis " + axis
                        + ", expected equal extents along the others");
            }
            extents[axis] += shape.extent(axis);
        }
        List<Node> some = parts.stream()
                .filter(part -> part.type().shape().extent(axis) > 0)
                .toList();
        if (some.size() < 2) {
            return some.isEmpty() ? parts.getFirst() : some.getFirst();
        }
        return one(
                new Node.Concat(some, axis, new ArrayType(some.getFirst().type().dtype(), new Shape(extents))));
    }
}
