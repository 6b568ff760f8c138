package org.imbrex.kernels.fuse;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.imbrex.kernels.math.Functions;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.ArrayType;
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
    private final Map<Place, Value> known = new HashMap<>();
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

    /** The code of an element, down to loads; without recursion, since expressions may be deeper than a stack. */
    Value value(Node node, IndexMap map) {
        Deque<Step> open = new ArrayDeque<>();
        Place result = new Place(node, map);
        open.push(step(result));
        while (!open.isEmpty()) {
            Step step = open.peek();
            Optional<Place> missing = step.parts().stream()
                    .filter(part -> !known.containsKey(part))
                    .findFirst();
            if (missing.isPresent()) {
                open.push(step(missing.get()));
            } else {
                Value[] parts = step.parts().stream().map(known::get).toArray(Value[]::new);
                known.put(step.place(), step.code().apply(parts));
                open.pop();
            }
        }
        return known.get(result);
    }

    /** A node's element at an index that the stage's index maps to. */
    private record Place(Node node, IndexMap map) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Place p && node == p.node && map.equals(p.map);
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(node) * 31 + map.hashCode();
        }
    }

    /** What an element is made of, and how. */
    private record Step(Place place, List<Place> parts, Function<Value[], Value> code) {}

    private Step step(Place place) {
        Node node = place.node();
        IndexMap map = place.map();
        Optional<Placed> placed = assembly.placed(node);
        if (placed.isPresent()) {
            return leaf(place, load(map.view(placed.get())));
        }
        return switch (node) {
            case Node.Constant constant when !map.readsFill() ->
                leaf(place, code.constant(constant.type().dtype().scalar(), constant.bits()));
            case Node.Position position when !map.isShifted() -> leaf(place, position(position, map));
            case Node.Random random when generates(random, map) -> {
                int[] axes = IntStream.range(0, random.type().shape().rank()).toArray();
                Node.Position index = new Node.Position(axes, new ArrayType(DType.I64, random.type().shape()));
                yield leaf(place, Philox.element(code, random, position(index, map)));
            }
            case Node.Affine affine -> same(place, affine.x(), map.through(affine));
            case Node.Cast cast when fuses(node, map) ->
                new Step(place, List.of(new Place(cast.x(), map)), parts -> convert(code, parts[0], cast));
            case Node.Apply apply when fuses(node, map) -> {
                List<Place> parts = new ArrayList<>();
                for (Node arg : apply.args()) {
                    parts.add(new Place(arg, map.broadcast(apply.type().shape(), arg.type().shape())));
                }
                yield new Step(place, parts, args -> call(code, apply, args));
            }
            case Node.Shift shift -> shifted(place, shift);
            default -> leaf(place, load(map.view(assembly.materialise(node))));
        };
    }

    private static Step leaf(Place place, Value value) {
        return new Step(place, List.of(), parts -> value);
    }

    private static Step same(Place place, Node node, IndexMap map) {
        return new Step(place, List.of(new Place(node, map)), parts -> parts[0]);
    }

    /** Whether random numbers are made where they are used, not stored before. */
    private boolean generates(Node.Random random, IndexMap map) {
        boolean isOften = random.type().shape().elements() < elements / REPEATS;
        boolean generates = random == root || (!map.isShifted() && instrs <= MOST_INSTRS && !isOften);
        instrs += generates ? Cost.instrs(random) : 0;
        return generates;
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

    private Step shifted(Place place, Node.Shift shift) {
        Optional<IndexMap> inner = place.map().through(shift, extents);
        if (inner.isEmpty()) {
            return leaf(place, load(place.map().view(assembly.materialise(shift))));
        }
        Node x = shift.x();
        boolean apart = inner.get().isShifted() && assembly.plan().readsNeighbours(x);
        return apart
                ? leaf(place, load(inner.get().view(assembly.materialise(x))))
                : same(place, x, inner.get());
    }

    private Value position(Node.Position node, IndexMap map) {
        Shape shape = node.type().shape();
        ScalarType type = node.type().dtype().scalar();
        Value sum = code.integer(type, 0);
        for (int axis : node.axes()) {
            Value index = code.integer(type, map.offset()[axis]);
            for (int j = 0; j < map.axes(); j++) {
                long step = map.steps()[axis][j];
                if (step != 0 && extents[j] != 1) {
                    Value here = code.index(type, j);
                    index = plus(index, step == 1 ? here : code.mul(here, code.integer(type, step)));
                }
            }
            sum = plus(shape.extent(axis) == 1 ? sum : code.mul(sum, code.integer(type, shape.extent(axis))), index);
        }
        return sum;
    }

    private Value plus(Value a, Value b) {
        Value zero = code.integer(a.type(), 0);
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
