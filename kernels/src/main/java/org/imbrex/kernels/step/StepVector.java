package org.imbrex.kernels.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.imbrex.kernels.loop.LoopSpec;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.loop.MapLoop;
import org.imbrex.kernels.loop.Nest;
import org.imbrex.kernels.loop.Scratch;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;

/**
 * Compiled loops over boxes that fit in cache with all their steps. The first step reads memory, the last one writes
 * it, those between stay in cache; each is computed over what the later ones read, so boxes overlap.
 */
public final class StepVector implements HostKernel {
    private final IterateStage stage;
    private final StepPieces pieces;
    private final MapLoop[] loops;
    private final Map<Form, Nest> nests = new ConcurrentHashMap<>();

    /**
     * A stage of the step where it reads memory or not, and writes it or not.
     *
     * @param unrolled a bit for each axis along which boxes may pass the domain's ends
     */
    private record Form(int part, boolean first, boolean last, int unrolled) {}

    public StepVector(IterateStage stage, Loops loops) {
        this.stage = stage;
        this.pieces = new StepPieces(stage);
        this.loops = new MapLoop[stage.step().size()];
        for (int part = 0; part < this.loops.length; part++) {
            this.loops[part] = loops.map(LoopSpec.of(stage.step().get(part)));
        }
    }

    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        for (int axis = 0; axis < tile.lo().length; axis++) {
            if (tile.lo()[axis] >= tile.hi()[axis]) {
                return;
            }
        }
        boolean[] unrolled = stage.unrolled(tile.lo(), tile.hi());
        long[] box = StepBoxes.largest(stage, tile, unrolled);
        long[] lo = tile.lo().clone();
        while (true) {
            long[] hi = new long[lo.length];
            for (int axis = 0; axis < lo.length; axis++) {
                hi[axis] = Math.min(tile.hi()[axis], lo[axis] + box[axis]);
            }
            steps(lo, hi, unrolled, loads, stores);
            int axis = lo.length - 1;
            while (axis >= 0 && (lo[axis] += box[axis]) >= tile.hi()[axis]) {
                lo[axis] = tile.lo()[axis];
                axis--;
            }
            if (axis < 0) {
                return;
            }
        }
    }

    private void steps(long[] lo, long[] hi, boolean[] unrolled, long[] loads, long[] stores) {
        StepBoxes boxes = new StepBoxes(stage, lo, hi, unrolled, 64);
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        long[][] bases = new long[boxes.count()][2];
        for (int buffer = 0; buffer < bases.length; buffer++) {
            for (int copy = 0; copy < boxes.copies(buffer); copy++) {
                bases[buffer][copy] = scratch.take(boxes.bytes(buffer)) - origin(boxes, buffer);
            }
        }
        for (int t = 0; t < stage.steps(); t++) {
            for (int part = 0; part < loops.length; part++) {
                int step = t;
                int of = part;
                long[][] box = stage.box(t, part, lo, hi, unrolled);
                pieces.cut(t, part, box, unrolled, (from, to, turn, source, move) ->
                        piece(step, of, from, to, turn, source, move, boxes, bases, unrolled, loads, stores));
            }
        }
        scratch.release(mark);
    }

    private static long origin(StepBoxes boxes, int buffer) {
        return distance(boxes.lo(buffer), boxes, buffer);
    }

    private static long distance(long[] index, StepBoxes boxes, int buffer) {
        long elements = 0;
        for (int axis = 0; axis < index.length; axis++) {
            elements += index[axis] * boxes.strides(buffer)[axis];
        }
        return elements * boxes.dtype(buffer).bytes();
    }

    private void piece(
            int t, int part, long[] lo, long[] hi, long[] turn, int[] source, long[][] move, StepBoxes boxes,
            long[][] bases, boolean[] unrolled, long[] loads, long[] stores) {
        MapStage map = stage.step().get(part);
        boolean last = t == stage.steps() - 1;
        int reads = source.length;
        int writes = map.stores().size();
        long[] from = new long[reads];
        long[] to = new long[writes];
        long[][] strides = new long[reads + writes][];
        for (int k = 0; k < reads; k++) {
            View view = map.loads().get(k);
            if (source[k] >= 0) {
                from[k] = loads[source[k]] + move[k][0] * view.dtype().bytes();
            } else {
                boolean isField = view.buffer() < stage.fields();
                int buffer = isField ? stage.next().get(view.buffer()) : view.buffer();
                from[k] = bases[buffer][isField ? t - 1 & 1 : 0] + distance(move[k], boxes, buffer);
                strides[k] = boxes.strides(buffer);
            }
        }
        for (int k = 0; k < writes; k++) {
            int buffer = map.stores().get(k).buffer();
            int field = stage.next().indexOf(buffer);
            if (last && field >= 0) {
                to[k] = stores[field];
            } else {
                to[k] = bases[buffer][field >= 0 ? t & 1 : 0] + distance(turn, boxes, buffer);
                strides[reads + k] = boxes.strides(buffer);
            }
        }
        nest(t, part, last, unrolled).run(lo, hi, from, to, new long[0], strides);
    }

    private Nest nest(int t, int part, boolean last, boolean[] unrolled) {
        int mask = 0;
        for (int axis = 0; axis < unrolled.length; axis++) {
            mask |= unrolled[axis] ? 1 << axis : 0;
        }
        return nests.computeIfAbsent(new Form(part, t == 0, last, mask), form -> made(form, t));
    }

    private Nest made(Form form, int t) {
        MapStage map = stage.step().get(form.part);
        List<View> loads = new ArrayList<>();
        for (int k = 0; k < map.loads().size(); k++) {
            View view = map.loads().get(k);
            if (pieces.isOuter(t, form.part, k)) {
                loads.add(stage.loads().get(pieces.model(form.part, k)));
            } else {
                List<Shift> shifts = view.shifts().stream()
                        .filter(shift -> (form.unrolled >> shift.axis() & 1) == 0
                                && !(pieces.isSplit() && shift.axis() == 0))
                        .toList();
                loads.add(new View(
                        view.buffer(), view.dtype(), 0, view.strides(), shifts, view.mode(), view.fill()));
            }
        }
        List<View> stores = new ArrayList<>();
        for (View view : map.stores()) {
            int field = stage.next().indexOf(view.buffer());
            stores.add(form.last && field >= 0
                    ? stage.stores().get(field)
                    : new View(view.buffer(), view.dtype(), 0, view.strides()));
        }
        return new Nest(loops[form.part], loads, stores, stage.domain().length);
    }
}
