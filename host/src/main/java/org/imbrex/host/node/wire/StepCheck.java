package org.imbrex.host.node.wire;

import static org.imbrex.host.node.wire.ProgramCheck.require;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;

/** What the stages of a time step hold, before an {@code IterateStage} is made of them. */
final class StepCheck {
    /** Neighbours farther away than this are refused: so many times the steps must not overflow. */
    private static final long FAR = 1L << 32;

    private StepCheck() {}

    static void check(int steps, List<MapStage> step, List<Integer> next, List<Integer> inputs) throws WireException {
        require(steps > 0 && !step.isEmpty() && !next.isEmpty(), "time steps are none");
        require(next.size() <= inputs.size(), "a step has more fields than inputs");
        long[] domain = step.getFirst().domain();
        require(domain.length > 0, "time steps are over no axis");
        double reaches = (double) steps * (step.size() + 1) * domain.length;
        require(reaches <= Limits.REACHES, "time steps are too many");
        long[] dense;
        try {
            dense = new Shape(domain).strides();
        } catch (RuntimeException e) {
            throw new WireException("found a program whose time steps have no shape: " + e.getMessage());
        }
        Map<Integer, DType> types = new HashMap<>();
        Map<Integer, DType> written = new HashMap<>();
        for (MapStage part : step) {
            require(Arrays.equals(part.domain(), domain), "the stages of a step differ in extent");
            for (View load : part.loads()) {
                boolean outer = load.buffer() < inputs.size();
                require(outer || written.get(load.buffer()) == load.dtype(), "a step reads what none has written");
                require(outer || isDense(load, dense), "a step reads its own values in another order");
                require(load.strides().length == domain.length, "a view's strides are not its stage's axes");
                require(!next.contains(load.buffer()), "a step reads a field of the next");
                DType before = types.putIfAbsent(load.buffer(), load.dtype());
                require(before == null || before == load.dtype(), "a buffer has two dtypes");
                for (Shift shift : load.shifts()) {
                    require(shift.axis() < domain.length, "a neighbour's axis is wrong");
                    require(Math.abs(shift.by()) <= FAR && shift.by() != Long.MIN_VALUE, "a neighbour is too far");
                    require(shift.extent() == domain[shift.axis()], "a neighbour's extent is not its step's");
                }
            }
            for (View store : part.stores()) {
                boolean plain = store.shifts().isEmpty() && isDense(store, dense);
                require(plain && store.buffer() >= inputs.size(), "a step writes elsewhere than at its index");
                require(written.put(store.buffer(), store.dtype()) == null, "a step writes a buffer twice");
                types.put(store.buffer(), store.dtype());
            }
        }
        for (int field = 0; field < next.size(); field++) {
            DType after = written.get(next.get(field));
            DType before = types.getOrDefault(field, after);
            require(after != null && after == before, "a field changes its dtype, or is not written");
        }
    }

    private static boolean isDense(View view, long[] dense) {
        return view.offset() == 0 && Arrays.equals(view.strides(), dense);
    }
}
