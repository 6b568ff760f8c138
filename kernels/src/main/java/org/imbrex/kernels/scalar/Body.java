package org.imbrex.kernels.scalar;

import java.util.List;

/**
 * A finished kernel body: instructions in order of evaluation and the numbers of those that are results. Instructions
 * that no result needs are not there.
 */
public record Body(List<Instr> instrs, List<Integer> results) {

    public Body {
        instrs = List.copyOf(instrs);
        results = List.copyOf(results);
    }

    public Instr instr(int id) {
        return instrs.get(id);
    }

    public ScalarType resultType(int result) {
        return instrs.get(results.get(result)).type();
    }

    /** The number of loads that the body may read: one more than its highest slot. */
    public int loads() {
        int loads = 0;
        for (Instr instr : instrs) {
            if (instr.op() == Op.LOAD) {
                loads = Math.max(loads, (int) instr.imm() + 1);
            }
        }
        return loads;
    }

    public boolean uses(Op op) {
        return instrs.stream().anyMatch(i -> i.op() == op);
    }

    /** One instruction a line; the text that is hashed into a kernel's id. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (int id = 0; id < instrs.size(); id++) {
            Instr instr = instrs.get(id);
            text.append('%').append(id).append(" = ").append(instr.op()).append(' ').append(instr.type());
            for (int i = 0; i < instr.op().arity(); i++) {
                text.append(" %").append(instr.arg(i));
            }
            if (instr.op() == Op.SELECT && instr.imm() == 1) {
                text.append(" rare");
            }
            if (instr.op().arity() == 0) {
                text.append(" 0x").append(Long.toHexString(instr.imm()));
            }
            text.append('\n');
        }
        return text.append("return ").append(results).append('\n').toString();
    }
}
