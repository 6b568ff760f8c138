package org.imbrex.kernels.typing;

import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.stage.EdgeMode;

/**
 * What surrounds an expression: what neighbour accesses find beyond the edge.
 *
 * @param fill what they find where that is a constant
 */
record Context(EdgeMode mode, Expr.Literal fill) {
    static final Context OUTERMOST = new Context(EdgeMode.EDGE, Expr.literal(0));

    static Context of(Expr.Stencil stencil) {
        return new Context(stencil.mode(), stencil.fill());
    }
}
