package org.imbrex.kernels.tornado;

import java.lang.classfile.CodeBuilder;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.stage.Tile;

/**
 * A box of indices, one work item each: where it begins and its extents are numbers, from {@code first} on; axes that
 * are 1 long for all boxes have none.
 */
public final class Box {
    private final long[] domain;
    private final int first;
    private final int[] index;

    public Box(long[] domain, int first) {
        this.domain = domain;
        this.first = first;
        this.index = new int[domain.length];
    }

    /** How many numbers it takes. */
    public int numbers() {
        return 2 * domain.length;
    }

    /** Their values for a tile. */
    public List<Long> values(Tile tile) {
        return values(tile.lo(), tile.hi());
    }

    public List<Long> values(long[] lo, long[] hi) {
        List<Long> values = new ArrayList<>();
        for (int axis = 0; axis < domain.length; axis++) {
            values.add(lo[axis]);
            values.add(hi[axis] - lo[axis]);
        }
        return values;
    }

    /** Sets a local variable for each axis, from the row-major number of the index in the box, which it uses up. */
    public void indices(KernelCode out, int number) {
        CodeBuilder code = out.code();
        int quotient = out.longLocal("quotient");
        int extent = out.longLocal("extent");
        for (int axis = domain.length - 1; axis >= 0; axis--) {
            index[axis] = out.longLocal("i" + axis);
            if (domain[axis] == 1) {
                continue;
            }
            if (axis == 0) {
                code.lload(number);
            } else {
                out.pushNumber(first + 2 * axis + 1);
                code.lstore(extent).lload(number).lload(extent).ldiv().lstore(quotient);
                code.lload(number).lload(quotient).lload(extent).lmul().lsub();
                code.lload(quotient).lstore(number);
                // beneath lies the remainder
            }
            out.pushNumber(first + 2 * axis);
            code.ladd().lstore(index[axis]);
        }
    }

    /** Pushes the index along an axis, a long. */
    public void push(KernelCode out, int axis) {
        out.code().lload(index[axis]);
    }
}
