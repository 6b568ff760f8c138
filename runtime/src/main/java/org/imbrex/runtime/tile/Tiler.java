package org.imbrex.runtime.tile;

import java.util.Comparator;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.ImbrexException;

/**
 * Chooses a tiling. It starts with the whole stage and halves one side after another until the tiles are small enough,
 * enough of them, and fit in memory: the outermost axis first, the reduced ones among them as memory has them, so that tiles
 * are slabs that lie together in memory.
 * The choice never shows in a result's bits.
 */
public final class Tiler {
    /** Tiles below this are not cut for the sake of having more of them: handing one over costs about 2 us. */
    private static final long SMALL = 64 << 10;
    /** Rows shorter than this waste cache lines and pages. */
    private static final long ROW_BYTES = 4096;

    private static final int TILES_PER_WORKER = 4;

    /** Of a product's work, in operations: the most in a tile, and the least after a cut for balance and for any use. */
    private static final double MOST_WORK = 1L << 34;

    private static final double FAIR_WORK = 1L << 28;
    private static final double LEAST_WORK = 1L << 22;
    /** Operations in the time that a byte takes to come from memory. */
    private static final double WORK_PER_BYTE = 8;
    /** Rows and columns that pay for packing the other operand. */
    private static final long PRODUCT_ROWS = 128;

    private static final long PRODUCT_COLUMNS = 512;

    private final int number;
    private final Stage stage;
    private final TileLimits limits;
    private final ToLongFunction<Tile> memory;
    private final long[] domain;
    private final long leaves;
    private final long[] box;
    private final int[] sides;
    private long run;

    private Tiler(int number, Stage stage, TileLimits limits, ToLongFunction<Tile> memory) {
        this.number = number;
        this.stage = stage;
        this.limits = limits;
        this.memory = memory;
        this.domain = stage.domain();
        this.leaves = stage.leaves();
        this.box = domain.clone();
        this.sides = sides(stage);
        this.run = leaves;
    }

    /**
     * Cuts a stage.
     *
     * @param memory how many bytes of buffers a tile takes
     * @throws ImbrexException where the smallest tile does not fit in memory
     */
    public static Tiling cut(int number, Stage stage, TileLimits limits, ToLongFunction<Tile> memory) {
        Tiler tiler = new Tiler(number, stage, limits, memory);
        return tiler.cut()
                .orElseThrow(() -> new ImbrexException("the smallest tile of stage " + number + " takes "
                        + memory.applyAsLong(tiler.middle()) + " bytes of memory, and the budget leaves "
                        + limits.memoryBytes() + " for it: raise the memory budget or use fewer threads"));
    }

    /** Cuts a stage; empty where the smallest tile does not fit in memory. */
    public static Optional<Tiling> fit(int number, Stage stage, TileLimits limits, ToLongFunction<Tile> memory) {
        return new Tiler(number, stage, limits, memory).cut();
    }

    private Optional<Tiling> cut() {
        for (long extent : domain) {
            if (extent == 0) {
                return Optional.of(tiling());
            }
        }
        boolean chosen = limits.box().isPresent() || limits.run().isPresent();
        limits.box().ifPresent(this::take);
        limits.run().ifPresent(leavesOfTile -> run = Math.min(leaves, leavesOfTile));
        boolean cutting = !chosen;
        while (cutting) {
            cutting = stage instanceof MatMulStage product
                    ? tooMuchWork(product) && halveProduct()
                    : tooLarge() && halveAlongRows();
        }
        while (memory.applyAsLong(middle()) > limits.memoryBytes()) {
            if (!halveForMemory()) {
                return Optional.empty();
            }
        }
        return Optional.of(tiling());
    }

    private Tiling tiling() {
        return new Tiling(number, domain, box, leaves, run);
    }

    private void take(long[] wanted) {
        for (int axis = 0; axis < Math.min(wanted.length, box.length); axis++) {
            box[axis] = stage.cuts(axis) ? Math.clamp(wanted[axis], 1, domain[axis]) : domain[axis];
        }
    }

    private boolean tooLarge() {
        long bytes = Footprint.touchedBytes(stage, middle());
        return bytes > limits.targetBytes()
                || (limits.workers() > 1
                        && bytes > SMALL
                        && tiling().count() < (long) limits.workers() * TILES_PER_WORKER);
    }

    /** A product reads each element many times, so its tiles go by what there is to do, not by what they touch. */
    private boolean tooMuchWork(MatMulStage product) {
        Tile tile = middle();
        double work = 2.0 * tile.elements() * product.inner()
                + WORK_PER_BYTE * Footprint.touchedBytes(product, tile);
        long count = tiling().count();
        boolean few = count < limits.workers();
        boolean unfair = limits.workers() > 1 && count < (long) limits.workers() * TILES_PER_WORKER;
        return work > MOST_WORK || (few && work > 2 * LEAST_WORK) || (unfair && work > 2 * FAIR_WORK);
    }

    /** Batches first, then rows, so that tiles are slabs; columns where there are few rows. */
    private boolean halveProduct() {
        int rows = box.length - 2;
        for (int axis = 0; axis < box.length; axis++) {
            long least = axis < rows ? 1 : axis == rows ? PRODUCT_ROWS : PRODUCT_COLUMNS;
            if (box[axis] > least) {
                box[axis] = Math.ceilDiv(box[axis], 2);
                return true;
            }
        }
        return false;
    }

    /** A tile that is not at the edge, where halos are cut off. */
    private Tile middle() {
        Tiling tiling = tiling();
        long[] lo = new long[domain.length];
        long[] hi = new long[domain.length];
        for (int axis = 0; axis < domain.length; axis++) {
            lo[axis] = (Math.ceilDiv(domain[axis], box[axis]) - 1) / 2 * box[axis];
            hi[axis] = Math.min(domain[axis], lo[axis] + box[axis]);
        }
        long leafFrom = (tiling.runs() - 1) / 2 * run;
        return new Tile(number, lo, hi, leafFrom, Math.min(leaves, leafFrom + run));
    }

    /** Halves the outermost side that may be cut. */
    private boolean halveAlongRows() {
        for (int place = 0; place < sides.length; place++) {
            int side = sides[place];
            if (side == box.length) {
                if (run > 1) {
                    run = half(run);
                    return true;
                }
            } else if (box[side] > 1 && stage.cuts(side) && !thin(place)) {
                box[side] = Math.ceilDiv(box[side], 2);
                return true;
            }
        }
        return false;
    }

    /**
     * The axes of the domain from the outermost in; the reduced axes are one more side at their place among them, or, where the
     * largest load lies otherwise in memory, transposed as it were, behind the axes along which that takes longer steps.
     */
    private static int[] sides(Stage stage) {
        int rank = stage.domain().length;
        int[] sides = IntStream.range(0, stage instanceof ReduceStage ? rank + 1 : rank).toArray();
        if (stage instanceof ReduceStage reduce) {
            int place = placeOfReduced(reduce);
            System.arraycopy(sides, place, sides, place + 1, rank - place);
            sides[place] = rank;
        }
        return sides;
    }

    private static int placeOfReduced(ReduceStage reduce) {
        int place = reduce.from();
        Optional<View> largest = reduce.loads().stream().max(Comparator.comparingDouble(reduce::elements));
        long[] strides = largest.map(View::strides).orElse(new long[reduce.extents().length]);
        if (IntStream.range(0, strides.length).anyMatch(axis -> strides[axis] == 0 && reduce.extents()[axis] > 1)) {
            return place;
        }
        long step = Long.MAX_VALUE;
        for (int axis = reduce.from(); axis < reduce.to(); axis++) {
            step = reduce.extents()[axis] == 1 ? step : Math.min(step, Math.abs(strides[axis]));
        }
        boolean moves = step < Long.MAX_VALUE;
        while (moves && place < reduce.domain().length && keptStep(reduce, strides, place) > step) {
            place++;
        }
        while (moves && place > 0 && place <= reduce.from() && keptStep(reduce, strides, place - 1) < step) {
            place--;
        }
        return place;
    }

    /** How far elements are apart along an axis of the domain. */
    private static long keptStep(ReduceStage reduce, long[] strides, int axis) {
        return Math.abs(strides[axis < reduce.from() ? axis : axis + reduce.to() - reduce.from()]);
    }

    /** Whether halving a side would leave short rows of something larger. */
    private boolean thin(int place) {
        boolean outermost = true;
        for (int outer = 0; outer < place; outer++) {
            outermost &= sides[outer] < box.length && domain[sides[outer]] == 1;
        }
        if (outermost) {
            return false;
        }
        long row = box[sides[place]] / 2;
        for (int inner = place + 1; inner < sides.length; inner++) {
            row *= sides[inner] < box.length ? box[sides[inner]] : Math.min(ROW_BYTES, run * CanonicalTree.LEAF);
        }
        return row * 8 < ROW_BYTES;
    }

    private boolean halveForMemory() {
        long least = Long.MAX_VALUE;
        int best = -1;
        for (int side = 0; side <= box.length; side++) {
            long kept = side < box.length ? box[side] : run;
            if (kept > 1 && (side == box.length || stage.cuts(side))) {
                set(side, side < box.length ? Math.ceilDiv(kept, 2) : half(kept));
                long bytes = memory.applyAsLong(middle());
                if (bytes < least) {
                    least = bytes;
                    best = side;
                }
                set(side, kept);
            }
        }
        if (best < 0) {
            return false;
        }
        set(best, best < box.length ? Math.ceilDiv(box[best], 2) : half(run));
        return true;
    }

    private void set(int side, long size) {
        if (side < box.length) {
            box[side] = size;
        } else {
            run = size;
        }
    }

    /** The largest power of two below a number of leaves. */
    private static long half(long leaves) {
        return Long.highestOneBit(leaves - 1);
    }
}
