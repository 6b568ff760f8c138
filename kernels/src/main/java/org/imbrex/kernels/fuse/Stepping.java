package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.imbrex.kernels.expr.ExprException;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/**
 * Makes the stages of an iteration. One step is fused like a program of its own. If all of it are loops over the
 * fields' own index space, and the fields are read at neighbours of each index, several steps go into one stage; else
 * the steps' stages follow one another.
 */
final class Stepping {
    /** More stages than this take longer to plan than is sensible. */
    private static final int MOST_STAGES = 20_000;
    /** Steps of one stage: what a tile's halo costs is then about a tenth of its work. */
    private static final int STEPS_ALONG_ONE_AXIS = 64;

    private static final int STEPS_ALONG_TWO_AXES = 8;
    private static final int STEPS_ALONG_THREE_AXES = 3;
    /** Steps of one stage where no step reads neighbours. */
    private static final int MOST_STEPS = 256;

    private final Assembly assembly;
    private final Node.Iteration iteration;
    private final Shape shape;
    private final Program step;
    private final List<Integer> given = new ArrayList<>();

    Stepping(Assembly assembly, Node.Iteration iteration) {
        this.assembly = assembly;
        this.iteration = iteration;
        this.shape = iteration.starts().getFirst().type().shape();
        this.step = step();
    }

    /** One step, over the fields in row-major order and what is given. */
    private Program step() {
        Map<String, Program.Buffer> inputs = new LinkedHashMap<>();
        Map<Integer, Placed> places = new LinkedHashMap<>();
        for (Node start : iteration.starts()) {
            places.put(inputs.size(), new Placed(inputs.size(), start.type().dtype(), 0, shape.strides()));
            inputs.put("s" + inputs.size(), new Program.Buffer(start.type().dtype(), shape, shape.strides()));
        }
        for (Node node : iteration.given()) {
            Placed place = assembly.materialise(node);
            given.add(place.buffer());
            int number = inputs.size();
            places.put(number, new Placed(number, place.dtype(), place.offset(), place.strides()));
            inputs.put("s" + number, assembly.buffers().get(place.buffer()));
        }
        Assembly inner = new Assembly(inputs, iteration.nexts());
        for (Node node : Nodes.order(iteration.nexts())) {
            if (node instanceof Node.State state) {
                inner.place(node, places.get(state.slot()));
            }
        }
        return Fuser.assembled(inner, iteration.nexts());
    }

    /** Where the fields lie after all steps. */
    List<Placed> fields() {
        List<Integer> fields = new ArrayList<>();
        for (Node start : iteration.starts()) {
            Placed place = assembly.materialise(start);
            boolean plain = place.isRowMajor(shape) && place.offset() == 0;
            fields.add((plain ? place : assembly.copied(start)).buffer());
        }
        if (shape.elements() > 0) {
            fields = isLocal() ? inStages(fields) : oneByOne(fields);
        }
        return fields.stream()
                .map(buffer -> new Placed(
                        buffer, iteration.starts().getFirst().type().dtype(), 0, shape.strides()))
                .toList();
    }

    private int states() {
        return iteration.starts().size();
    }

    private List<Integer> fresh() {
        return iteration.starts().stream()
                .map(start -> assembly.allocate(start.type().dtype(), shape).buffer())
                .toList();
    }

    // ---- several steps in a stage

    private boolean isLocal() {
        return step.stages().stream().allMatch(stage -> stage instanceof MapStage map
                && Arrays.equals(map.domain(), shape.extents())
                && map.stores().stream().allMatch(this::isOwn)
                && map.loads().stream().allMatch(load -> isGiven(load.buffer()) || isOwn(load)));
    }

    private boolean isGiven(int buffer) {
        return buffer >= states() && buffer < step.inputs().size();
    }

    private boolean isOwn(View view) {
        return view.offset() == 0 && Arrays.equals(view.strides(), shape.strides());
    }

    private List<Integer> inStages(List<Integer> fields) {
        List<MapStage> parts = new ArrayList<>();
        step.stages().forEach(stage -> parts.add((MapStage) stage));
        List<Integer> next = apart(parts);
        IterateStage one = IterateStage.of(1, parts, next, inputs(fields), views(fields));
        long most = stepsInStage(one, parts);
        long stages = Math.max(1, Math.ceilDiv(iteration.steps(), most));
        if (stages > MOST_STAGES) {
            stages = MOST_STAGES;
        }
        List<Integer> at = fields;
        long done = 0;
        for (long k = 1; k <= stages; k++) {
            long until = iteration.steps() * k / stages;
            List<Integer> to = fresh();
            assembly.stages().add(IterateStage.of((int) (until - done), parts, next, inputs(at), views(to)));
            done = until;
            at = to;
        }
        return at;
    }

    /** The fields after a step, copied where the step itself reads them. */
    private List<Integer> apart(List<MapStage> parts) {
        List<Integer> next = new ArrayList<>(step.results());
        int count = step.buffers().size();
        for (int field = 0; field < next.size(); field++) {
            int buffer = next.get(field);
            if (parts.stream().anyMatch(part -> part.loads().stream().anyMatch(load -> load.buffer() == buffer))) {
                View from = new View(buffer, step.buffers().get(buffer).dtype(), 0, shape.strides());
                View to = new View(count, from.dtype(), 0, shape.strides());
                Code code = new Code();
                parts.add(new MapStage(
                        shape.extents(), List.of(from), code.body(code.load(from.dtype().scalar(), 0)), List.of(to)));
                next.set(field, count++);
            }
        }
        return next;
    }

    private List<Integer> inputs(List<Integer> fields) {
        List<Integer> inputs = new ArrayList<>(fields);
        inputs.addAll(given);
        return inputs;
    }

    private List<View> views(List<Integer> fields) {
        return fields.stream()
                .map(buffer -> new View(
                        buffer, iteration.starts().getFirst().type().dtype(), 0, shape.strides()))
                .toList();
    }

    private static long stepsInStage(IterateStage one, List<MapStage> parts) {
        int axes = 0;
        long farthest = 1;
        for (int axis = 0; axis < one.domain().length; axis++) {
            axes += one.reach(axis) > 0 ? 1 : 0;
            farthest = Math.max(farthest, one.reach(axis));
        }
        int steps = switch (axes) {
            case 0 -> MOST_STEPS;
            case 1 -> STEPS_ALONG_ONE_AXIS;
            case 2 -> STEPS_ALONG_TWO_AXES;
            default -> STEPS_ALONG_THREE_AXES;
        };
        return Math.max(1, steps / farthest);
    }

    // ---- step after step

    private List<Integer> oneByOne(List<Integer> fields) {
        if (iteration.steps() * step.stages().size() > MOST_STAGES) {
            throw new ExprException("found " + iteration.steps() + " steps of " + step.stages().size()
                    + " stages each, since they do more than read neighbours; expected at most "
                    + MOST_STAGES / Math.max(1, step.stages().size()) + " in one iterate");
        }
        List<Integer> at = fields;
        for (long t = 0; t < iteration.steps(); t++) {
            List<Integer> before = inputs(at);
            int[] numbers = new int[step.buffers().size()];
            for (int buffer = 0; buffer < numbers.length; buffer++) {
                Program.Buffer own = step.buffers().get(buffer);
                numbers[buffer] = buffer < before.size()
                        ? before.get(buffer)
                        : assembly.allocate(own.dtype(), own.shape()).buffer();
            }
            IntUnaryOperator renumbered = buffer -> numbers[buffer];
            for (Stage stage : step.stages()) {
                assembly.stages().add(Unused.renumbered(stage, renumbered));
            }
            at = step.results().stream().map(renumbered::applyAsInt).toList();
        }
        return at;
    }
}
