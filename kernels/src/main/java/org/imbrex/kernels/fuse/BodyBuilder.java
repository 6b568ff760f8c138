package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.kernels.math.Functions;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/** Writes the body of one stage: what an element of a node is, down to loads from buffers. */
final class BodyBuilder {
    /** A node with so many times fewer elements than the stage is computed before, unless it is next to nothing. */
    private static final int REPEATS = 4;

    /** Twice what {@link Plan} aims at: it counts what is fused once, and neighbours may need it several times. */
    private static final int MOST_INSTRS = 2 * Plan.MOST_INSTRS;

    private static final int MOST_LOADS = 2 * Plan.MOST_LOADS;

    private final Assembly assembly;
    private final Node root;
    private final Code code = new Code();
    private final long[] extents;
    private final long elements;
    private final Map<View, Integer> loads = new LinkedHashMap<>();
    private final Map<Node, Map<IndexMap, Value>> known = new IdentityHashMap<>();
    private int instrs;

    /**
     * @param root what the body computes, whatever the plan says
     * @param shape the stage's index space
     */
    BodyBuilder(Assembly assembly, Node root, Shape shape) {
        this.assembly = assembly;
        this.root = root;
        this.extents = shape.extents();
        this.elements = shape.elements();
    }

    Code code() {
        return code;
    }

    List<View> loads() {
        return new ArrayList<>(loads.keySet());
    }

    Value value(Node node, IndexMap map) {
        Map<IndexMap, Value> values = known.computeIfAbsent(node, n -> new HashMap<>());
        Value value = values.get(map);
        if (value == null) {
            value = compute(node, map);
            values.put(map, value);
        }
        return value;
    }

    private Value compute(Node node, IndexMap map) {
        Optional<Placed> placed = assembly.placed(node);
        if (placed.isPresent()) {
            return load(map.view(placed.get()));
        }
        return switch (node) {
            case Node.Constant constant when !map.readsFill() ->
                code.constant(constant.type().dtype().scalar(), constant.bits());
            case Node.Position position when !map.isShifted() -> position(position, map);
            case Node.Affine affine -> value(affine.x(), map.through(affine));
            case Node.Cast cast when fuses(node, map) -> convert(code, value(cast.x(), map), cast);
            case Node.Apply apply when fuses(node, map) -> {
                Value[] args = new Value[apply.args().size()];
                for (int k = 0; k < args.length; k++) {
                    Node arg = apply.args().get(k);
                    args[k] = value(arg, map.broadcast(apply.type().shape(), arg.type().shape()));
                }
                yield call(code, apply, args);
            }
            case Node.Shift shift -> shifted(shift, map);
            default -> load(map.view(assembly.materialise(node)));
        };
    }

    private boolean fuses(Node node, IndexMap map) {
        Plan plan = assembly.plan();
        boolean apart = plan.isCut(node) && node != root
                || plan.isEpilogue(node)
                || map.readsFill()
                || (map.isShifted() && plan.readsNeighbours(node))
                || instrs > MOST_INSTRS
                || loads.size() > MOST_LOADS;
        if (apart) {
            return false;
        }
        long own = node.type().shape().elements();
        boolean repeats = own < elements / REPEATS && plan.cost(node) >= REPEATS;
        if (!repeats) {
            instrs += Cost.instrs(node);
        }
        return !repeats;
    }

    private Value shifted(Node.Shift shift, IndexMap map) {
        Optional<IndexMap> inner = map.through(shift, extents);
        if (inner.isEmpty()) {
            return load(map.view(assembly.materialise(shift)));
        }
        Node x = shift.x();
        boolean apart = inner.get().isShifted() && assembly.plan().readsNeighbours(x);
        return apart ? load(inner.get().view(assembly.materialise(x))) : value(x, inner.get());
    }

    private Value position(Node.Position node, IndexMap map) {
        Shape shape = node.type().shape();
        Value sum = code.i64(0);
        for (int axis : node.axes()) {
            Value index = code.i64(map.offset()[axis]);
            for (int j = 0; j < map.axes(); j++) {
                long step = map.steps()[axis][j];
                if (step != 0) {
                    index = plus(index, step == 1 ? code.index(j) : code.mul(code.index(j), code.i64(step)));
                }
            }
            sum = plus(shape.extent(axis) == 1 ? sum : code.mul(sum, code.i64(shape.extent(axis))), index);
        }
        return sum;
    }

    private Value plus(Value a, Value b) {
        Value zero = code.i64(0);
        return a.equals(zero) ? b : b.equals(zero) ? a : code.add(a, b);
    }

    private Value load(View view) {
        // A constant edge that is never reached needs no mode, and equal views share a slot.
        View kept = view.shifts().isEmpty() && view.mode() != EdgeMode.EDGE
                ? new View(view.buffer(), view.dtype(), view.offset(), view.strides())
                : view;
        int slot = loads.computeIfAbsent(kept, v -> loads.size());
        return code.load(view.dtype().scalar(), slot);
    }

    /** A function on values, narrow integers wrapped. */
    static Value call(Code code, Node.Apply apply, Value... args) {
        Value value = Functions.apply(code, apply.function(), args);
        DType dtype = apply.type().dtype();
        return switch (apply.function()) {
            case AND, OR, XOR, WHERE, MINIMUM, MAXIMUM, CLIP, SIGN -> value;
            default -> dtype == DType.BOOL ? value : wrap(code, value, dtype);
        };
    }

    static Value convert(Code code, Value value, Node.Cast cast) {
        DType to = cast.type().dtype();
        return wrap(code, code.convert(value, to.scalar()), to);
    }

    /** Keeps the low bits of a narrow integer, and its sign. */
    static Value wrap(Code code, Value value, DType dtype) {
        return switch (dtype) {
            case I8 -> code.shr(code.shl(value, 24), 24);
            case I16 -> code.shr(code.shl(value, 16), 16);
            case U8 -> code.and(value, code.constant(ScalarType.I32, 0xff));
            default -> value;
        };
    }
}
