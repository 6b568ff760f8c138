package org.imbrex.kernels.step;

import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * Working memory for one box of an iterate stage: for each buffer that a step writes, the largest box of it that any
 * step computes, in row-major order. A field has two copies, which the steps write in turn.
 */
final class StepBoxes {
    private static final int LINE = 64;
    private static final int PAGE = 4096;
    /** What the working memory of a box takes at most: about half of a core's second-level cache. */
    static final long CACHE = 640 << 10;

    /** Rows of a box are not cut below this many bytes. */
    private static final long ROW_BYTES = 2048;

    private final long[][] lo;
    private final long[][] strides;
    private final long[] bytes;
    private final long[] rows;
    private final int[] copies;
    private final DType[] dtypes;

    /** @param align what rows' bytes are a multiple of; rows that would be whole pages apart get a line more */
    StepBoxes(IterateStage stage, long[] from, long[] to, boolean[] unrolled, int align) {
        int count = 0;
        for (MapStage part : stage.step()) {
            for (View store : part.stores()) {
                count = Math.max(count, store.buffer() + 1);
            }
        }
        lo = new long[count][];
        strides = new long[count][];
        bytes = new long[count];
        rows = new long[count];
        copies = new int[count];
        dtypes = new DType[count];
        for (int part = 0; part < stage.step().size(); part++) {
            long[][] box = stage.box(0, part, from, to, unrolled);
            for (View store : stage.step().get(part).stores()) {
                int buffer = store.buffer();
                boolean isField = stage.next().contains(buffer);
                lo[buffer] = box[0];
                rows[buffer] = from.length == 0 ? 1 : box[1][0] - box[0][0];
                dtypes[buffer] = store.dtype();
                copies[buffer] = !isField ? 1 : Math.min(2, stage.steps() - 1);
                strides[buffer] = new long[from.length];
                long elements = 1;
                for (int axis = from.length - 1; axis >= 0; axis--) {
                    strides[buffer][axis] = elements;
                    elements *= Math.max(1, box[1][axis] - box[0][axis]);
                    if (axis == from.length - 1) {
                        elements = padded(elements, store.dtype().bytes(), align);
                    }
                }
                bytes[buffer] = elements * store.dtype().bytes();
            }
        }
    }

    private static long padded(long elements, int width, int align) {
        long row = Math.ceilDiv(elements * width, align) * align;
        return (align >= LINE && row % PAGE == 0 ? row + LINE : row) / width;
    }

    /** The largest box that fits in cache, nearly square, but for its rows. */
    static long[] largest(IterateStage stage, Tile tile, boolean[] unrolled) {
        int rank = tile.lo().length;
        long[] box = new long[rank];
        for (int axis = 0; axis < rank; axis++) {
            box[axis] = tile.hi()[axis] - tile.lo()[axis];
        }
        int width = stage.stores().getFirst().dtype().bytes();
        while (true) {
            long[] lo = new long[rank];
            long[] hi = new long[rank];
            for (int axis = 0; axis < rank; axis++) {
                lo[axis] = tile.lo()[axis] + (tile.hi()[axis] - tile.lo()[axis] - box[axis]) / 2;
                hi[axis] = lo[axis] + box[axis];
            }
            if (new StepBoxes(stage, lo, hi, unrolled, 64).bytes() <= CACHE) {
                return even(tile, box);
            }
            int longest = -1;
            for (int axis = 0; axis < rank; axis++) {
                boolean mayBeCut = box[axis] > 1 && (axis < rank - 1 || box[axis] * width > ROW_BYTES);
                double size = axis < rank - 1 ? box[axis] : box[axis] * width / (double) ROW_BYTES * 64;
                double most = longest < 0
                        ? 0
                        : longest < rank - 1 ? box[longest] : box[longest] * width / (double) ROW_BYTES * 64;
                if (mayBeCut && size > most) {
                    longest = axis;
                }
            }
            if (longest < 0) {
                return box;
            }
            box[longest] = box[longest] > 64 ? Math.max(box[longest] * 7 / 8, 1) : box[longest] - 1;
        }
    }

    /** As many boxes along each axis, but of about equal sizes. */
    private static long[] even(Tile tile, long[] box) {
        for (int axis = 0; axis < box.length; axis++) {
            long extent = tile.hi()[axis] - tile.lo()[axis];
            box[axis] = Math.ceilDiv(extent, Math.ceilDiv(extent, box[axis]));
        }
        return box;
    }

    /** One past the largest number of a buffer that a step writes. */
    int count() {
        return lo.length;
    }

    long[] lo(int buffer) {
        return lo[buffer];
    }

    /** The extent of the leading axis. */
    long rows(int buffer) {
        return rows[buffer];
    }

    /** In elements. */
    long[] strides(int buffer) {
        return strides[buffer];
    }

    /** Of one copy. */
    long bytes(int buffer) {
        return bytes[buffer];
    }

    /** How many are used; none of what no step writes. */
    int copies(int buffer) {
        return copies[buffer];
    }

    DType dtype(int buffer) {
        return dtypes[buffer];
    }

    /** What all take together. */
    long bytes() {
        long all = 0;
        for (int buffer = 0; buffer < bytes.length; buffer++) {
            all += copies[buffer] * (bytes[buffer] + LINE);
        }
        return all;
    }
}
