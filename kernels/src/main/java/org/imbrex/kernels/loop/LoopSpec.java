package org.imbrex.kernels.loop;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * What a loop computes for each of its elements: reads the loads, runs the body, writes its results through the
 * stores, a result narrowed by keeping its low bits.
 *
 * @param loads the dtype of each pointer that is read through
 * @param places where each LOAD slot of the body reads
 * @param apart whether no store writes what a load reads, so that an element may be computed twice
 */
public record LoopSpec(Body body, List<DType> loads, List<DType> stores, List<Place> places, boolean apart) {

    /** A pointer, and a constant distance from it in bytes. */
    public record Place(int pointer, long offset) {}

    public LoopSpec {
        loads = List.copyOf(loads);
        stores = List.copyOf(stores);
        places = List.copyOf(places);
    }

    public LoopSpec(Body body, List<DType> loads, List<DType> stores, List<Place> places) {
        this(body, loads, stores, places, false);
    }

    /** Each slot has a pointer of its own. */
    public LoopSpec(Body body, List<DType> loads, List<DType> stores) {
        this(
                body,
                loads,
                stores,
                IntStream.range(0, loads.size()).mapToObj(slot -> new Place(slot, 0)).toList());
    }

    /** The loop of an elementwise stage. */
    public static LoopSpec of(MapStage stage) {
        LoopSpec spec = new LoopSpec(
                stage.body(),
                stage.loads().stream().map(View::dtype).toList(),
                stage.stores().stream().map(View::dtype).toList());
        return new LoopSpec(spec.body, spec.loads, spec.stores, spec.places, stage.isApart());
    }

    boolean sharesPointers() {
        return places.stream().anyMatch(place -> place.offset() != 0) || places.size() != loads.size();
    }

    /** The axes whose index the body uses, in ascending order: the frame has a start and a step for each. */
    public int[] axes() {
        return axes(body);
    }

    static int[] axes(Body body) {
        TreeSet<Integer> axes = new TreeSet<>();
        for (Instr instr : body.instrs()) {
            if (instr.op() == Op.INDEX) {
                axes.add((int) instr.imm());
            }
        }
        return axes.stream().mapToInt(Integer::intValue).toArray();
    }
}
