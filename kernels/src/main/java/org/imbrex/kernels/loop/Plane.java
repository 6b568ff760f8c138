package org.imbrex.kernels.loop;

import java.util.List;
import org.imbrex.kernels.type.DType;

/**
 * The two innermost axes of a part, walked in blocks whose loads are first made contiguous in cache where they are not:
 * a transposed load line by line, a strided one element by element. Where the inner axis is short, rows that lie
 * together run as one, and what repeats from row to row is repeated in cache.
 */
final class Plane {
    private static final int SHORT = 64;
    private static final int FLAT_ELEMENTS = 1536;
    private static final int ROWS = 16;
    private static final int COLUMNS = 512;
    private static final int PIECE = 128;
    /** Below this many instructions a strided scalar loop is as fast as making its loads contiguous first. */
    private static final int COSTLY = 10;

    private final MapLoop loop;
    private final Frame frame;
    private final long[] outer;
    private final long[] inner;
    private final long rows;
    private final long columns;
    private final int axes;
    private final boolean flat;
    private final boolean[] packed;
    private final int width;

    private Plane(
            MapLoop loop,
            Frame frame,
            long[][] stride,
            long[] extent,
            int axes,
            boolean flat,
            int width,
            boolean[] packed) {
        this.loop = loop;
        this.frame = frame;
        this.inner = stride[axes - 1];
        this.columns = extent[axes - 1];
        this.axes = Math.min(2, axes);
        this.outer = axes == 1 ? new long[inner.length] : stride[axes - 2];
        this.rows = axes == 1 ? 1 : extent[axes - 2];
        this.flat = flat;
        this.packed = packed;
        this.width = width;
    }

    /**
     * A long strided axis inside a short one, in pieces: what lies together along the short axis is then still in cache
     * when the next of its indices comes.
     */
    static Plane inPieces(MapLoop loop, Frame frame, long[][] stride, long[] extent, int axes) {
        return new Plane(loop, frame, stride, extent, axes, false, PIECE, new boolean[frame.entries()]);
    }

    /** How to walk the last axes, or null where a plain loop over rows does as well. */
    static Plane of(MapLoop loop, Frame frame, long[][] stride, long[] extent, int axes) {
        if (!loop.canBeVector() || !storesAreContiguous(loop, frame, stride[axes - 1])) {
            return null;
        }
        boolean shortRows = axes > 1 && extent[axes - 1] < SHORT && extent[axes - 2] > 1;
        if (shortRows) {
            return flat(loop, frame, stride, extent, axes);
        }
        boolean[] packed = new boolean[frame.entries()];
        int count = 0;
        for (int k = 0; k < frame.loads(); k++) {
            long step = stride[axes - 1][k];
            if (step == 0 || step == bytes(loop, frame, k)) {
                continue;
            }
            boolean transposed = axes > 1 && extent[axes - 2] > 1 && Math.abs(stride[axes - 2][k]) <= 8;
            if (!transposed && loop.cost() < COSTLY) {
                return null;
            }
            packed[k] = true;
            count++;
        }
        return count > 0 && pays(loop, count)
                ? new Plane(loop, frame, stride, extent, axes, false, axes == 1 ? 4 * COLUMNS : COLUMNS, packed)
                : null;
    }

    /** Whether the body has enough to do for what is copied. */
    private static boolean pays(MapLoop loop, int copied) {
        return 3 * copied <= loop.cost() + 2 && !loop.spec().sharesPointers();
    }

    private static Plane flat(MapLoop loop, Frame frame, long[][] stride, long[] extent, int axes) {
        long[] inner = stride[axes - 1];
        long[] outer = stride[axes - 2];
        boolean[] packed = new boolean[frame.entries()];
        int count = 0;
        for (int k = 0; k < frame.entries(); k++) {
            boolean merges = outer[k] == inner[k] * extent[axes - 1];
            if (k < frame.loads()) {
                packed[k] = !merges || inner[k] != 0 && inner[k] != bytes(loop, frame, k);
                count += packed[k] && outer[k] != 0 ? 1 : 0;
            } else if (!merges) {
                return null;
            }
        }
        int width = (int) extent[axes - 1];
        return pays(loop, count) ? new Plane(loop, frame, stride, extent, axes, true, width, packed) : null;
    }

    private static boolean storesAreContiguous(MapLoop loop, Frame frame, long[] along) {
        for (int store = 0; store < frame.stores(); store++) {
            int k = frame.store(store);
            if (along[k] != bytes(loop, frame, k)) {
                return false;
            }
        }
        return true;
    }

    private static int bytes(MapLoop loop, Frame frame, int entry) {
        List<DType> of = entry < frame.loads() ? loop.spec().loads() : loop.spec().stores();
        return of.get(entry < frame.loads() ? entry : entry - frame.loads()).bytes();
    }

    /** How many axes it walks. */
    int axes() {
        return axes;
    }

    /** Walks the plane that starts where the frame does. */
    void run(long[] from) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        int high = (int) Math.min(rows, flat ? Math.max(1, FLAT_ELEMENTS / columns) : ROWS);
        int wide = (int) Math.min(columns, width);
        long[] at = from.clone();
        long[] memory = new long[frame.entries()];
        for (int k = 0; k < memory.length; k++) {
            if (packed[k]) {
                memory[k] = scratch.take((long) high * wide * bytes(loop, frame, k));
                at[frame.step(k)] = bytes(loop, frame, k);
            }
        }
        for (long row = 0; row < rows; row += high) {
            int count = (int) Math.min(high, rows - row);
            for (long column = 0; column < columns; column += wide) {
                int width = (int) Math.min(wide, columns - column);
                block(from, at, memory, row, count, column, width);
            }
        }
        scratch.release(mark);
    }

    private void block(long[] from, long[] at, long[] memory, long row, int count, long column, int width) {
        for (int k = 0; k < memory.length; k++) {
            long first = from[k] + outer[k] * row + inner[k] * column;
            at[k] = packed[k] ? memory[k] : first;
            boolean repeats = flat && outer[k] == 0 && row > 0;
            if (packed[k] && !repeats) {
                copy(bytes(loop, frame, k), first, outer[k], inner[k], count, width, memory[k]);
            }
        }
        if (flat) {
            loop.run(at, count * width);
            return;
        }
        for (int r = 0; r < count; r++) {
            loop.run(at, width);
            for (int k = 0; k < memory.length; k++) {
                at[k] += packed[k] ? (long) width * bytes(loop, frame, k) : outer[k];
            }
        }
    }

    /** Copies rows by columns, read in the order in which they lie. */
    private static void copy(int bytes, long from, long down, long right, int rows, int columns, long to) {
        if (Math.abs(down) < Math.abs(right)) {
            for (int column = 0; column < columns; column++) {
                line(bytes, from + right * column, down, rows, to + (long) bytes * column, (long) bytes * columns);
            }
        } else {
            for (int row = 0; row < rows; row++) {
                line(bytes, from + down * row, right, columns, to + (long) bytes * columns * row, bytes);
            }
        }
    }

    private static void line(int bytes, long from, long step, int count, long to, long next) {
        switch (bytes) {
            case 1 -> {
                for (int i = 0; i < count; i++) {
                    Memory.put8(Memory.i8(from + i * step), to + i * next);
                }
            }
            case 2 -> {
                for (int i = 0; i < count; i++) {
                    Memory.put16(Memory.i16(from + i * step), to + i * next);
                }
            }
            case 4 -> {
                for (int i = 0; i < count; i++) {
                    Memory.put32(Memory.i32(from + i * step), to + i * next);
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    Memory.put64(Memory.i64(from + i * step), to + i * next);
                }
            }
        }
    }
}
