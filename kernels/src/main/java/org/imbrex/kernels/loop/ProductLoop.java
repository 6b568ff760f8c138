package org.imbrex.kernels.loop;

import java.lang.foreign.Arena;
import java.util.List;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.type.DType;

/**
 * A product's innermost loop over packed panels: [k][{@link #rows}] of a and [k][{@link #columns}] of b. For any
 * thread.
 */
public final class ProductLoop {
    static final int A = 0;
    static final int B = 1;
    static final int C = 2;
    static final int A_STEP = 3;
    static final int B_STEP = 4;
    static final int C_STEP = 5;
    /** Where {@code WarmUp} asks for the other way. */
    static final int ACCUMULATE = 6;

    private static final int LENGTH = 8;
    /**
     * Rows and columns of the scalar block. The vector block is 8 rows by 2 vectors, or 4 by 3 where
     * there are but 16 registers. On a core that can do 230 GFlop/s in float32 it does 222; with 12 rows the
     * JIT spills, and it does 34.
     */
    private static final int SCALAR = 4;

    private record Key(DType dtype) {}

    private final DType dtype;
    private final Loops loops;
    private final int lanes;
    private final int vectors;
    private final int rows;
    private final WarmUp vector;
    private volatile Loop scalar;
    private long work;

    private ProductLoop(DType dtype, Loops loops) {
        this.dtype = dtype;
        this.loops = loops;
        this.lanes = Math.max(2, Lanes.of(List.<Body>of(), List.of(dtype), List.of()));
        this.rows = Lanes.bits() == 512 ? 2 * SCALAR : SCALAR;
        this.vectors = Lanes.bits() == 512 ? 2 : Lanes.bits() == 256 ? 3 : 2;
        this.vector = new WarmUp(1, rows * vectors * 2) {
            @Override
            Loop make() {
                return ProductBytecode.make(ProductLoop.this.dtype, rows, vectors, lanes);
            }

            @Override
            long[] frame(Arena arena, int count) {
                long[] at = new long[LENGTH];
                at[A] = arena.allocate(8L * rows, 64).address();
                at[B] = arena.allocate(8L * columns(), 64).address();
                at[C] = arena.allocate(8L * rows * columns(), 64).address();
                at[C_STEP] = (long) columns() * ProductLoop.this.dtype.bytes();
                return at;
            }
        };
    }

    public static ProductLoop of(DType dtype, Loops loops) {
        return loops.get(new Key(dtype), () -> new ProductLoop(dtype, loops));
    }

    /** Rows of c that one call computes. */
    public int rows() {
        return rows;
    }

    /** Columns of c that one call computes. */
    public int columns() {
        return lanes * vectors;
    }

    /** A frame for {@link #run}. */
    public long[] frame() {
        return new long[LENGTH];
    }

    /**
     * Computes one block of c.
     *
     * @param a the address of a's panel
     * @param b the address of b's panel
     * @param inner the number of k
     * @param c the address of the block's first element
     * @param pitch bytes from row to row of c
     * @param accumulate whether the block is added to what is there
     */
    public void run(long[] frame, long a, long b, int inner, long c, long pitch, boolean accumulate) {
        frame[A] = a;
        frame[B] = b;
        frame[C] = c;
        frame[A_STEP] = (long) rows * dtype.bytes();
        frame[B_STEP] = (long) columns() * dtype.bytes();
        frame[C_STEP] = pitch;
        frame[ACCUMULATE] = accumulate ? 1 : 0;
        work += (long) inner * rows * columns(); // a lost update is no harm
        boolean due = loops.when() == Loops.When.AT_ONCE || work >= loops.work();
        boolean may = due && Lanes.areThere() && loops.when() != Loops.When.NEVER;
        Loop ready = may ? vector.loop(loops) : null;
        if (ready != null) {
            ready.run(frame, 0, inner);
            return;
        }
        for (int row = 0; row < rows; row += SCALAR) {
            for (int column = 0; column < columns(); column += SCALAR) {
                frame[A] = a + (long) row * dtype.bytes();
                frame[B] = b + (long) column * dtype.bytes();
                frame[C] = c + row * pitch + (long) column * dtype.bytes();
                scalar().run(frame, 0, inner);
            }
        }
    }

    private Loop scalar() {
        Loop made = scalar;
        if (made == null) {
            made = ProductBytecode.make(dtype, SCALAR, SCALAR, 1);
            scalar = made;
        }
        return made;
    }
}
