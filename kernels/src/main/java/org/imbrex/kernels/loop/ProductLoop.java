package org.imbrex.kernels.loop;

import java.lang.foreign.Arena;
import java.util.List;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.type.DType;

/**
 * A product's innermost loops over packed panels: [k][{@link #rows}] of a and [k][{@link #columns}] of b, and the
 * packing. For any thread.
 *
 * <p>Registers: a block of 8 rows by 2 vectors where vectors have 512 bits and there are 32 registers, else 6 by 2, of
 * integers 5 by 2, the largest that C2 keeps in 16 without spilling. {@code docs/decisions/matrix-products.md} has the figures.
 */
public final class ProductLoop {
    static final int A = 0;
    static final int B = 1;
    static final int C = 2;
    static final int PITCH = 3;
    static final int INNER = 4;
    static final int PANELS = 5;
    /** Where {@code WarmUp} asks for the other way. */
    static final int ACCUMULATE = 6;

    /** Packing has these in the same places. */
    static final int FROM = 1;

    static final int OUTER_STEP = 2;
    static final int INNER_STEP = 3;
    static final int OUTER = 5;

    private static final int LENGTH = 8;
    /** The most rows and columns of the scalar block, which divide the vectors' block. */
    private static final int SCALAR = 4;

    private record Key(DType dtype, int rows, int vectors) {}

    private final DType dtype;
    private final Loops loops;
    private final int lanes;
    private final int vectors;
    private final int rows;
    private final Warm product;
    private final Warm pack;
    private final Scalars scalars;
    private long work;

    private ProductLoop(DType dtype, int rows, int vectors, Loops loops) {
        this.dtype = dtype;
        this.loops = loops;
        this.lanes = Math.max(2, Lanes.of(List.<Body>of(), List.of(dtype), List.of()));
        this.rows = rows;
        this.vectors = vectors;
        this.product = new Warm(rows * vectors * 2) {
            @Override
            PanelCode code() {
                return ProductBytecode.make(dtype, rows, vectors, lanes, rows, columns());
            }
        };
        this.pack = new Warm(vectors * 2) {
            @Override
            PanelCode code() {
                return PanelLoops.vector(dtype, vectors, lanes);
            }
        };
        this.scalars = new Scalars(
                ProductBytecode.make(dtype, scalar(rows), scalar(columns()), 1, rows, columns()),
                Packs.of(dtype, rows),
                Packs.of(dtype, columns()));
    }

    /** Code that C1 compiles at once. */
    private record Scalars(PanelCode product, Packs a, Packs b) {}

    /** The ways to pack: along k first, across the panel, and through whole panels whose rows lie along k. */
    private record Packs(PanelCode along, PanelCode across, PanelCode turned) {
        static Packs of(DType dtype, int width) {
            return new Packs(
                    PanelLoops.scalar(dtype, 1, width), PanelLoops.scalar(dtype, width, 1), PanelLoops.turned(dtype, width));
        }
    }

    /** Vector code that is used once it is fast. It is tried on two panels, so that C2 sees loops, not one turn. */
    private abstract class Warm extends WarmUp {
        Warm(int cost) {
            super(1, 2 * cost);
        }

        /** As {@link WarmUp} calls it, on arrays of its own. */
        private record Tried(PanelCode code, Object a, Object b) implements Loop {
            @Override
            public void run(long[] frame, int from, int to) {
                frame[INNER] = to - from;
                code.run(frame, a, b);
            }
        }

        abstract PanelCode code();

        @Override
        Loop make() {
            int most = 2 * 32 * Math.max(rows, columns());
            return new Tried(code(), PanelLoops.allocate(dtype, most), PanelLoops.allocate(dtype, most));
        }

        @Override
        long[] frame(Arena arena, int count) {
            long bytes = 8L * dtype.bytes() * Math.max(rows, count + 2) * columns();
            long memory = arena.allocate(bytes, 64).address();
            long[] frame = new long[LENGTH];
            frame[this == product ? C : FROM] = memory;
            frame[PITCH] = (long) columns() * dtype.bytes();
            frame[PANELS] = 2;
            return frame;
        }

        PanelCode ready() {
            boolean due = loops.when() == Loops.When.AT_ONCE || work >= loops.work();
            boolean may = due && Lanes.areThere() && loops.when() != Loops.When.NEVER;
            return may && loop(loops) instanceof Tried tried ? tried.code() : null;
        }
    }

    /**
     * The loops for a block of registers.
     *
     * @param rows and {@code vectors} of the block, or 0 for those that suit the width of vectors
     */
    public static ProductLoop of(DType dtype, int rows, int vectors, Loops loops) {
        Key key = rows == 0 ? new Key(dtype, usualRows(dtype), 2) : new Key(dtype, rows, vectors);
        return loops.get(key, () -> new ProductLoop(dtype, key.rows(), key.vectors(), loops));
    }

    /** Integers have no multiply-add: a product takes a register more. */
    private static int usualRows(DType dtype) {
        if (Lanes.bits() == 512) {
            return 8;
        }
        return dtype.isFloat() ? 6 : 5;
    }

    /** Rows of c in a block of registers, and of a in a panel. */
    public int rows() {
        return rows;
    }

    /** Columns of c in a block of registers, and of b in a panel. */
    public int columns() {
        return lanes * vectors;
    }

    private static int scalar(int of) {
        int divides = SCALAR;
        while (of % divides != 0) {
            divides--;
        }
        return divides;
    }

    /** A frame for the other methods; for one thread. */
    public long[] frame() {
        return new long[LENGTH];
    }

    /** An array for panels. */
    public Object panels(int elements) {
        return PanelLoops.allocate(dtype, elements);
    }

    /**
     * Computes blocks of c one below the other, from panels of a one after the other and one panel of b.
     *
     * @param a index of the first panel in {@code left}
     * @param b index of the panel in {@code right}
     * @param inner the number of k
     * @param c the address of the first block's first element
     * @param pitch bytes from row to row of c
     * @param accumulate whether the blocks are added to what is there
     */
    public void run(
            long[] frame, Object left, int a, int panels, Object right, int b, int inner, long c, long pitch,
            boolean accumulate) {
        frame[B] = b;
        frame[PITCH] = pitch;
        frame[INNER] = inner;
        frame[ACCUMULATE] = accumulate ? 1 : 0;
        work += (long) inner * rows * columns() * panels; // a lost update is no harm
        PanelCode ready = product.ready();
        if (ready != null) {
            frame[A] = a;
            frame[C] = c;
            frame[PANELS] = panels;
            ready.run(frame, left, right);
            return;
        }
        frame[PANELS] = 1;
        for (int panel = 0; panel < panels; panel++) {
            for (int row = 0; row < rows; row += scalar(rows)) {
                for (int column = 0; column < columns(); column += scalar(columns())) {
                    frame[A] = a + panel * rows * inner + row;
                    frame[B] = b + column;
                    frame[C] = c + ((long) panel * rows + row) * pitch + (long) column * dtype.bytes();
                    scalars.product.run(frame, left, right);
                }
            }
        }
    }

    /**
     * Packs panels of a's rows or b's columns, one after another; those that the last one lacks are left as they are.
     *
     * @param at index of the first panel in {@code to}
     * @param from address of the first element
     * @param count rows, or columns
     * @param across bytes from one of these to the next
     * @param along bytes from one k to the next
     */
    public void pack(
            long[] frame, boolean ofA, Object to, int at, long from, int count, long across, int inner, long along) {
        int width = ofA ? rows : columns();
        int whole = count / width;
        Packs packs = ofA ? scalars.a : scalars.b;
        PanelCode ready = null;
        if (whole > 0 && along == dtype.bytes()) {
            ready = packs.turned;
            frame[OUTER_STEP] = across;
        } else if (whole > 0 && across == dtype.bytes() && !ofA) {
            ready = pack.ready();
            frame[OUTER_STEP] = width * across;
            frame[INNER_STEP] = along;
        }
        int done = 0;
        if (ready != null) {
            frame[A] = at;
            frame[FROM] = from;
            frame[OUTER] = whole;
            frame[INNER] = inner;
            ready.run(frame, to, to);
            done = whole * width;
        }
        boolean kFirst = Math.abs(along) <= Math.abs(across);
        PanelCode code = kFirst ? packs.along : packs.across;
        for (; done < count; done += width) {
            int wide = Math.min(width, count - done);
            frame[A] = at + done * inner;
            frame[FROM] = from + done * across;
            frame[OUTER] = kFirst ? wide : inner;
            frame[INNER] = kFirst ? inner : wide;
            frame[OUTER_STEP] = kFirst ? across : along;
            frame[INNER_STEP] = kFirst ? along : across;
            code.run(frame, to, to);
        }
    }
}
