package org.imbrex.kernels.element;

import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;

/** Runs a body on raw bits, one instruction after the other, by {@link Semantics}. For one thread. */
public final class Interpreter {
    private final Body body;
    private final long[] values;

    public Interpreter(Body body) {
        this.body = body;
        this.values = new long[body.instrs().size()];
    }

    /** An interpreter of {@code combine(load 0, load 1)}. */
    public static Interpreter of(Combine combine, ScalarType type) {
        Code code = new Code();
        Value result = combine.apply(code, code.load(type, 0), code.load(type, 1));
        return new Interpreter(code.body(result));
    }

    /**
     * Evaluates the body; {@link #result} then gives its results.
     *
     * @param index one per axis
     * @param loads the raw bits of each load slot
     */
    public void run(long[] index, long... loads) {
        for (int id = 0; id < values.length; id++) {
            Instr i = body.instr(id);
            values[id] = switch (i.op()) {
                case CONST -> i.imm();
                case LOAD -> loads[(int) i.imm()];
                case INDEX -> i.type() == ScalarType.I32 ? (int) index[(int) i.imm()] : index[(int) i.imm()];
                default ->
                    Semantics.apply(
                            i.op(), i.type(), body.instr(i.a()).type(), value(i.a()), value(i.b()), value(i.c()));
            };
        }
    }

    private long value(int id) {
        return id < 0 ? 0 : values[id];
    }

    public long result(int number) {
        return values[body.results().get(number)];
    }
}
