package org.imbrex.kernels.loop;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.type.DType;

/**
 * The values of slots: a leaf each, or the last part of a reduced axis, or, where any order gives the same bits, many
 * leaves. With one column a slot's value is one element of each accumulator, with more they lie together. For any thread.
 */
public final class LaneLoop {
    /** Lanes in memory at a time, of all slots and columns. */
    private static final int PLACES = 2048;
    /** Columns from which on they fold side by side rather than slot after slot. */
    private static final int MANY = 16;
    /**
     * Instructions of an element and its combination: some thirty bytes of bytecode each, once for each vector of a row of lanes, and a
     * method of more than 8000 is never compiled. Of eight-byte types such a row is twice as many vectors, at most four.
     */
    private static final int MOST = 100;

    private static final int MOST_WIDE = MOST / 2;

    private final LaneSpec spec;
    private final Loops loops;
    private final LaneFrame frame;
    private final List<DType> dense;
    private final int cost;
    private final boolean mayBeVector;
    private final boolean anyOrder;
    private long work;
    private final MapLoop fold;
    private volatile Loop scalar;
    private volatile Variant[] variants = {};

    LaneLoop(LaneSpec spec, Loops loops) {
        this.spec = spec;
        this.loops = loops;
        this.frame = new LaneFrame(
                spec.loads().size(), LoopSpec.axes(spec.body()).length, spec.combines().size());
        this.dense = spec.dense();
        this.cost = spec.step().instrs().size();
        this.anyOrder = spec.anyOrder();
        this.mayBeVector = loops.when() != Loops.When.NEVER
                && spec.step().instrs().stream().noneMatch(i -> MapLoop.isScalarOnly(i) || Regions.isRare(i));
        List<DType> lanes = new ArrayList<>();
        for (int lane = 0; lane < CanonicalTree.LANES; lane++) {
            lanes.addAll(dense);
        }
        this.fold = loops.map(new LoopSpec(Bodies.fold(spec::combine, spec.types()), lanes, dense));
    }

    /** Whether a body is worth having in registers together with its lanes. */
    public static boolean takes(LaneSpec spec) {
        List<Instr> step = spec.step().instrs();
        boolean wide = spec.loads().stream().anyMatch(d -> d.bytes() == 8) || step.stream().anyMatch(i -> i.type().bytes() == 8);
        return step.size() <= (wide ? MOST_WIDE : MOST)
                && step.stream().noneMatch(i -> MapLoop.isScalarOnly(i) || Regions.isRare(i))
                && spec.loads().size() + spec.combines().size() < 32;
    }

    public LaneFrame frame() {
        return frame;
    }

    /** Bytes of an accumulator's values. */
    public int bytes(int accumulator) {
        return dense.get(accumulator).bytes();
    }

    /** Whether any order of the elements gives the same bits: slots of one column may then be many leaves. */
    public boolean anyOrder() {
        return anyOrder;
    }

    /** Whether vectors may come to do it, once they are worth their making. */
    public boolean mayBeVector() {
        return mayBeVector;
    }

    /**
     * Computes slots of {@code rows} rows of {@code columns}, at most a leaf's but in {@link #anyOrder}. The frame's starts,
     * steps and outs are the caller's, the rest is set here. A slot's values lie together, {@code columns} of them.
     */
    public void run(long[] at, int slots, int rows, int columns) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        int width = CanonicalTree.LANES * columns;
        int elements = rows * columns;
        Variant variant = mayBeVector && isWorthWhile((long) slots * elements * cost) ? variant(at) : null;
        boolean leaves = rows == CanonicalTree.LEAF || anyOrder && rows > 0 && rows % CanonicalTree.LEAF == 0;
        boolean whole = columns == 1 && leaves;
        Loop vector = variant == null ? null : (whole ? variant.leaves : variant.lanes).loop(loops);
        at[frame.width()] = width;
        if (vector != null && whole) {
            at[frame.toElement()] = rows;
            vector.run(at, 0, slots);
        } else {
            long[] part = at.clone();
            int most = Math.max(1, PLACES / width);
            for (int k = 0; k < dense.size(); k++) {
                long bytes = (long) width * dense.get(k).bytes();
                part[frame.out(k)] = scratch.take(most * bytes);
                part[frame.outStep(k)] = bytes;
            }
            for (int done = 0; done < slots; done += most) {
                int count = Math.min(most, slots - done);
                lanes(vector, part, count, elements, width);
                fold(at, part, done, count, columns);
                for (int k = 0; k < frame.loads() + frame.indices(); k++) {
                    part[k] += part[frame.slotStep(k)] * count;
                }
            }
        }
        scratch.release(mark);
    }

    /** Whether scalar code has done so much that vector code is to be made, and there are vectors. */
    private boolean isWorthWhile(long more) {
        if (loops.when() != Loops.When.AT_ONCE && work < loops.work()) {
            work += more; // a lost update is no harm
            return false;
        }
        return Lanes.areThere();
    }

    private void lanes(Loop vector, long[] part, int slots, int elements, int width) {
        int even = vector == null ? 0 : elements / width * width;
        if (even > 0) {
            part[frame.fromElement()] = 0;
            part[frame.toElement()] = even;
            vector.run(part, 0, slots);
        }
        if (even < elements) {
            part[frame.fromElement()] = even;
            part[frame.toElement()] = elements;
            scalar().run(part, 0, slots);
        }
    }

    /** From lanes to values: a loop over the slots for each column, or over the columns for each slot. */
    private void fold(long[] at, long[] part, int done, int slots, int columns) {
        Frame f = fold.frame();
        long[] row = new long[f.length()];
        boolean many = columns >= MANY;
        for (int outer = 0; outer < (many ? slots : columns); outer++) {
            for (int k = 0; k < dense.size(); k++) {
                int bytes = dense.get(k).bytes();
                long fromSlot = part[frame.outStep(k)];
                long toSlot = at[frame.outStep(k)];
                for (int lane = 0; lane < CanonicalTree.LANES; lane++) {
                    int load = f.load(lane * dense.size() + k);
                    row[load] = part[frame.out(k)] + (long) lane * columns * bytes + outer * (many ? fromSlot : bytes);
                    row[f.step(load)] = many ? bytes : fromSlot;
                }
                row[f.store(k)] = at[frame.out(k)] + done * toSlot + outer * (many ? toSlot : bytes);
                row[f.step(f.store(k))] = many ? bytes : toSlot;
            }
            fold.run(row, many ? columns : slots);
        }
    }

    private Loop scalar() {
        Loop made = scalar;
        if (made == null) {
            made = LaneBytecode.scalar(spec);
            scalar = made;
        }
        return made;
    }

    /** The vector code for the steps at hand, or null where an element's step is neither 0 nor 1. */
    private Variant variant(long[] at) {
        long moving = 0;
        for (int k = 0; k < frame.loads() + frame.indices(); k++) {
            long step = at[frame.elementStep(k)];
            if (step == (k < frame.loads() ? spec.loads().get(k).bytes() : 1)) {
                moving |= 1L << k;
            } else if (step != 0) {
                return null;
            }
        }
        for (Variant variant : variants) {
            if (variant.moving == moving) {
                return variant;
            }
        }
        synchronized (this) {
            for (Variant variant : variants) {
                if (variant.moving == moving) {
                    return variant;
                }
            }
            Variant made = new Variant(moving);
            Variant[] more = java.util.Arrays.copyOf(variants, variants.length + 1);
            more[variants.length] = made;
            variants = more;
            return made;
        }
    }

    /** Of a slot that warms up a loop: a loop of several leaves must not know one turn alone. */
    private int elements(boolean whole) {
        return whole && anyOrder ? 4 * CanonicalTree.LEAF : CanonicalTree.LEAF;
    }

    private final class Variant {
        private final long moving;
        private final WarmUp leaves = new Warm(true);
        private final WarmUp lanes = new Warm(false);

        Variant(long moving) {
            this.moving = moving;
        }

        private final class Warm extends WarmUp {
            private final boolean whole;

            Warm(boolean whole) {
                super(1, elements(whole) / LaneVectors.lanes(spec) * cost);
                this.whole = whole;
            }

            @Override
            Loop make() {
                boolean[] moves = new boolean[frame.loads() + frame.indices()];
                for (int k = 0; k < moves.length; k++) {
                    moves[k] = (moving >> k & 1) != 0;
                }
                if (!whole) {
                    return LaneBytecode.lanes(spec, moves);
                }
                return anyOrder ? LaneBytecode.anyOrder(spec, moves) : LaneBytecode.leaves(spec, moves);
            }

            @Override
            long[] frame(Arena arena, int count) {
                long[] at = new long[frame.length()];
                int elements = elements(whole);
                int width = CanonicalTree.LANES;
                for (int k = 0; k < frame.loads() + frame.indices(); k++) {
                    boolean load = k < frame.loads();
                    at[k] = load ? arena.allocate(8L * elements, 64).address() : 0;
                    at[frame.elementStep(k)] =
                            (moving >> k & 1) * (load ? spec.loads().get(k).bytes() : 1);
                }
                for (int k = 0; k < dense.size(); k++) {
                    at[frame.out(k)] = arena.allocate(8L * width, 64).address();
                }
                at[frame.toElement()] = elements;
                at[frame.width()] = width;
                return at;
            }
        }
    }
}
