package org.imbrex.kernels.fuse;

import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/**
 * The stages that make lines. Sums along more than {@link Line.Cumulate#CHUNK} elements are cut into chunks of so many,
 * which tiles can share out and which need not be in memory at once: a first stage sums each chunk along
 * {@code CanonicalTree}; what comes before each chunk are the exclusive running sums of those, made in the same way; a
 * last stage sums within the chunks, each carrying on from what comes before it.
 */
final class Lines {
    private static final int CHUNK = Line.Cumulate.CHUNK;

    private final Assembly assembly;
    private final Node.Lines node;
    private final int axis;
    private final DType dtype;

    Lines(Assembly assembly, Node.Lines node) {
        this.assembly = assembly;
        this.node = node;
        this.axis = node.axis();
        this.dtype = node.x().type().dtype();
    }

    void write(Placed to) {
        Node x = node.x();
        Shape shape = x.type().shape();
        if (node.line() instanceof Line.Cumulate line && isLong(line.how(), line.from())) {
            if (assembly.plan().cost(x) >= Cost.DEAR) {
                assembly.materialise(x); // it is read twice
            }
            cumulate(this::elements, shape, line.exclusive(), to);
        } else {
            Elements elements = elements(shape, IndexMap.identity(shape.rank()));
            assembly.stages()
                    .add(new LineStage(
                            node.type().shape().extents(),
                            axis,
                            node.line(),
                            dtype,
                            elements.loads(),
                            elements.body(),
                            Optional.empty(),
                            to.view()));
        }
    }

    private static boolean isLong(Combine how, long n) {
        return how == Combine.SUM && n > CHUNK;
    }

    /** What a stage reads at each index of its space. */
    private record Elements(List<View> loads, Body body) {}

    /** How an array's elements are read over an index space, by a map from its indices to the array's. */
    private interface Reader {
        Elements over(Shape extents, IndexMap map);
    }

    private Elements elements(Shape extents, IndexMap map) {
        BodyBuilder body = new BodyBuilder(assembly, node, extents);
        Body whole = body.code().body(body.value(node.x(), map));
        return new Elements(body.loads(), whole);
    }

    private Elements elements(Placed placed, IndexMap map) {
        Code code = new Code();
        return new Elements(List.of(map.view(placed)), code.body(code.load(dtype.scalar(), 0)));
    }

    // ---- long sums

    private void cumulate(Reader x, Shape shape, boolean exclusive, Placed to) {
        long n = shape.extent(axis);
        if (n <= CHUNK) {
            line(x.over(shape, IndexMap.identity(shape.rank())), shape, axis, n, exclusive, Optional.empty(), to.view());
            return;
        }
        long whole = n / CHUNK;
        long rest = n - whole * CHUNK;
        Shape chunks = with(shape, whole + (rest > 0 ? 1 : 0));
        Placed sums = assembly.allocate(dtype, chunks);
        Placed before = assembly.allocate(dtype, chunks);
        Shape split = split(shape, whole);
        Shape last = with(shape, rest);
        IndexMap lastMap = IndexMap.identity(shape.rank());
        lastMap.offset()[axis] = whole * CHUNK;
        sum(x.over(split, splitMap(shape.rank())), split, axis + 1, sums.strides(), sums.offset(), sums.buffer());
        if (rest > 0) {
            Placed at = sums.from(axis, whole);
            sum(x.over(last, lastMap), last, axis, without(at.strides()), at.offset(), at.buffer());
        }
        cumulate((extents, map) -> elements(sums, map), chunks, true, before);
        View carry = new View(before.buffer(), dtype, before.offset(), spread(before.strides(), 1, 0));
        View store = new View(to.buffer(), dtype, to.offset(), spread(to.strides(), CHUNK, 1));
        line(
                x.over(split, splitMap(shape.rank())),
                split,
                axis + 1,
                CHUNK,
                exclusive,
                Optional.of(carry),
                store);
        if (rest > 0) {
            Placed at = before.from(axis, whole);
            long[] strides = at.strides().clone();
            strides[axis] = 0;
            line(
                    x.over(last, lastMap),
                    last,
                    axis,
                    rest,
                    exclusive,
                    Optional.of(new View(at.buffer(), dtype, at.offset(), strides)),
                    to.from(axis, whole * CHUNK).view());
        }
    }

    private void line(
            Elements x, Shape space, int along, long n, boolean exclusive, Optional<View> carry, View store) {
        assembly.stages()
                .add(new LineStage(
                        space.extents(),
                        along,
                        new Line.Cumulate(Combine.SUM, n, exclusive),
                        dtype,
                        x.loads(),
                        x.body(),
                        carry,
                        store));
    }

    private void sum(Elements x, Shape space, int along, long[] strides, long offset, int buffer) {
        Code epilogue = new Code();
        assembly.stages()
                .add(new ReduceStage(
                        space.extents(),
                        along,
                        along + 1,
                        x.loads(),
                        x.body(),
                        List.of(Combine.SUM),
                        epilogue.body(epilogue.load(dtype.scalar(), 0)),
                        List.of(new View(buffer, dtype, offset, strides))));
    }

    // ---- the axis cut in chunks

    private Shape with(Shape shape, long extent) {
        long[] extents = shape.extents();
        extents[axis] = extent;
        return new Shape(extents);
    }

    private Shape split(Shape shape, long whole) {
        long[] extents = spread(shape.extents(), 1, 1);
        extents[axis] = whole;
        extents[axis + 1] = CHUNK;
        return new Shape(extents);
    }

    /** The axis's entry becomes two: {@code first} and {@code second} times it. */
    private long[] spread(long[] of, long first, long second) {
        long[] spread = new long[of.length + 1];
        for (int a = 0; a < of.length; a++) {
            spread[a < axis ? a : a + 1] = of[a];
        }
        spread[axis] = first * of[axis];
        spread[axis + 1] = second * of[axis];
        return spread;
    }

    private IndexMap splitMap(int rank) {
        long[][] steps = new long[rank][];
        for (int a = 0; a < rank; a++) {
            long[] unit = new long[rank];
            unit[a] = 1;
            steps[a] = spread(unit, CHUNK, 1);
        }
        return new IndexMap(rank + 1, new long[rank], steps, List.of(), EdgeMode.EDGE, 0);
    }

    private long[] without(long[] strides) {
        long[] kept = new long[strides.length - 1];
        System.arraycopy(strides, 0, kept, 0, axis);
        System.arraycopy(strides, axis + 1, kept, axis, kept.length - axis);
        return kept;
    }
}
