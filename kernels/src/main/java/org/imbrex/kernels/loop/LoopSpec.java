package org.imbrex.kernels.loop;

import java.util.List;
import java.util.TreeSet;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.type.DType;

/**
 * What a loop computes for each of its elements: reads the loads, runs the body, writes its results through the
 * stores, a result narrowed by keeping its low bits.
 */
public record LoopSpec(Body body, List<DType> loads, List<DType> stores) {
    public LoopSpec {
        loads = List.copyOf(loads);
        stores = List.copyOf(stores);
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
