package org.imbrex.kernels.reduce;

import java.util.Optional;
import org.imbrex.kernels.loop.Bodies;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.ReduceStage;

/** Bodies that ask for their row-major place in all reduced axes, as argmin does, and for no index along one of them. */
final class Flattened {
    private static final int NONE = -1;

    private final ReduceStage stage;
    private final Code code = new Code();

    private Flattened(ReduceStage stage) {
        this.stage = stage;
    }

    /**
     * The stage's body where each such place is the INDEX of the first reduced axis that moves, as if that were the only one;
     * empty where the body asks for more than that.
     */
    static Optional<Body> body(ReduceStage stage) {
        Flattened flat = new Flattened(stage);
        Body body = stage.body().uses(Op.INDEX) ? flat.rewritten() : stage.body();
        boolean asksForMore = body.instrs().stream().anyMatch(i -> isReduced(stage, i));
        return asksForMore ? Optional.empty() : Optional.of(flat.placed(body));
    }

    private Body placed(Body body) {
        return Bodies.withAxes(body, axis -> axis == stage.extents().length ? next(stage.from() - 1) : axis);
    }

    private static boolean isReduced(ReduceStage stage, Instr i) {
        return i.op() == Op.INDEX && i.imm() >= stage.from() && i.imm() < stage.to();
    }

    private Body rewritten() {
        Body body = stage.body();
        Value[] values = new Value[body.instrs().size()];
        int[] until = new int[values.length]; // the axis before which it is the place in all reduced ones, or NONE
        for (int id = 0; id < values.length; id++) {
            Instr i = body.instr(id);
            until[id] = until(i, until);
            values[id] = until[id] == stage.to()
                    ? code.index(i.type(), stage.extents().length)
                    : Bodies.append(code, i, values);
        }
        return code.body(body.results().stream().map(r -> values[r]).toArray(Value[]::new));
    }

    private int until(Instr i, int[] until) {
        if (isReduced(stage, i)) {
            int axis = (int) i.imm();
            return axis == next(stage.from() - 1) ? next(axis) : NONE;
        }
        if (i.op() != Op.ADD || !i.type().isInteger()) {
            return NONE;
        }
        Instr outer = stage.body().instr(i.a());
        Instr inner = stage.body().instr(i.b());
        boolean scaled = outer.op() == Op.MUL && isReduced(stage, inner) && until[outer.a()] == inner.imm();
        Instr factor = scaled ? stage.body().instr(outer.b()) : null;
        boolean row = scaled && factor.op() == Op.CONST && factor.imm() == stage.extents()[(int) inner.imm()];
        return row ? next((int) inner.imm()) : NONE;
    }

    /** The next reduced axis that moves, or the end of them. */
    private int next(int axis) {
        int next = axis + 1;
        while (next < stage.to() && stage.extents()[next] == 1) {
            next++;
        }
        return next;
    }
}
