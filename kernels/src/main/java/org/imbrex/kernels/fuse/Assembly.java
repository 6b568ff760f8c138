package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/** The program in the making: buffers, what lies in them, and the stages that fill them, in order. */
final class Assembly {
    private final List<Program.Buffer> buffers = new ArrayList<>();
    private final List<Stage> stages = new ArrayList<>();
    private final Map<Node, Placed> places = new IdentityHashMap<>();
    private final Map<String, Integer> inputs = new LinkedHashMap<>();
    private final Map<Node, Integer> shiftsOf = new IdentityHashMap<>();
    private final Cost cost = new Cost();

    Assembly(Map<String, Program.Buffer> inputs, List<Node> roots) {
        inputs.forEach((name, buffer) -> {
            this.inputs.put(name, buffers.size());
            buffers.add(buffer);
        });
        Map<Node, Boolean> seen = new IdentityHashMap<>();
        roots.forEach(root -> countShifts(root, seen));
    }

    private void countShifts(Node node, Map<Node, Boolean> seen) {
        if (seen.put(node, true) != null) {
            return;
        }
        if (node instanceof Node.Shift shift) {
            shiftsOf.merge(shift.x(), 1, Integer::sum);
        }
        Nodes.children(node).forEach(child -> countShifts(child, seen));
    }

    List<Program.Buffer> buffers() {
        return buffers;
    }

    List<Stage> stages() {
        return stages;
    }

    List<String> inputs() {
        return new ArrayList<>(inputs.keySet());
    }

    Cost cost() {
        return cost;
    }

    /** How many neighbour accesses read the node. */
    int shiftsOf(Node node) {
        return shiftsOf.getOrDefault(node, 0);
    }

    /** Where a node's elements lie, if they lie anywhere: an input, what a stage has written, or another shape of it. */
    Optional<Placed> placed(Node node) {
        Placed place = places.get(node);
        if (place == null && node instanceof Node.Input input) {
            int number = inputs.get(input.name());
            place = new Placed(number, input.type().dtype(), 0, buffers.get(number).strides());
            places.put(node, place);
        }
        if (place == null && node instanceof Node.Reshape reshape) {
            Optional<Placed> x = placed(reshape.x())
                    .filter(p -> p.isRowMajor(reshape.x().type().shape()))
                    .map(p -> p.reshaped(reshape.type().shape()));
            x.ifPresent(p -> places.put(node, p));
            return x;
        }
        return Optional.ofNullable(place);
    }

    /** Where a node's elements lie after the stages made so far and, where need be, one more. */
    Placed materialise(Node node) {
        Optional<Placed> there = placed(node);
        if (there.isPresent()) {
            return there.get();
        }
        if (node instanceof Node.Reshape reshape && !(reshape.x() instanceof Node.Input)) {
            Placed x = materialise(reshape.x());
            if (x.isRowMajor(reshape.x().type().shape())) {
                return placed(node).orElseThrow();
            }
        }
        Placed place = allocate(node.type().dtype(), node.type().shape());
        write(node, place);
        places.put(node, place);
        return place;
    }

    /** A result in a buffer of its own, or one that only it has among {@code taken}. */
    int result(Node node, List<Integer> taken) {
        Placed there = materialise(node);
        boolean serves = there.buffer() >= inputs.size()
                && !taken.contains(there.buffer())
                && buffers.get(there.buffer()).shape().equals(node.type().shape());
        if (serves) {
            return there.buffer();
        }
        Placed copy = allocate(node.type().dtype(), node.type().shape());
        map(node, copy);
        return copy.buffer();
    }

    private Placed allocate(DType dtype, Shape shape) {
        buffers.add(new Program.Buffer(dtype, shape, shape.strides()));
        return new Placed(buffers.size() - 1, dtype, 0, shape.strides());
    }

    /** Makes the stages that write a node's elements to a place. */
    private void write(Node node, Placed to) {
        if (node.type().shape().elements() == 0) {
            return;
        }
        switch (node) {
            case Node.Concat concat -> {
                long at = 0;
                for (Node part : concat.parts()) {
                    write(part, to.from(concat.axis(), at));
                    at += part.type().shape().extent(concat.axis());
                }
            }
            case Node.Reshape reshape when to.isRowMajor(reshape.type().shape()) ->
                write(reshape.x(), to.reshaped(reshape.x().type().shape()));
            case Node.MatMul product -> matmul(product, to);
            default -> {
                if (placed(node).isEmpty() && isEpilogue(node)) {
                    reduce(node, to);
                } else {
                    map(node, to);
                }
            }
        }
    }

    private void map(Node node, Placed to) {
        Shape shape = node.type().shape();
        if (shape.elements() == 0) {
            return;
        }
        BodyBuilder body = new BodyBuilder(this, shape.elements());
        Value value = body.value(node, IndexMap.identity(shape.rank()));
        View store = new View(to.buffer(), to.dtype(), to.offset(), to.strides());
        stages.add(new MapStage(shape.extents(), body.loads(), body.code().body(value), List.of(store)));
    }

    // ---- reductions

    /**
     * Whether a node is arithmetic on reductions alone that run over the same axes of equal shapes, each giving the
     * node's own shape: then it is one reduce stage.
     */
    boolean isEpilogue(Node node) {
        return Epilogue.of(node, n -> placed(n).isPresent()).isPresent();
    }

    private void reduce(Node node, Placed to) {
        Epilogue epilogue = Epilogue.of(node, n -> placed(n).isPresent()).orElseThrow();
        Node.Reduce first = epilogue.reductions().getFirst();
        long[] extents = first.x().type().shape().extents();
        int from = first.axes()[0];
        int end = first.axes()[first.axes().length - 1] + 1;
        BodyBuilder body = new BodyBuilder(this, first.x().type().shape().elements());
        List<Value> values = new ArrayList<>();
        List<Combine> combines = new ArrayList<>();
        for (Node.Reduce reduce : epilogue.reductions()) {
            values.add(body.value(reduce.x(), IndexMap.identity(extents.length)));
            combines.add(Nodes.combine(reduce.reduction()));
        }
        long[] strides = new long[extents.length - (end - from)];
        for (int axis = 0; axis < strides.length; axis++) {
            strides[axis] = to.strides()[axis < from || !first.keepdims() ? axis : axis + end - from];
        }
        stages.add(new ReduceStage(
                extents,
                from,
                end,
                body.loads(),
                body.code().body(values.toArray(Value[]::new)),
                combines,
                epilogue.body(),
                List.of(new View(to.buffer(), to.dtype(), to.offset(), strides))));
    }

    // ---- products

    private void matmul(Node.MatMul product, Placed to) {
        Shape shape = product.type().shape();
        long inner = product.a().type().shape().extent(product.a().type().shape().rank() - 1);
        stages.add(new MatMulStage(
                shape.extents(),
                inner,
                operand(product.a(), shape),
                operand(product.b(), shape),
                new View(to.buffer(), to.dtype(), to.offset(), to.strides())));
    }

    /** An operand read where it lies, through whatever only rearranges indices; batch axes broadcast. */
    private View operand(Node node, Shape result) {
        Node base = node;
        IndexMap map = IndexMap.identity(node.type().shape().rank());
        while (placed(base).isEmpty() && base instanceof Node.Affine affine) {
            map = map.through(affine);
            base = affine.x();
        }
        boolean inPlace = placed(base).isPresent();
        View view = inPlace
                ? map.view(placed(base).orElseThrow())
                : IndexMap.identity(node.type().shape().rank()).view(materialise(node));
        int skip = result.rank() - view.strides().length;
        long[] strides = new long[result.rank()];
        for (int axis = skip; axis < strides.length; axis++) {
            boolean batch = axis < strides.length - 2;
            boolean repeats = batch && node.type().shape().extent(axis - skip) == 1;
            strides[axis] = repeats ? 0 : view.strides()[axis - skip];
        }
        return new View(view.buffer(), view.dtype(), view.offset(), strides);
    }
}
