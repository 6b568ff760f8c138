package org.imbrex.kernels.expr;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.imbrex.kernels.stage.EdgeMode;

/** Traced expressions: indexing, shapes, neighbours, blocks and windows. */
sealed interface Shaping permits Expr {

    private Expr self() {
        return (Expr) this;
    }

    /** {@code x[i, j, …]}: one integer per leading axis, which it drops. */
    default Expr get(long... indices) {
        return new Expr.Index(
                self(),
                Arrays.stream(indices)
                        .<Expr.Subscript>mapToObj(Expr.Subscript::at)
                        .toList());
    }

    /** {@code x[from:to]} along one axis, counted from the front. */
    default Expr slice(int axis, long from, long to) {
        return slice(axis, from, to, 1);
    }

    /** {@code x[from:to:step]} along one axis, counted from the front. */
    default Expr slice(int axis, long from, long to, long step) {
        if (axis < 0) {
            throw new ExprException("found axis " + axis + " in a slice, expected one from 0");
        }
        List<Expr.Subscript> subscripts = new ArrayList<>();
        for (int k = 0; k < axis; k++) {
            subscripts.add(Expr.Subscript.all());
        }
        subscripts.add(Expr.Subscript.slice(from, to, step));
        return new Expr.Index(self(), subscripts);
    }

    /** {@code x[…]}: NumPy's basic indexing, as {@code x.index(all(), at(3), newAxis())}. */
    default Expr index(Expr.Subscript... subscripts) {
        return new Expr.Index(self(), List.of(subscripts));
    }

    /** {@code transpose(x)}, which reverses the axes, or {@code transpose(x, axes)}. */
    default Expr transpose(int... axes) {
        return new Expr.Transpose(
                self(),
                axes.length == 0
                        ? Optional.empty()
                        : Optional.of(Arrays.stream(axes).boxed().toList()));
    }

    /** {@code reshape(x, shape)}; one extent may be -1: what is left. */
    default Expr reshape(long... shape) {
        return new Expr.Reshape(self(), Arrays.stream(shape).boxed().toList());
    }

    /** {@code at(x, offsets…)}: the element so far away, one offset per axis. */
    default Expr at(long... offsets) {
        return new Expr.At(self(), Arrays.stream(offsets).boxed().toList());
    }

    /** {@code stencil(x, mode='…')}: what the neighbour accesses inside find beyond the edge. */
    default Expr stencil(EdgeMode mode) {
        if (mode == EdgeMode.CONSTANT) {
            throw new ExprException("found the mode CONSTANT without its value, expected stencil(value)");
        }
        return new Expr.Stencil(self(), mode, Expr.literal(0));
    }

    /** {@code stencil(x, mode=fill)}: the neighbour accesses inside find a constant beyond the edge. */
    default Expr stencil(double fill) {
        return new Expr.Stencil(self(), EdgeMode.CONSTANT, Expr.literal(fill));
    }

    /** {@code stencil(x, mode=fill)}: the neighbour accesses inside find a constant beyond the edge. */
    default Expr stencil(long fill) {
        return new Expr.Stencil(self(), EdgeMode.CONSTANT, Expr.literal(fill));
    }

    /** {@code blocks(x, rows)}: shape (ceil(n / rows), rows, …); the last block may be shorter. */
    default Expr blocks(long rows) {
        return new Expr.Blocks(self(), rows);
    }

    /** {@code rolling(x, rows)}: shape (n - rows + 1, rows, …). */
    default Expr rolling(long rows) {
        return new Expr.Rolling(self(), rows);
    }

    /**
     * {@code iterate(x=step(x), steps=steps)}: this, after so many steps. Where it is no input, the state is called
     * {@code state}.
     */
    default Expr iterate(long steps, UnaryOperator<Expr> step) {
        String name = self() instanceof Expr.Input input ? input.name() : "state";
        return new Expr.Iterate(List.of(new Expr.Field(name, self(), step.apply(Expr.input(name)))), steps);
    }
}
