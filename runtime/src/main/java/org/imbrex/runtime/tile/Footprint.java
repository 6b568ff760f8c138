package org.imbrex.runtime.tile;

import java.util.List;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;

/** Which elements a tile touches. */
public final class Footprint {
    private Footprint() {}

    /** The box of load {@code load}'s own axes that the tile reads: {lo, hi}; for a reduction, around its leaves. */
    public static long[][] box(Stage stage, int load, Tile tile) {
        return switch (stage) {
            case MapStage map -> new long[][] {tile.lo(), tile.hi()};
            case ReduceStage reduce -> reduced(reduce, tile);
            case MatMulStage matmul -> load < 2 ? operand(matmul, load, tile) : new long[][] {tile.lo(), tile.hi()};
            case IterateStage iterate -> iterate.box(load, tile.lo(), tile.hi());
            case LineStage lines -> lines(lines, tile);
        };
    }

    private static long[][] reduced(ReduceStage stage, Tile tile) {
        int rank = stage.extents().length;
        int width = stage.to() - stage.from();
        long[] lo = new long[rank];
        long[] hi = new long[rank];
        System.arraycopy(tile.lo(), 0, lo, 0, stage.from());
        System.arraycopy(tile.hi(), 0, hi, 0, stage.from());
        System.arraycopy(tile.lo(), stage.from(), lo, stage.to(), rank - stage.to());
        System.arraycopy(tile.hi(), stage.from(), hi, stage.to(), rank - stage.to());
        long first = tile.leafFrom() * CanonicalTree.LEAF;
        long last = Math.min(tile.leafTo() * CanonicalTree.LEAF, stage.reduced()) - 1;
        long[] a = new long[width];
        long[] b = new long[width];
        for (int k = width - 1; k >= 0; k--) {
            long extent = stage.extents()[stage.from() + k];
            a[k] = first % extent;
            b[k] = last % extent;
            first /= extent;
            last /= extent;
        }
        // Up to the first axis on which they differ the run stays at one index; beyond that axis it may be anywhere.
        boolean differ = false;
        for (int k = 0; k < width; k++) {
            int axis = stage.from() + k;
            lo[axis] = differ ? 0 : a[k];
            hi[axis] = differ ? stage.extents()[axis] : b[k] + 1;
            differ |= a[k] != b[k];
        }
        return new long[][] {lo, hi};
    }

    private static long[][] operand(MatMulStage stage, int load, Tile tile) {
        long[] lo = tile.lo().clone();
        long[] hi = tile.hi().clone();
        int rank = lo.length;
        if (load == 0) {
            lo[rank - 1] = 0;
            hi[rank - 1] = stage.inner();
        } else {
            lo[rank - 2] = 0;
            hi[rank - 2] = stage.inner();
        }
        return new long[][] {lo, hi};
    }

    private static long[][] lines(LineStage stage, Tile tile) {
        long[] hi = stage.extents();
        long[] lo = new long[hi.length];
        for (int axis = 0; axis < stage.plainAxes(); axis++) {
            if (axis != stage.axis()) {
                lo[axis] = tile.lo()[axis];
                hi[axis] = tile.hi()[axis];
            }
        }
        return new long[][] {lo, hi};
    }

    /** The first and the last element that load {@code load} of a tile reads, first &gt; last for none. */
    public static long[] loadRange(Stage stage, int load, Tile tile) {
        long[][] box = box(stage, load, tile);
        return stage.loads().get(load).range(box[0], box[1]);
    }

    public static long[] storeRange(Stage stage, int store, Tile tile) {
        return stage.stores().get(store).range(tile.lo(), tile.hi());
    }

    /** The elements of one buffer that any of the tile's loads reads. */
    public static long[] bufferRange(Stage stage, int buffer, Tile tile) {
        long first = Long.MAX_VALUE;
        long last = -1;
        List<View> loads = stage.loads();
        for (int load = 0; load < loads.size(); load++) {
            if (loads.get(load).buffer() == buffer) {
                long[] range = loadRange(stage, load, tile);
                if (range[0] <= range[1]) {
                    first = Math.min(first, range[0]);
                    last = Math.max(last, range[1]);
                }
            }
        }
        return last < 0 ? new long[] {0, -1} : new long[] {first, last};
    }

    /**
     * About how many bytes pass through the kernel: elements that differ, at most the range they lie in; of several
     * steps those of each, so that the larger tiles are, the more steps they take.
     */
    public static long touchedBytes(Stage stage, Tile tile) {
        long bytes = 0;
        if (stage instanceof IterateStage iterate) {
            for (View view : stage.stores()) {
                bytes += 2 * touched(view, tile.lo(), tile.hi());
            }
            return Math.ceilDiv(bytes, iterate.steps());
        }
        List<View> loads = stage.loads();
        for (int load = 0; load < loads.size(); load++) {
            View view = loads.get(load);
            long[][] box = box(stage, load, tile);
            bytes += touched(view, box[0], box[1]);
        }
        for (View view : stage.stores()) {
            bytes += touched(view, tile.lo(), tile.hi());
        }
        return bytes;
    }

    /** Bytes of elements that differ among those a view reads over a box, counting repeats by stride 0 once. */
    public static long touched(View view, long[] lo, long[] hi) {
        double count = 1;
        for (int axis = 0; axis < lo.length; axis++) {
            count *= view.strides()[axis] == 0 ? Math.min(1, hi[axis] - lo[axis]) : hi[axis] - lo[axis];
        }
        return (long) count * view.dtype().bytes();
    }

    /** The tile that covers a whole stage. */
    public static Tile whole(int number, Stage stage) {
        long[] domain = stage.domain();
        return new Tile(number, new long[domain.length], domain, 0, stage.leaves());
    }
}
