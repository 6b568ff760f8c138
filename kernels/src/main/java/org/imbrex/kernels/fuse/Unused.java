package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;

/** Takes out what no result needs: stores, stages, loads and buffers; buffers are numbered anew. */
final class Unused {
    private final Map<Integer, Integer> numbers = new LinkedHashMap<>();

    private Unused() {}

    static Program without(Program program) {
        return new Unused().strip(program);
    }

    private Program strip(Program program) {
        Set<Integer> needed = new HashSet<>(program.results());
        List<Stage> kept = new ArrayList<>();
        for (Stage stage : program.stages().reversed()) {
            List<Integer> stores = new ArrayList<>();
            for (int k = 0; k < stage.stores().size(); k++) {
                if (needed.contains(stage.stores().get(k).buffer())) {
                    stores.add(k);
                }
            }
            if (!stores.isEmpty()) {
                Stage left = only(stage, stores);
                left.loads().forEach(load -> needed.add(load.buffer()));
                left.stores().forEach(store -> needed.add(store.buffer())); // fields go together
                kept.addFirst(left);
            }
        }
        List<Program.Buffer> buffers = new ArrayList<>();
        for (int b = 0; b < program.buffers().size(); b++) {
            if (b < program.inputs().size() || needed.contains(b)) {
                numbers.put(b, buffers.size());
                buffers.add(program.buffers().get(b));
            }
        }
        return new Program(
                program.id(),
                buffers,
                program.inputs(),
                kept.stream().map(this::renumbered).toList(),
                program.results().stream().map(numbers::get).toList());
    }

    // ---- stores and loads that are left

    private static Stage only(Stage stage, List<Integer> stores) {
        return switch (stage) {
            case MapStage map -> {
                Body body = only(map.body(), stores);
                List<View> loads = new ArrayList<>();
                body = slots(body, map.loads(), loads);
                yield new MapStage(map.domain(), loads, body, views(map.stores(), stores));
            }
            case ReduceStage reduce -> {
                Body epilogue = only(reduce.epilogue(), stores);
                List<Integer> accumulators =
                        IntStream.range(0, reduce.combines().size()).boxed().toList();
                List<Integer> left = new ArrayList<>();
                epilogue = slots(epilogue, accumulators, left);
                if (left.isEmpty()) {
                    yield new MapStage(reduce.domain(), List.of(), epilogue, views(reduce.stores(), stores));
                }
                List<View> loads = new ArrayList<>();
                Body body = slots(only(reduce.body(), left), reduce.loads(), loads);
                yield new ReduceStage(
                        reduce.extents(),
                        reduce.from(),
                        reduce.to(),
                        loads,
                        body,
                        left.stream().map(reduce.combines()::get).toList(),
                        epilogue,
                        views(reduce.stores(), stores));
            }
            case MatMulStage product -> product;
            case IterateStage iterate -> iterate;
            case LineStage lines -> lines;
        };
    }

    private static List<View> views(List<View> views, List<Integer> which) {
        return which.stream().map(views::get).toList();
    }

    private static Body only(Body body, List<Integer> results) {
        Code code = new Code();
        List<Value> all = code.inline(body, arguments(code, body, IntStream.range(0, body.loads()).toArray()));
        return code.body(results.stream().map(all::get).toArray(Value[]::new));
    }

    /** A load of slot {@code slots[k]} for each slot k that the body reads. */
    private static List<Value> arguments(Code code, Body body, int[] slots) {
        List<Value> arguments = new ArrayList<>(Collections.nCopies(body.loads(), null));
        for (Instr i : body.instrs()) {
            if (i.op() == Op.LOAD) {
                arguments.set((int) i.imm(), code.load(i.type(), slots[(int) i.imm()]));
            }
        }
        return arguments;
    }

    /** The body with its load slots numbered without gaps; {@code left} takes what the slots that are left stand for. */
    private static <T> Body slots(Body body, List<T> loads, List<T> left) {
        boolean[] used = new boolean[loads.size()];
        body.instrs().stream().filter(i -> i.op() == Op.LOAD).forEach(i -> used[(int) i.imm()] = true);
        int[] slot = new int[used.length];
        for (int k = 0; k < used.length; k++) {
            if (used[k]) {
                slot[k] = left.size();
                left.add(loads.get(k));
            }
        }
        Code code = new Code();
        return code.body(code.inline(body, arguments(code, body, slot)).toArray(Value[]::new));
    }

    // ---- new numbers

    private Stage renumbered(Stage stage) {
        return renumbered(stage, numbers::get);
    }

    /** The stage over buffers by other numbers. */
    static Stage renumbered(Stage stage, IntUnaryOperator numbers) {
        return switch (stage) {
            case MapStage map ->
                new MapStage(map.domain(), views(map.loads(), numbers), map.body(), views(map.stores(), numbers));
            case ReduceStage r ->
                new ReduceStage(
                        r.extents(), r.from(), r.to(), views(r.loads(), numbers), r.body(), r.combines(), r.epilogue(),
                        views(r.stores(), numbers));
            case MatMulStage m ->
                new MatMulStage(
                        m.domain(), m.inner(), view(m.a(), numbers), view(m.b(), numbers), views(m.others(), numbers),
                        m.epilogue(), view(m.c(), numbers));
            case IterateStage iterate -> iterate.over(numbers);
            case LineStage l ->
                new LineStage(
                        l.domain(), l.axis(), l.line(), l.dtype(), views(l.inputs(), numbers), l.body(),
                        l.carry().map(carry -> view(carry, numbers)), view(l.store(), numbers));
        };
    }

    private static List<View> views(List<View> views, IntUnaryOperator numbers) {
        return views.stream().map(view -> view(view, numbers)).toList();
    }

    private static View view(View view, IntUnaryOperator numbers) {
        return new View(
                numbers.applyAsInt(view.buffer()), view.dtype(), view.offset(), view.strides(), view.shifts(),
                view.mode(), view.fill());
    }
}
