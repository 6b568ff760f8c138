package org.imbrex.kernels.typing;

import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;

/** {@code a @ b} with NumPy's rules for vectors and batches. */
final class Products {
    private final Nodes nodes;
    private final Indexing indexing;

    Products(Nodes nodes, Indexing indexing) {
        this.nodes = nodes;
        this.indexing = indexing;
    }

    Node product(Node left, Node right) {
        Shape a = left.type().shape();
        Shape b = right.type().shape();
        if (a.rank() == 0 || b.rank() == 0) {
            throw new ShapeException("found shapes " + a + " and " + b + " in a @ b, expected at least one axis each; "
                    + "for scalars use *");
        }
        DType dtype = Promotion.of(left.type().dtype(), right.type().dtype());
        DType computed = dtype.bytes() < 4 ? DType.I32 : dtype;
        Node x = nodes.cast(a.rank() == 1 ? indexing.insert(left, 0) : left, computed);
        Node y = nodes.cast(b.rank() == 1 ? indexing.insert(right, 1) : right, computed);
        Shape p = x.type().shape();
        Shape q = y.type().shape();
        if (p.extent(p.rank() - 1) != q.extent(q.rank() - 2)) {
            throw new ShapeException("found shapes " + a + " and " + b + " in a @ b, expected the last axis of a ("
                    + p.extent(p.rank() - 1) + ") equal to the last but one of b (" + q.extent(q.rank() - 2) + ")");
        }
        Shape batch = batch(p).broadcast(batch(q));
        long[] extents = new long[batch.rank() + 2];
        System.arraycopy(batch.extents(), 0, extents, 0, batch.rank());
        extents[batch.rank()] = p.extent(p.rank() - 2);
        extents[batch.rank() + 1] = q.extent(q.rank() - 1);
        Node product = nodes.one(new Node.MatMul(x, y, new ArrayType(computed, new Shape(extents))));
        if (a.rank() == 1 && b.rank() == 1) {
            product = indexing.drop(product, extents.length - 2, extents.length - 1);
        } else if (a.rank() == 1) {
            product = indexing.drop(product, extents.length - 2);
        } else if (b.rank() == 1) {
            product = indexing.drop(product, extents.length - 1);
        }
        return nodes.cast(product, dtype);
    }

    private static Shape batch(Shape shape) {
        long[] extents = new long[shape.rank() - 2];
        System.arraycopy(shape.extents(), 0, extents, 0, extents.length);
        return new Shape(extents);
    }
}
