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
    private final Map<Node.Iteration, List<Placed>> iterations = new IdentityHashMap<>();
    private final Plan plan;

    Assembly(Map<String, Program.Buffer> inputs, List<Node> roots) {
        inputs.forEach((name, buffer) -> {
            this.inputs.put(name, buffers.size());
            buffers.add(buffer);
        });
        this.plan = new Plan(roots);
    }

    /** Says where a node lies that is no input by name. */
    void place(Node node, Placed place) {
        places.put(node, place);
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

    Plan plan() {
        return plan;
    }

    /**
     * Where a node's elements lie, if they lie anywhere: an input, what a stage has written, and what only rearranges
     * the indices of those.
     */
    Optional<Placed> placed(Node node) {
        Placed known = places.get(node);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<Placed> found = switch (node) {
            case Node.Input input -> {
                int number = inputs.get(input.name());
                yield Optional.of(new Placed(number, input.type().dtype(), 0, buffers.get(number).strides()));
            }
            case Node.Affine affine -> placed(affine.x()).map(x -> x.through(affine));
            case Node.Reshape reshape ->
                placed(reshape.x())
                        .filter(x -> x.isRowMajor(reshape.x().type().shape()))
                        .map(x -> x.reshaped(reshape.type().shape()));
            case Node.Iterated iterated ->
                Optional.ofNullable(iterated(iterated.iteration())).map(fields -> fields.get(iterated.field()));
            default -> Optional.empty();
        };
        found.ifPresent(place -> places.put(node, place));
        return found;
    }

    /** Makes the stages that a node surely needs; called from the inputs on, it keeps later calls from going deep. */
    void prepare(Node node) {
        if (plan.isStage(node)) {
            materialise(node);
        } else {
            placed(node);
        }
    }

    /** Where a node's elements lie after the stages made so far and, where need be, one more. */
    Placed materialise(Node node) {
        Optional<Placed> there = placed(node);
        if (there.isPresent()) {
            return there.get();
        }
        if (node instanceof Node.Reshape reshape && placed(reshape.x()).isEmpty()) {
            materialise(reshape.x());
            there = placed(node);
            if (there.isPresent()) {
                return there.get();
            }
        }
        return allocated(node);
    }

    private Placed allocated(Node node) {
        if (node instanceof Node.Iterated iterated) {
            iterations.put(iterated.iteration(), new Stepping(this, iterated.iteration()).fields());
            return placed(node).orElseThrow();
        }
        Placed place = allocate(node.type().dtype(), node.type().shape());
        write(node, place);
        places.put(node, place);
        return place;
    }

    /** A result in a buffer of its own: none of those that are {@code taken}. */
    int result(Node node, List<Integer> taken) {
        Placed place = placed(node).isPresent() ? placed(node).get() : allocated(node);
        Shape shape = node.type().shape();
        Program.Buffer buffer = buffers.get(place.buffer());
        boolean serves = place.buffer() >= inputs.size()
                && !taken.contains(place.buffer())
                && place.isRowMajor(shape)
                && buffer.shape().elements() == shape.elements();
        if (serves) {
            buffers.set(place.buffer(), new Program.Buffer(buffer.dtype(), shape, shape.strides()));
            return place.buffer();
        }
        Placed copy = allocate(node.type().dtype(), shape);
        map(node, copy);
        return copy.buffer();
    }

    private List<Placed> iterated(Node.Iteration iteration) {
        return iterations.get(iteration);
    }

    /** A copy of an array that lies somewhere, in row-major order. */
    Placed copied(Node node) {
        Placed copy = allocate(node.type().dtype(), node.type().shape());
        map(node, copy);
        return copy;
    }

    Placed allocate(DType dtype, Shape shape) {
        buffers.add(new Program.Buffer(dtype, shape, shape.strides()));
        return new Placed(buffers.size() - 1, dtype, 0, shape.strides());
    }

    /** Makes the stages that write a node's elements to a place. */
    private void write(Node node, Placed to) {
        if (node.type().shape().elements() == 0) {
            return;
        }
        if (placed(node).isPresent()) {
            map(node, to);
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
            case Node.Iterated iterated -> {
                materialise(iterated);
                map(iterated, to);
            }
            default -> {
                if (plan.isEpilogue(node)) {
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
        BodyBuilder body = new BodyBuilder(this, node, shape);
        Value value = body.value(node, IndexMap.identity(shape.rank()));
        stages.add(new MapStage(shape.extents(), body.loads(), body.code().body(value), List.of(to.view())));
    }

    // ---- reductions

    private void reduce(Node node, Placed to) {
        Epilogue epilogue = new Epilogue(node);
        Node.Reduce first = epilogue.reductions().getFirst();
        Shape shape = first.x().type().shape();
        long[] extents = shape.extents();
        int from = first.axes()[0];
        int end = first.axes()[first.axes().length - 1] + 1;
        BodyBuilder body = new BodyBuilder(this, node, shape);
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
        Shape a = product.a().type().shape();
        stages.add(new MatMulStage(
                shape.extents(),
                a.extent(a.rank() - 1),
                operand(product.a(), shape.rank()),
                operand(product.b(), shape.rank()),
                to.view()));
    }

    /** An operand read where it lies; batch axes broadcast. */
    private View operand(Node node, int rank) {
        Placed place = materialise(node);
        Shape shape = node.type().shape();
        int skip = rank - shape.rank();
        long[] strides = new long[rank];
        for (int axis = skip; axis < rank; axis++) {
            boolean repeats = axis < rank - 2 && shape.extent(axis - skip) == 1;
            strides[axis] = repeats ? 0 : place.strides()[axis - skip];
        }
        return new View(place.buffer(), place.dtype(), place.offset(), strides);
    }
}
