package org.imbrex.kernels.loop;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;

/**
 * A body over a run of elements: chooses between scalar code for any steps and vector code for the steps at hand. For
 * any thread.
 */
public final class MapLoop {
    /** Below this many elements scalar code is as fast. */
    private static final int VECTORS = 2;

    private final LoopSpec spec;
    private final Loops loops;
    private final Frame frame;
    private final boolean mayBeVector;
    private final int cost;
    private final Jam jam;
    private long work;
    /** Lanes of the vector versions, 0 before scalar code has done enough to think of any, -1 where there are none. */
    private volatile int lanes;

    private final Optional<CutLoop> cut;
    private volatile Loop scalar;
    private volatile Variant[] variants = {};

    MapLoop(LoopSpec spec, Loops loops) {
        this.spec = spec;
        this.loops = loops;
        this.frame = new Frame(spec.loads().size(), spec.stores().size(), spec.axes().length);
        this.mayBeVector = loops.when() != Loops.When.NEVER
                && frame.entries() < 64
                && new Regions(spec.body()).always() <= Cut.MOST
                && spec.body().instrs().stream().noneMatch(MapLoop::isScalarOnly);
        this.cost = spec.body().instrs().size();
        this.jam = mayBeVector ? Jam.of(this) : null;
        List<Cut.Part> parts = Cut.of(spec);
        this.cut = parts.isEmpty() ? Optional.empty() : Optional.of(new CutLoop(frame, parts, mayBeVector ? loops.scalar() : loops));
    }

    /** No vector hardware divides 64-bit integers. */
    static boolean isScalarOnly(Instr instr) {
        return instr.type() == ScalarType.I64 && (instr.op() == Op.DIV || instr.op() == Op.REM);
    }

    boolean canBeVector() {
        return mayBeVector && lanes(0) > 0 || !mayBeVector && cut.isPresent();
    }

    /** Instructions of the body. */
    int cost() {
        return cost;
    }

    public Frame frame() {
        return frame;
    }

    public LoopSpec spec() {
        return spec;
    }

    /** Runs {@code count} elements. */
    public void run(long[] at, int count) {
        Loop vector = vector(at, count);
        (vector != null ? vector : scalar()).run(at, 0, count);
    }

    /** The vector loop for the steps of a frame, or null where scalar code is to run. */
    Loop vector(long[] at, int count) {
        int across = mayBeVector ? lanes(count) : -1;
        if (across > 0 && count >= VECTORS * across && count <= Range.MOST) {
            long moving = moving(at);
            return moving >= 0 ? variant(moving).loop(loops) : null;
        }
        return null;
    }

    Loops loops() {
        return loops;
    }

    /** What runs several rows at once, or null. */
    Jam jam() {
        return jam;
    }

    /** How many lanes vector versions have, once {@code more} elements make them worth while; else 0 or -1. */
    private int lanes(int more) {
        int found = lanes;
        if (found == 0) {
            work += (long) more * cost; // a lost update is no harm
            if (loops.when() == Loops.When.AT_ONCE || work >= loops.work()) {
                found = Lanes.areThere() ? Lanes.of(List.of(spec.body()), spec.loads(), spec.stores()) : -1;
                lanes = found;
            }
        }
        return found;
    }

    /** A bit for each load and index that moves by one element; -1 where a step is neither 0 nor that. */
    private long moving(long[] at) {
        long moving = 0;
        for (int load = 0; load < frame.loads(); load++) {
            long step = at[frame.step(load)];
            if (step == spec.loads().get(load).bytes()) {
                moving |= 1L << load;
            } else if (step != 0) {
                return -1;
            }
        }
        for (int store = 0; store < frame.stores(); store++) {
            if (at[frame.step(frame.store(store))] != spec.stores().get(store).bytes()) {
                return -1;
            }
        }
        for (int index = 0; index < frame.indices(); index++) {
            long step = at[frame.step(frame.index(index))];
            if (step == 1) {
                moving |= 1L << frame.loads() + index;
            } else if (step != 0) {
                return -1;
            }
        }
        return moving;
    }

    /** The loop for any steps; of a body that was cut, its parts, which choose for themselves. */
    Loop scalar() {
        Loop made = scalar;
        if (made == null) {
            made = cut.isPresent() ? cut.get() : MapBytecode.scalar(spec);
            scalar = made;
        }
        return made;
    }

    private Variant variant(long moving) {
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

    /** The vector code for one choice of what moves. */
    private final class Variant extends WarmUp {
        private final long moving;

        Variant(long moving) {
            super(lanes, cost);
            this.moving = moving;
        }

        @Override
        Loop make() {
            boolean[] moves = new boolean[frame.entries()];
            for (int k = 0; k < moves.length; k++) {
                moves[k] = (moving >> k & 1) != 0;
            }
            return MapBytecode.vector(spec, moves, scalar());
        }

        @Override
        long[] frame(Arena arena, int count) {
            long[] at = new long[frame.length()];
            for (int k = 0; k < frame.loads() + frame.stores(); k++) {
                int pointer = k;
                long least = 0;
                long most = 0;
                for (LoopSpec.Place place : spec.places()) {
                    if (place.pointer() == pointer) {
                        least = Math.min(least, place.offset());
                        most = Math.max(most, place.offset());
                    }
                }
                at[k] = arena.allocate(8L * count + most - least, 64).address() - least;
                int store = k - frame.loads();
                at[frame.step(k)] = store >= 0
                        ? spec.stores().get(store).bytes()
                        : (moving >> k & 1) * spec.loads().get(k).bytes();
            }
            for (int index = 0; index < frame.indices(); index++) {
                at[frame.step(frame.index(index))] = moving >> frame.loads() + index & 1;
            }
            return at;
        }
    }
}
