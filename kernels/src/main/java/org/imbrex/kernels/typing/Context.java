package org.imbrex.kernels.typing;

import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.ShapeException;

/**
 * What surrounds an expression.
 *
 * @param part which part of ragged blocks is meant
 * @param full the number of full blocks; matters only in a part
 * @param mode what neighbour accesses find beyond the edge
 * @param fill what they find where that is a constant
 */
record Context(Part part, long full, EdgeMode mode, Expr.Literal fill) {

    /** Blocks whose last is shorter are computed in two parts. */
    enum Part {
        WHOLE,
        FULL,
        LAST
    }

    static final Context OUTERMOST =
            new Context(Part.WHOLE, 0, EdgeMode.EDGE, new Expr.Literal(DType.I64, 0));

    Context with(Part other, long fullBlocks) {
        return new Context(other, fullBlocks, mode, fill);
    }

    Context with(Expr.Stencil stencil) {
        return new Context(part, full, stencil.mode(), stencil.fill());
    }

    /** Ragged blocks met where no reduction over their rows has asked for parts. */
    static final class Ragged extends ShapeException {
        private static final long serialVersionUID = 1L;
        private final long full;

        Ragged(long rows, long size) {
            super("found blocks of " + size + " of " + rows + " rows, whose last has " + rows % size
                    + ": expected a reduction over axis 1 alone around them, as mean(blocks(x, " + size + "), axis=1)");
            this.full = rows / size;
        }

        long full() {
            return full;
        }
    }
}
