package org.imbrex.kernels.typing;

import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;

/**
 * A checked subexpression.
 *
 * @param weak whether it is made of literals alone, so that its dtype yields to an array's
 * @param parted whether it holds one part of ragged blocks, with the others to come
 */
record Typed(Node node, boolean weak, boolean parted) {

    static Typed strong(Node node) {
        return new Typed(node, false, false);
    }

    DType dtype() {
        return node.type().dtype();
    }

    Shape shape() {
        return node.type().shape();
    }

    Typed with(Node other) {
        return new Typed(other, weak, parted);
    }
}
