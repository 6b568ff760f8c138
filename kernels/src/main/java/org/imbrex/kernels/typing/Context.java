package org.imbrex.kernels.typing;

import java.util.Optional;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.stage.EdgeMode;

/**
 * What surrounds an expression: what neighbour accesses find beyond the edge, and which names are states.
 *
 * @param fill what they find where that is a constant
 */
record Context(EdgeMode mode, Expr.Literal fill, Optional<Scope> scope) {
    static final Context OUTERMOST = new Context(EdgeMode.EDGE, Expr.literal(0), Optional.empty());

    Context within(Expr.Stencil stencil) {
        return new Context(stencil.mode(), stencil.fill(), scope);
    }

    Context within(Scope inner) {
        return new Context(mode, fill, Optional.of(inner));
    }

    /** Inside the steps of an iterate; compared by identity, as a tree may be large. */
    static final class Scope {
        final Expr.Iterate iterate;
        final Context outside;
        final int number;

        Scope(Expr.Iterate iterate, Context outside, int number) {
            this.iterate = iterate;
            this.outside = outside;
            this.number = number;
        }
    }
}
