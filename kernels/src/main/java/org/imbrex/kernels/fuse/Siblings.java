package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;

/**
 * Makes one stage of stages that walk the same index space and read the same elements: what they share is read and
 * computed once. A stage moves up to an earlier one only where all that it reads has been written before that one, or,
 * between elementwise stages, is what that one writes at the same index: then it takes the value itself.
 */
final class Siblings {
    private static final int MOST_STORES = 8;

    private final List<Stage> stages = new ArrayList<>();

    private Siblings() {}

    static List<Stage> merge(List<Stage> stages) {
        Siblings siblings = new Siblings();
        stages.forEach(siblings::add);
        return siblings.stages;
    }

    private void add(Stage stage) {
        int earliest = 0; // after the last stage that writes what this one reads
        for (int i = stages.size() - 1; i >= 0 && earliest == 0; i--) {
            if (feeds(stages.get(i), stage)) {
                earliest = i + 1;
            }
        }
        for (int i = Math.max(0, earliest - 1); i < stages.size(); i++) {
            Optional<Stage> one = merged(stages.get(i), stage, i < earliest);
            if (one.isPresent()) {
                stages.set(i, one.get());
                return;
            }
        }
        stages.add(stage);
    }

    private static boolean feeds(Stage writer, Stage reader) {
        return writer.stores().stream().anyMatch(store ->
                reader.loads().stream().anyMatch(load -> load.buffer() == store.buffer()));
    }

    private static Optional<Stage> merged(Stage first, Stage second, boolean feeds) {
        boolean fits = first.stores().size() + second.stores().size() <= MOST_STORES
                && loads(first, second).size() <= Plan.MOST_LOADS;
        if (!fits) {
            return Optional.empty();
        }
        if (first instanceof MapStage a && second instanceof MapStage b && Arrays.equals(a.domain(), b.domain())) {
            boolean whole = a.body().instrs().size() + b.body().instrs().size() <= Plan.MOST_INSTRS;
            boolean related = feeds ? takesOver(a, b) : share(a, b);
            return whole && related ? Optional.of(map(a, b)) : Optional.empty();
        }
        if (!feeds && first instanceof ReduceStage a && second instanceof ReduceStage b && isSameSpace(a, b)) {
            boolean whole = a.body().instrs().size() + b.body().instrs().size() <= Plan.MOST_INSTRS
                    && a.combines().size() + b.combines().size() <= Plan.MOST_ACCUMULATORS;
            return whole && share(a, b) ? Optional.of(reduce(a, b)) : Optional.empty();
        }
        return Optional.empty();
    }

    private static boolean isSameSpace(ReduceStage a, ReduceStage b) {
        return Arrays.equals(a.extents(), b.extents()) && a.from() == b.from() && a.to() == b.to();
    }

    private static boolean share(Stage a, Stage b) {
        return a.loads().stream().anyMatch(b.loads()::contains);
    }

    /** Whether all that {@code b} reads of what {@code a} writes, it reads at the index at which a writes it. */
    private static boolean takesOver(MapStage a, MapStage b) {
        return b.loads().stream().allMatch(load -> a.stores().contains(load)
                || a.stores().stream().noneMatch(store -> store.buffer() == load.buffer()));
    }

    private static Map<View, Integer> loads(Stage a, Stage b) {
        Map<View, Integer> slots = new LinkedHashMap<>();
        a.loads().forEach(load -> slots.putIfAbsent(load, slots.size()));
        b.loads().stream()
                .filter(load -> !a.stores().contains(load))
                .forEach(load -> slots.putIfAbsent(load, slots.size()));
        return slots;
    }

    private static List<Value> inline(Code code, Body body, List<View> loads, Map<View, Integer> slots) {
        List<Value> arguments = loads.stream()
                .map(load -> code.load(load.dtype().scalar(), slots.get(load)))
                .toList();
        return code.inline(body, arguments);
    }

    private static MapStage map(MapStage a, MapStage b) {
        Map<View, Integer> slots = loads(a, b);
        Code code = new Code();
        List<Value> results = new ArrayList<>(inline(code, a.body(), a.loads(), slots));
        List<Value> arguments = new ArrayList<>();
        for (View load : b.loads()) {
            int store = a.stores().indexOf(load);
            arguments.add(store >= 0 ? results.get(store) : code.load(load.dtype().scalar(), slots.get(load)));
        }
        results.addAll(code.inline(b.body(), arguments));
        List<View> stores = new ArrayList<>(a.stores());
        stores.addAll(b.stores());
        return new MapStage(
                a.domain(), new ArrayList<>(slots.keySet()), code.body(results.toArray(Value[]::new)), stores);
    }

    private static ReduceStage reduce(ReduceStage a, ReduceStage b) {
        Map<View, Integer> slots = loads(a, b);
        Code code = new Code();
        Accumulators accumulators = new Accumulators();
        List<Value> ofA = accumulators.of(inline(code, a.body(), a.loads(), slots), a.combines());
        List<Value> ofB = accumulators.of(inline(code, b.body(), b.loads(), slots), b.combines());
        List<Value> results = new ArrayList<>(accumulators.epilogue.inline(a.epilogue(), ofA));
        results.addAll(accumulators.epilogue.inline(b.epilogue(), ofB));
        List<View> stores = new ArrayList<>(a.stores());
        stores.addAll(b.stores());
        return new ReduceStage(
                a.extents(),
                a.from(),
                a.to(),
                new ArrayList<>(slots.keySet()),
                code.body(accumulators.elements.toArray(Value[]::new)),
                accumulators.combines,
                accumulators.epilogue.body(results.toArray(Value[]::new)),
                stores);
    }

    /** What is accumulated, each once. */
    private static final class Accumulators {
        private record Key(Value element, Combine combine) {}

        private final List<Value> elements = new ArrayList<>();
        private final List<Combine> combines = new ArrayList<>();
        private final Map<Key, Value> known = new HashMap<>();
        private final Code epilogue = new Code();

        List<Value> of(List<Value> values, List<Combine> how) {
            List<Value> loaded = new ArrayList<>();
            for (int k = 0; k < values.size(); k++) {
                Value element = values.get(k);
                Combine combine = how.get(k);
                loaded.add(known.computeIfAbsent(new Key(element, combine), key -> {
                    elements.add(element);
                    combines.add(combine);
                    return epilogue.load(element.type(), elements.size() - 1);
                }));
            }
            return loaded;
        }
    }
}
