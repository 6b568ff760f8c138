package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.opencl.BodyText;
import org.imbrex.kernels.opencl.Kernel;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.Launch.Memory;
import org.imbrex.kernels.opencl.Nest;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.Pointers;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.opencl.Views;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;

/**
 * A tile's leaves are cut into runs of 2^c, each a node of the canonical tree. One kernel computes runs; where there
 * are several for each result, others combine them along the tree, in the device's memory. {@code whole} ends with the
 * epilogue at once, {@code runs} leaves nodes; {@code lanes} does so with a group for 16 leaves, an item a lane, for
 * GPUs with few results or contiguous leaves; {@code narrow} makes 64 nodes one, {@code fold} and {@code foldWhole} all
 * that are left.
 */
public final class ReduceOpenCl {
    /** Nodes that {@code narrow} combines. */
    static final int NARROW = 64;
    /** Leaves of a group of {@code lanes}. */
    static final int GROUP_LEAVES = 16;
    /** The most leaves in a run: what its stack of nodes holds. */
    private static final long MOST_RUN = 1 << 12;
    /** The fewest leaves for which an item of its own pays on a processor. */
    private static final long LEAST_RUN = 4;

    /**
     * Leaves of columns from which on runs are short: an item takes some columns, and a core's next one those beside them, so
     * that rows are read on rather than a strip of all rows.
     */
    private static final long MANY_LEAVES = 1 << 14;

    private final ReduceStage stage;
    private final OpenClTarget target;
    /** Whether neighbouring results go side by side: {@link ReduceText}. */
    private final boolean columns;
    private final ReduceText text;
    private final Nest runs;
    private final Nest whole;
    private final Nest fold;
    private final Nest foldWhole;
    private final Pointers loads;
    private final List<ScalarType> types;
    private final long[] reducedStrides;

    public ReduceOpenCl(ReduceStage given, OpenClTarget target) {
        this.target = target;
        Optional<Body> flat = Flattened.body(given);
        this.reducedStrides = flat.isPresent() ? affine(given) : new long[0];
        this.stage = isAffine() ? given.withBody(flat.get()) : given;
        this.types = new ArrayList<>();
        for (int k = 0; k < stage.combines().size(); k++) {
            types.add(stage.body().resultType(k));
        }
        this.loads = Pointers.loads(stage.loads(), stage.stores());
        List<long[]> walks = new ArrayList<>();
        stage.loads().forEach(view -> walks.add(kept(view)));
        if (walks.isEmpty()) {
            stage.stores().forEach(view -> walks.add(view.strides()));
        }
        this.runs = nest(walks, true, 0, false);
        this.whole = nest(walks, true, loads.count(), true);
        this.fold = nest(walks, false, 0, false);
        this.foldWhole = nest(walks, false, types.size(), true);
        this.columns = target.loops() && areColumns();
        this.text = new ReduceText(
                stage, target, types, loads, new Views(target, stage.loads(), loads), reducedStrides, columns);
    }

    private long[] kept(View view) {
        long[] strides = new long[stage.domain().length];
        System.arraycopy(view.strides(), 0, strides, 0, stage.from());
        System.arraycopy(view.strides(), stage.to(), strides, stage.from(), strides.length - stage.from());
        return strides;
    }

    /** Each load's stride along the reduced axes as one, or an empty array where they are not one to all loads. */
    private long[] affine(ReduceStage given) {
        boolean shifted = given.loads().stream().anyMatch(view -> !view.shifts().isEmpty());
        int inner = given.to() - 1;
        if (shifted || inner > given.from() && !target.specialise()) {
            return new long[0];
        }
        for (int axis = inner - 1; axis >= given.from(); axis--) {
            for (View view : given.loads()) {
                if (view.strides()[axis] != view.strides()[axis + 1] * given.extents()[axis + 1]) {
                    return new long[0];
                }
            }
        }
        // one element more than there are loads, so that none at all is not taken for an empty array
        long[] strides = new long[given.loads().size() + 1];
        for (int k = 0; k < given.loads().size(); k++) {
            strides[k] = given.loads().get(k).strides()[inner];
        }
        return strides;
    }

    private Set<Integer> indexed() {
        Set<Integer> axes = new TreeSet<>();
        for (Instr i : stage.body().instrs()) {
            if (i.op() == Op.INDEX) {
                axes.add((int) i.imm());
            }
        }
        return axes;
    }

    private boolean isAffine() {
        return reducedStrides.length > 0;
    }

    /** Whether neighbouring results lie beside one another in what is read, and a result's elements do not. */
    private boolean areColumns() {
        if (!target.specialise() || !isAffine() || runs.innermostExtent() < 8) {
            return false;
        }
        int columns = 0;
        for (int k = 0; k < stage.loads().size(); k++) {
            long along = runs.innermost(kept(stage.loads().get(k)));
            columns += along == 1 && reducedStrides[k] != 1 ? 1 : along == 0 || reducedStrides[k] == 0 ? 0 : -1;
        }
        return columns > 0;
    }

    /** Kept axes with what is read, or the nodes, and what is written: stores, or accumulators. */
    private Nest nest(List<long[]> walks, boolean reads, int first, boolean ends) {
        // on GPUs rows are neighbouring items, which no amount of work for each makes long
        Nest nest = new Nest(target, stage.domain(), walks, target.loops() ? Math.min(16, stage.reduced()) : 1);
        if (reads && isAffine()) {
            for (int k = 0; k < stage.loads().size(); k++) {
                nest.track("L" + k, kept(stage.loads().get(k)), loads.position(k));
            }
        }
        if (reads) {
            Set<Integer> indexed = indexed();
            for (int axis = 0; axis < stage.domain().length; axis++) {
                if (!isAffine() || indexed.contains(axis < stage.from() ? axis : axis + stage.to() - stage.from())) {
                    nest.index(axis);
                }
            }
        }
        if (!reads) {
            nest.track("N", -1);
        }
        if (ends) {
            Pointers stores = Pointers.stores(stage.stores(), stage.loads(), first);
            for (int k = 0; k < stage.stores().size(); k++) {
                nest.track("S" + k, stage.stores().get(k).strides(), stores.position(k));
            }
        } else {
            int at = reads ? loads.count() : types.size();
            nest.track("D0", at);
            for (int k = 1; k < types.size(); k++) {
                nest.trackAlike("D" + k, at + k);
            }
        }
        return nest;
    }

    // ---- text

    public boolean fp64() {
        return BodyText.usesF64(stage.body())
                || BodyText.usesF64(stage.epilogue())
                || Kernel.anyF64(stage.loads())
                || Kernel.anyF64(stage.stores());
    }

    public long argumentBytes() {
        int pointers = loads.count() + Math.max(2 * types.size(), stage.stores().size());
        int numbers = Math.max(
                Math.max(runs.numbers().size(), whole.numbers().size()) + text.numbers().size(),
                foldWhole.numbers().size() + 1);
        return 8L * (pointers + numbers);
    }

    public String source() {
        SourceText out = new SourceText();
        text.functions(out);
        text.runs(out, "whole", whole, true);
        if (stage.leaves() > 1 || !target.specialise()) {
            text.runs(out, "runs", runs, false);
            if (!target.loops()) {
                new LanesText(target, loads, text).write(out, runs);
            }
            FoldText folds = new FoldText(stage, target, text);
            folds.narrow(out);
            folds.fold(out, "foldWhole", foldWhole, true);
            folds.fold(out, "fold", fold, false);
        }
        return Kernel.preamble(fp64(), isAffine() ? List.of() : stage.loads()) + out;
    }

    // ---- launches

    public Launch.Sequence launches(Tile tile) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return new Launch.Sequence(List.of(), List.of());
        }
        boolean partial = tile.isPartial(stage);
        long outputs = tile.elements();
        long leaves = tile.leafTo() - tile.leafFrom();
        boolean lanes = lanes(outputs, leaves);
        long run = lanes ? GROUP_LEAVES : run(outputs, leaves);
        long count = Math.ceilDiv(leaves, run);
        List<Launch> launches = new ArrayList<>();
        List<Long> scratch = new ArrayList<>();
        if (count == 1 && !partial && !lanes) {
            launches.add(read(tile, "whole", run, 1, List.of()));
            return new Launch.Sequence(scratch, launches);
        }
        boolean last = count == 1 && partial;
        List<Memory> nodes = last ? accumulators() : scratch(scratch, outputs * count);
        launches.add(read(tile, lanes ? "lanes" : "runs", run, count, nodes));
        while (count > NARROW) {
            long left = Math.ceilDiv(count, NARROW);
            List<Memory> narrowed = scratch(scratch, outputs * left);
            launches.add(narrow(nodes, narrowed, outputs, count, left));
            nodes = narrowed;
            count = left;
        }
        if (!last) {
            launches.add(fold(tile, partial, nodes, count));
        }
        return new Launch.Sequence(scratch, launches);
    }

    private boolean lanes(long outputs, long leaves) {
        return !target.loops()
                && leaves > 1
                && target.groupItems() >= GROUP_LEAVES * CanonicalTree.LANES
                && (outputs < 512L * target.units() || !isAffine() || Arrays.stream(reducedStrides).anyMatch(s -> s == 1));
    }

    /** Leaves in a run: a power of two, small enough that all units have work, and few where rows of columns are long. */
    private long run(long outputs, long leaves) {
        long run = Math.min(MOST_RUN, Long.highestOneBit(2 * leaves - 1));
        if (columns && outputs > ReduceText.width(types) && outputs * leaves >= MANY_LEAVES) {
            return Math.min(run, LEAST_RUN);
        }
        long wanted = target.loops() ? 4L * target.units() : 1024L * target.units();
        long least = target.loops() ? LEAST_RUN : 1;
        while (run > least && outputs * Math.ceilDiv(leaves, run) < wanted) {
            run /= 2;
        }
        return run;
    }

    private List<Memory> accumulators() {
        List<Memory> memory = new ArrayList<>();
        for (int k = 0; k < types.size(); k++) {
            memory.add(new Memory.Accumulator(k));
        }
        return memory;
    }

    private List<Memory> scratch(List<Long> sizes, long nodes) {
        List<Memory> memory = new ArrayList<>();
        for (ScalarType type : types) {
            memory.add(new Memory.Scratch(sizes.size()));
            sizes.add(nodes * type.bytes());
        }
        return memory;
    }

    /** The launch that reads the elements; without {@code nodes} it ends with the epilogue. */
    private Launch read(Tile tile, String kernel, long run, long count, List<Memory> nodes) {
        boolean ends = nodes.isEmpty();
        Nest nest = ends ? whole : runs;
        List<Long> starts = new ArrayList<>();
        if (isAffine()) {
            stage.loads().forEach(view -> starts.add(view.offset()));
        }
        Set<Integer> indexed = indexed();
        for (int axis = 0; axis < stage.domain().length; axis++) {
            if (!isAffine() || indexed.contains(axis < stage.from() ? axis : axis + stage.to() - stage.from())) {
                starts.add(0L);
            }
        }
        long[] dense = Boxes.strides(tile.lo(), tile.hi(), count);
        List<Memory> memory = new ArrayList<>(loads.memory());
        if (ends) {
            memory.addAll(Pointers.stores(stage.stores(), stage.loads(), loads.count()).memory());
            stage.stores().forEach(view -> starts.add(view.offset()));
        } else {
            memory.addAll(nodes);
            types.forEach(type -> starts.add(Boxes.base(0, tile.lo(), dense, 1)));
        }
        long[] more = text.values(tile.leafFrom(), tile.leafTo(), run);
        long weight = Math.min(stage.reduced(), run * CanonicalTree.LEAF);
        Launch launch = nest.launch(
                kernel, memory, tile.lo(), tile.hi(), values(starts), ends ? List.of() : List.of(dense), count, weight,
                more);
        int[] relative = text.relative();
        System.arraycopy(relative, 0, launch.relative(), launch.relative().length - relative.length, relative.length);
        if (!kernel.equals("lanes")) {
            return launch;
        }
        long[] group = {CanonicalTree.LANES * GROUP_LEAVES, 1, 1};
        long[] items = {count * group[0], Math.min(tile.elements(), 1 << 15), 1};
        return new Launch(kernel, items, group, memory, launch.numbers(), launch.relative());
    }

    private Launch narrow(List<Memory> from, List<Memory> to, long outputs, long count, long left) {
        List<Memory> memory = new ArrayList<>(from);
        memory.addAll(to);
        long total = outputs * left;
        long group = target.loops() ? 1 : target.groupItems();
        return new Launch(
                "narrow",
                new long[] {Math.ceilDiv(total, group) * group, 1, 1},
                new long[] {group, 1, 1},
                memory,
                new long[] {total, count, left},
                new int[] {-1, -1, -1});
    }

    private Launch fold(Tile tile, boolean partial, List<Memory> nodes, long count) {
        long[] from = Boxes.strides(tile.lo(), tile.hi(), count);
        List<Memory> memory = new ArrayList<>(nodes);
        List<Long> starts = new ArrayList<>();
        starts.add(Boxes.base(0, tile.lo(), from, 1));
        List<long[]> free = new ArrayList<>();
        free.add(from);
        if (partial) {
            long[] dense = Boxes.strides(tile.lo(), tile.hi(), 1);
            memory.addAll(accumulators());
            types.forEach(type -> starts.add(Boxes.base(0, tile.lo(), dense, 1)));
            free.add(dense);
        } else {
            memory.addAll(Pointers.stores(stage.stores(), stage.loads(), types.size()).memory());
            stage.stores().forEach(view -> starts.add(view.offset()));
        }
        Nest nest = partial ? fold : foldWhole;
        return nest.launch(
                partial ? "fold" : "foldWhole", memory, tile.lo(), tile.hi(), values(starts), free, 1, count, count);
    }

    private static long[] values(List<Long> list) {
        return list.stream().mapToLong(Long::longValue).toArray();
    }
}
