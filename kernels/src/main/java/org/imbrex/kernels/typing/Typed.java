package org.imbrex.kernels.typing;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;

/**
 * A checked subexpression.
 *
 * @param node what it is; of ragged blocks the full ones
 * @param weak whether it is made of literals alone, so that its dtype yields to an array's
 * @param ragged the last, shorter block, if there is one
 */
record Typed(Node node, boolean weak, Optional<Ragged> ragged) {

    /**
     * The last block of blocks that are not all full.
     *
     * @param last shape as the full ones', but extent 1 along {@code axis} and {@code rows} along the next
     * @param axis counts the blocks; the next axis their rows
     * @param full how many full blocks there are, maybe none
     * @param size rows of a full block
     * @param rows rows of the last
     */
    record Ragged(Node last, int axis, long full, long size, long rows) {
        Ragged with(Node otherLast, int otherAxis) {
            return new Ragged(otherLast, otherAxis, full, size, rows);
        }

        boolean fits(Ragged other) {
            return full == other.full && size == other.size && rows == other.rows;
        }
    }

    static Typed strong(Node node) {
        return new Typed(node, false, Optional.empty());
    }

    static Typed weak(Node node) {
        return new Typed(node, true, Optional.empty());
    }

    DType dtype() {
        return node.type().dtype();
    }

    /** Of ragged blocks as if the last were full too. */
    Shape shape() {
        long[] extents = node.type().shape().extents();
        ragged.ifPresent(r -> extents[r.axis()]++);
        return new Shape(extents);
    }

    Typed with(Node other) {
        return new Typed(other, weak, Optional.empty());
    }

    /** The same done to the full blocks and to the last. */
    Typed map(UnaryOperator<Node> what, int axis) {
        return new Typed(what.apply(node), false, ragged.map(r -> r.with(what.apply(r.last()), axis)));
    }
}
