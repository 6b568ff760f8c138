package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.loop.Bodies;
import org.imbrex.kernels.loop.LoopSpec;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.loop.Nest;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;

/**
 * A reduction of few elements as an elementwise stage over the kept axes: each element is a load of its own, and the
 * leaf is written out in the body. Block means are of this kind.
 */
final class FewVector implements HostKernel {
    private static final int MOST = 16;
    private static final int VIEWS = 60;
    /** Bytes up to which elements share a pointer. */
    private static final long FAR = 64 << 10;
    private static final int INSTRUCTIONS = 256;

    private final Nest nest;
    private final int[] from;

    private FewVector(Nest nest, int[] from) {
        this.nest = nest;
        this.from = from;
    }

    /** The kernel, or empty where the stage reduces too many elements for it. */
    static Optional<HostKernel> of(ReduceStage stage, Loops loops) {
        long n = stage.reduced();
        long size = n * stage.body().instrs().size() + stage.epilogue().instrs().size();
        if (n > MOST || n * stage.loads().size() + stage.stores().size() > VIEWS || size > INSTRUCTIONS) {
            return Optional.empty();
        }
        Kept kept = new Kept(stage);
        Code code = new Code();
        Loads loads = new Loads(stage, kept);
        Value[][] lanes = new Value[stage.combines().size()][CanonicalTree.LANES];
        for (int r = 0; r < n; r++) {
            List<Value> results = element(stage, kept, code, kept.indices(r), loads);
            int lane = r % CanonicalTree.LANES;
            for (int k = 0; k < lanes.length; k++) {
                Value before = lanes[k][lane];
                lanes[k][lane] = before == null
                        ? results.get(k)
                        : stage.combines().get(k).apply(code, before, results.get(k));
            }
        }
        List<Value> accumulators = new ArrayList<>();
        for (int k = 0; k < lanes.length; k++) {
            List<Value> present = new ArrayList<>();
            for (int lane = 0; lane < Math.min(n, CanonicalTree.LANES); lane++) {
                present.add(lanes[k][lane]);
            }
            accumulators.add(Bodies.fold(code, stage.combines().get(k), present));
        }
        List<Value> results = code.inline(stage.epilogue(), accumulators);
        Body body = code.body(results.toArray(Value[]::new));
        LoopSpec spec = new LoopSpec(
                body,
                loads.views.stream().map(View::dtype).toList(),
                stage.stores().stream().map(View::dtype).toList(),
                loads.places);
        Nest nest = new Nest(loops.map(spec), loads.views, stage.stores(), kept.rank());
        return Optional.of(new FewVector(
                nest, loads.from.stream().mapToInt(Integer::intValue).toArray()));
    }

    /** The body at one index of the reduced axes, with loads of its own. */
    private static List<Value> element(
            ReduceStage stage, Kept kept, Code code, long[] indices, Loads loads) {
        Value[] arguments = new Value[stage.loads().size()];
        for (int load = 0; load < arguments.length; load++) {
            View full = stage.loads().get(load);
            long offset = kept.offset(full, indices);
            if (offset == Kept.FILL) {
                arguments[load] = code.constant(full.dtype().scalar(), full.fill());
            } else {
                arguments[load] = code.load(full.dtype().scalar(), loads.slot(load, offset));
            }
        }
        List<Instr> instrs = new ArrayList<>();
        for (Instr i : stage.body().instrs()) {
            int axis = i.op() == Op.INDEX ? kept.axis((int) i.imm()) : -1;
            if (axis >= kept.rank()) {
                instrs.add(new Instr(Op.CONST, i.type(), -1, -1, -1, indices[axis - kept.rank()]));
            } else {
                instrs.add(axis < 0 ? i : new Instr(Op.INDEX, i.type(), -1, -1, -1, axis));
            }
        }
        return code.inline(new Body(instrs, stage.body().results()), List.of(arguments));
    }

    /** The slots of all elements: a load without shifts has one pointer for its elements that are near. */
    private static final class Loads {
        private final ReduceStage stage;
        private final Kept kept;
        private final List<View> views = new ArrayList<>();
        private final List<Integer> from = new ArrayList<>();
        private final List<LoopSpec.Place> places = new ArrayList<>();
        private final int[] pointer;

        Loads(ReduceStage stage, Kept kept) {
            this.stage = stage;
            this.kept = kept;
            this.pointer = new int[stage.loads().size()];
            Arrays.fill(pointer, -1);
        }

        int slot(int load, long offset) {
            View v = kept.view(stage.loads().get(load));
            long distance = offset * v.dtype().bytes();
            if (v.shifts().isEmpty() && Math.abs(distance) <= FAR) {
                if (pointer[load] < 0) {
                    pointer[load] = views.size();
                    views.add(v);
                    from.add(load);
                }
                places.add(new LoopSpec.Place(pointer[load], distance));
            } else {
                places.add(new LoopSpec.Place(views.size(), 0));
                views.add(new View(
                        v.buffer(), v.dtype(), v.offset() + offset, v.strides(), v.shifts(), v.mode(), v.fill()));
                from.add(load);
            }
            return places.size() - 1;
        }
    }

    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        long[] bases = new long[from.length];
        for (int k = 0; k < from.length; k++) {
            bases[k] = loads[from[k]];
        }
        nest.run(tile.lo(), tile.hi(), bases, stores);
    }
}
