package org.imbrex.kernels.loop;

import java.util.Arrays;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;

/**
 * Which instructions only the seldom taken side of a rare SELECT needs. Region {@link #ALWAYS} runs for every element;
 * region s, the number of a rare SELECT, only where that one's condition holds. What several choices with the same
 * condition share is in the region of the first.
 */
public final class Regions {
    public static final int ALWAYS = -1;
    private static final int UNUSED = -2;

    private final Body body;
    private final int[] region;

    public Regions(Body body) {
        this.body = body;
        int count = body.instrs().size();
        region = new int[count];
        Arrays.fill(region, UNUSED);
        for (int result : body.results()) {
            region[result] = ALWAYS;
        }
        for (int id = count - 1; id >= 0; id--) {
            Instr instr = body.instr(id);
            if (instr.op().arity() >= 1) {
                use(instr.a(), region[id]);
            }
            if (instr.op().arity() >= 2) {
                use(instr.b(), isRare(instr) ? id : region[id]);
            }
            if (instr.op().arity() >= 3) {
                use(instr.c(), region[id]);
            }
        }
    }

    public static boolean isRare(Instr instr) {
        return instr.op() == Op.SELECT && instr.imm() == 1;
    }

    /** The region of an instruction. */
    public int of(int id) {
        return region[id];
    }

    /** Whether region {@code inner} is {@code outer} or lies in it. */
    boolean isWithin(int inner, int outer) {
        while (inner != outer && inner != ALWAYS) {
            inner = region[inner];
        }
        return inner == outer;
    }

    /** How many instructions run for every element. */
    int always() {
        return (int) Arrays.stream(region).filter(r -> r == ALWAYS).count();
    }

    private void use(int id, int in) {
        region[id] = region[id] == UNUSED ? in : common(region[id], in);
    }

    /** The innermost region that holds both: an enclosing region has a higher number, or is ALWAYS. */
    private int common(int a, int b) {
        while (a != b) {
            if (a == ALWAYS || b == ALWAYS) {
                return ALWAYS;
            }
            if (region[a] == region[b] && body.instr(a).a() == body.instr(b).a()) {
                return Math.min(a, b);
            }
            if (a < b) {
                a = region[a];
            } else {
                b = region[b];
            }
        }
        return a;
    }
}
