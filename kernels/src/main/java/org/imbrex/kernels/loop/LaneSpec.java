package org.imbrex.kernels.loop;

import java.util.List;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.type.DType;

/** What a loop over leaves combines: the body's results, each in the 8 virtual lanes of its accumulator. */
public record LaneSpec(Body body, List<DType> loads, List<Combine> combines) {
    public LaneSpec {
        loads = List.copyOf(loads);
        combines = List.copyOf(combines);
    }

    List<ScalarType> types() {
        return Bodies.types(body);
    }

    List<DType> dense() {
        return types().stream().map(Elements::dense).toList();
    }

    /** The body and then its combination: accumulator k is LOAD slot {@code loads + k}. */
    Body step() {
        return Bodies.chain(body, loads.size(), combines, 1, true, axis -> axis, Integer.MAX_VALUE, 0);
    }
}
