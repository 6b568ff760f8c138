package org.imbrex.kernels.stage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Several time steps of fields over one index space: what {@code steps} runs of the {@code step}'s stages give, one
 * after the other, each over the whole domain. A lowering may compute a box of the last step alone, from boxes of the
 * steps before that grow by {@link #reach}.
 *
 * <p>The step's stages have the stage's domain, and read and write buffers by numbers of their own: the fields before
 * the step, then what does not change, then the rest; {@code next} are the fields after it. They write at the index
 * itself, and what is written or a field they read at the index itself or, by shifts, at neighbours.
 *
 * @param steps 1 or more
 * @param fields how many there are
 * @param step each element's value, from buffers that an earlier stage has written or that are read only
 * @param next the step's number of each field after it; no stage of the step reads it
 * @param loads for each view through which the step reads what lies outside, in the order of {@link #outer}: the view,
 *     or where it wraps around the leading axis, three that do not: for what lies before, inside and behind
 * @param stores the fields after all steps
 * @param reach for each step and each stage of it, how far around a tile it is computed, by axis; for the first step
 *     also, last, how far around it that reads
 */
public record IterateStage(
        long[] domain,
        int steps,
        int fields,
        List<MapStage> step,
        List<Integer> next,
        List<View> outer,
        List<View> loads,
        List<View> stores,
        long[][][] reach)
        implements Stage {

    /** Loads for each outer view where the leading axis wraps around. */
    public static final int TURNS = 3;

    public IterateStage {
        step = List.copyOf(step);
        next = List.copyOf(next);
        outer = List.copyOf(outer);
        loads = List.copyOf(loads);
        stores = List.copyOf(stores);
    }

    /**
     * The stage of so many steps.
     *
     * @param inputs the program's numbers of the fields before, and of what does not change
     * @param stores the fields after, in row-major order
     */
    public static IterateStage of(
            int steps, List<MapStage> step, List<Integer> next, List<Integer> inputs, List<View> stores) {
        long[] domain = step.getFirst().domain();
        Set<View> outer = new LinkedHashSet<>();
        for (MapStage part : step) {
            for (View load : part.loads()) {
                if (load.buffer() < inputs.size()) {
                    outer.add(load);
                }
            }
        }
        List<View> loads = new ArrayList<>();
        boolean wraps = wraps(step, domain, 0);
        for (View view : outer) {
            View read = numbered(view, inputs.get(view.buffer()));
            if (wraps) {
                for (int turn = 0; turn < TURNS; turn++) {
                    loads.add(unwrapped(read, domain[0], turn - 1));
                }
            } else {
                loads.add(read);
            }
        }
        return new IterateStage(
                domain, steps, next.size(), step, next, new ArrayList<>(outer), loads, stores,
                reach(steps, step, next, domain.length));
    }

    /** The same over a program's buffers by other numbers. */
    public IterateStage over(IntUnaryOperator numbers) {
        return new IterateStage(
                domain, steps, fields, step, next, outer,
                loads.stream().map(view -> numbered(view, numbers.applyAsInt(view.buffer()))).toList(),
                stores.stream().map(view -> numbered(view, numbers.applyAsInt(view.buffer()))).toList(),
                reach);
    }

    private static View numbered(View view, int buffer) {
        return new View(
                buffer, view.dtype(), view.offset(), view.strides(), view.shifts(), view.mode(), view.fill());
    }

    /** The view without its shift along the leading axis, a whole number of turns further on. */
    private static View unwrapped(View view, long extent, int turn) {
        long by = shift(view, 0);
        List<Shift> others =
                view.shifts().stream().filter(shift -> shift.axis() != 0).toList();
        return new View(
                view.buffer(),
                view.dtype(),
                view.offset() + (by - turn * extent) * view.strides()[0],
                view.strides(),
                others,
                others.isEmpty() ? EdgeMode.EDGE : view.mode(),
                view.fill());
    }

    /** How far along an axis a view reads from where it stands. */
    public static long shift(View view, int axis) {
        for (Shift shift : view.shifts()) {
            if (shift.axis() == axis) {
                return shift.by();
            }
        }
        return 0;
    }

    // ---- what wraps

    /** Whether each outer view has {@link #TURNS} loads: for indices that wrap to before, inside and behind. */
    public boolean isSplit() {
        return loads.size() > outer.size();
    }

    /** Whether a stage of the step reads a buffer that none of them writes. */
    public boolean isOuter(int buffer) {
        return outer.stream().anyMatch(view -> view.buffer() == buffer);
    }

    /** Whether all neighbours along an axis wrap around, at most once, so that the axis has no edge. */
    public boolean wraps(int axis) {
        return wraps(step, domain, axis);
    }

    private static boolean wraps(List<MapStage> step, long[] domain, int axis) {
        if (axis >= domain.length) {
            return false;
        }
        boolean any = false;
        for (MapStage part : step) {
            for (View view : part.loads()) {
                for (Shift shift : view.shifts()) {
                    if (shift.axis() == axis) {
                        if (view.mode() != EdgeMode.WRAP || Math.abs(shift.by()) > domain[axis]) {
                            return false;
                        }
                        any = true;
                    }
                }
            }
        }
        return any;
    }

    private boolean reads(int axis, EdgeMode mode) {
        for (MapStage part : step) { // asked for each box of each step
            for (View view : part.loads()) {
                if (view.mode() == mode && shift(view, axis) != 0) {
                    return true;
                }
            }
        }
        return false;
    }

    // ---- how far

    private static long[][][] reach(int steps, List<MapStage> step, List<Integer> next, int rank) {
        int buffers = 1 + step.stream()
                .flatMap(part -> part.stores().stream())
                .mapToInt(View::buffer)
                .max()
                .orElse(0);
        for (MapStage part : step) {
            for (View load : part.loads()) {
                buffers = Math.max(buffers, load.buffer() + 1);
            }
        }
        long[][][] reach = new long[steps][step.size() + 1][];
        long[][] needed = new long[buffers][];
        for (int field : next) {
            needed[field] = new long[rank];
        }
        for (int t = steps - 1; t >= 0; t--) {
            for (int s = step.size() - 1; s >= 0; s--) {
                long[] own = new long[rank];
                for (View store : step.get(s).stores()) {
                    widen(own, needed[store.buffer()], null);
                }
                reach[t][s] = own;
                for (View load : step.get(s).loads()) {
                    needed[load.buffer()] = needed[load.buffer()] == null ? own.clone() : needed[load.buffer()];
                    widen(needed[load.buffer()], own, load);
                }
            }
            long[] all = new long[rank];
            long[][] before = new long[buffers][];
            for (int field = 0; field < next.size(); field++) {
                widen(all, needed[field], null);
                before[next.get(field)] = needed[field] == null ? new long[rank] : needed[field];
            }
            reach[t][step.size()] = all;
            needed = before;
        }
        return reach;
    }

    private static void widen(long[] reach, long[] by, View load) {
        for (int axis = 0; axis < reach.length && by != null; axis++) {
            long further = load == null ? 0 : Math.abs(shift(load, axis));
            reach[axis] = Math.max(reach[axis], by[axis] + further);
        }
    }

    /** The farthest that anything is computed or read around a tile. */
    public long reach(int axis) {
        long most = 0;
        for (long[][] of : reach) {
            for (long[] around : of) {
                most = Math.max(most, around[axis]);
            }
        }
        return most;
    }

    /**
     * The box that a stage of a step is computed over for a tile: {lo, hi}. It passes the domain's ends along axes that
     * wrap around, where the tile and its reach do not cover all of the axis; index i then stands for i modulo the
     * extent.
     *
     * @param part a stage of the step, or their number for what the step reads of the fields
     * @param unrolled whether boxes may pass the ends, for each axis
     */
    public long[][] box(int t, int part, long[] lo, long[] hi, boolean[] unrolled) {
        long[][] box = {lo.clone(), hi.clone()};
        for (int axis = 0; axis < lo.length; axis++) {
            long around = reach[t][part][axis];
            box[0][axis] -= around;
            box[1][axis] += around;
            if (unrolled[axis]) {
                continue;
            }
            boolean beyond = box[0][axis] < 0 || box[1][axis] > domain[axis];
            boolean whole = beyond && reads(axis, EdgeMode.WRAP);
            box[0][axis] = whole ? 0 : Math.max(0, box[0][axis]);
            box[1][axis] = whole ? domain[axis] : Math.min(domain[axis], box[1][axis]);
        }
        return box;
    }

    /** Whether a tile's boxes may pass the ends of each axis. */
    public boolean[] unrolled(long[] lo, long[] hi) {
        boolean[] unrolled = new boolean[lo.length];
        for (int axis = 0; axis < lo.length; axis++) {
            unrolled[axis] = hi[axis] - lo[axis] + 2 * reach(axis) <= domain[axis] && wraps(axis);
        }
        return unrolled;
    }

    /** The box of indices at which a load reads for a tile: {lo, hi}; empty where it reads nothing. */
    public long[][] box(int load, long[] lo, long[] hi) {
        boolean[] unrolled = unrolled(lo, hi);
        for (int axis = 1; axis < unrolled.length; axis++) {
            unrolled[axis] = false; // rows that are read beyond their ends are brought whole
        }
        long[][] box = null;
        for (int t = 0; t < steps; t++) {
            for (int part = 0; part < step.size(); part++) {
                long[][] own = box(t, part, lo, hi, unrolled);
                for (int axis = 0; axis < lo.length && box != null; axis++) {
                    own[0][axis] = Math.min(own[0][axis], box[0][axis]);
                    own[1][axis] = Math.max(own[1][axis], box[1][axis]);
                }
                box = own;
            }
        }
        if (isSplit()) {
            long by = shift(outer.get(load / TURNS), 0);
            long from = (load % TURNS - 1) * domain[0] - by;
            box[0][0] = Math.max(box[0][0], from);
            box[1][0] = Math.max(box[0][0], Math.min(box[1][0], from + domain[0]));
        }
        return box;
    }

    @Override
    public String toString() {
        return "IterateStage" + Arrays.toString(domain) + " " + steps + " steps of " + step;
    }
}
