package org.imbrex.kernels.loop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.type.DType;

/**
 * Cuts a body that HotSpot would not compile, as its bytecode would pass 8000 bytes, into parts that hand values over
 * through memory. The last part has all the stores, so that a store may overwrite what a load reads.
 */
final class Cut {
    /** Instructions of one part: at 12 to 20 bytes each, and a few more for loads and stores, well below the limit. */
    static final int MOST = 300;

    /**
     * One part.
     *
     * @param loads for each load of the part, a load of the whole, or {@code ~n} for the value that is handed over as
     *     number n
     * @param stores the numbers under which results are handed over; for the last part, empty
     * @param axes for each index of the part its place among the whole's
     */
    record Part(LoopSpec spec, int[] loads, int[] stores, int[] axes) {}

    private final LoopSpec whole;
    private final Body body;
    private final int[] order;
    private final int[] lastUse;

    private Cut(LoopSpec whole) {
        this.whole = whole;
        this.body = whole.body();
        this.order = order();
        this.lastUse = lastUse();
    }

    /** The parts, in order; empty where the body is small enough as it is (as all are whose loads share pointers). */
    static List<Part> of(LoopSpec spec) {
        return spec.body().instrs().size() <= MOST || spec.sharesPointers() ? List.of() : new Cut(spec).parts();
    }

    private static boolean isCheap(Instr instr) {
        return instr.op().arity() == 0;
    }

    /** What only a rare side needs comes right before its choice, so that cuts can go around it. */
    private int[] order() {
        Regions regions = new Regions(body);
        List<Integer> order = new ArrayList<>();
        append(regions, Regions.ALWAYS, order);
        return order.stream().mapToInt(Integer::intValue).toArray();
    }

    private void append(Regions regions, int region, List<Integer> order) {
        for (int id = 0; id < body.instrs().size(); id++) {
            if (regions.of(id) == region) {
                if (Regions.isRare(body.instr(id))) {
                    append(regions, id, order);
                }
                order.add(id);
            }
        }
    }

    /** For each instruction the place in the order of its last use; beyond the end for results. */
    private int[] lastUse() {
        int[] last = new int[order.length];
        for (int place = 0; place < order.length; place++) {
            Instr instr = body.instr(order[place]);
            for (int argument : new int[] {instr.a(), instr.b(), instr.c()}) {
                if (argument >= 0) {
                    last[argument] = place;
                }
            }
        }
        for (int result : body.results()) {
            last[result] = order.length;
        }
        return last;
    }

    /** The values that are needed at or after a place and were computed before it. */
    private List<Integer> live(int place) {
        List<Integer> live = new ArrayList<>();
        for (int before = 0; before < place; before++) {
            int id = order[before];
            if (!isCheap(body.instr(id)) && lastUse[id] >= place) {
                live.add(id);
            }
        }
        return live;
    }

    private List<Part> parts() {
        Regions regions = new Regions(body);
        Map<Integer, Integer> handed = new HashMap<>();
        List<Part> parts = new ArrayList<>();
        int from = 0;
        while (from < order.length) {
            int to = Math.min(order.length, from + MOST);
            if (to < order.length) {
                to = best(regions, from + MOST / 2, to);
            }
            parts.add(part(from, to, handed));
            from = to;
        }
        return parts;
    }

    /** The place in (from, to] at which the fewest values are alive, and best no rare side is cut. */
    private int best(Regions regions, int from, int to) {
        int best = to;
        int least = Integer.MAX_VALUE;
        for (int place = to; place > from; place--) {
            int cost = live(place).size() + (regions.of(order[place]) == Regions.ALWAYS ? 0 : 100);
            if (cost < least) {
                least = cost;
                best = place;
            }
        }
        return best;
    }

    private Part part(int from, int to, Map<Integer, Integer> handed) {
        Code code = new Code();
        Value[] values = new Value[order.length];
        List<Integer> loads = new ArrayList<>();
        List<DType> loadTypes = new ArrayList<>();
        List<Integer> results = to == order.length ? body.results() : live(to);
        for (int place = from; place < to; place++) {
            Instr instr = body.instr(order[place]);
            for (int argument : new int[] {instr.a(), instr.b(), instr.c()}) {
                if (argument >= 0) {
                    bring(argument, code, values, loads, loadTypes, handed);
                }
            }
            if (!isCheap(instr)) {
                values[order[place]] = Bodies.append(code, instr, values);
            }
        }
        List<DType> storeTypes = new ArrayList<>();
        int[] stores = to == order.length ? new int[0] : new int[results.size()];
        for (int k = 0; k < results.size(); k++) {
            int id = results.get(k);
            bring(id, code, values, loads, loadTypes, handed);
            if (to < order.length) {
                stores[k] = handed.computeIfAbsent(id, i -> handed.size());
                storeTypes.add(Elements.dense(body.instr(id).type()));
            }
        }
        Body part = code.body(results.stream().map(id -> values[id]).toArray(Value[]::new));
        LoopSpec spec = new LoopSpec(part, loadTypes, to == order.length ? whole.stores() : storeTypes);
        int[] axes = whole.axes();
        return new Part(
                spec,
                loads.stream().mapToInt(Integer::intValue).toArray(),
                stores,
                Arrays.stream(spec.axes()).map(axis -> Arrays.binarySearch(axes, axis)).toArray());
    }

    /** Makes a value that an earlier part computed, or that is cheap, one of this part's. */
    private void bring(
            int id,
            Code code,
            Value[] values,
            List<Integer> loads,
            List<DType> loadTypes,
            Map<Integer, Integer> handed) {
        if (values[id] != null) {
            return;
        }
        Instr instr = body.instr(id);
        if (isCheap(instr) && instr.op() != Op.LOAD) {
            values[id] = Bodies.append(code, instr, values);
            return;
        }
        values[id] = code.load(instr.type(), loads.size());
        if (instr.op() == Op.LOAD) {
            loads.add((int) instr.imm());
            loadTypes.add(whole.loads().get((int) instr.imm()));
        } else {
            loads.add(~handed.get(id));
            loadTypes.add(Elements.dense(instr.type()));
        }
    }
}
