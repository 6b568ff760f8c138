package org.imbrex.kernels.map;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.opencl.BodyText;
import org.imbrex.kernels.opencl.BodyText.Rare;
import org.imbrex.kernels.opencl.Kernel;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.Nest;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.Pointers;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.opencl.Views;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;

/**
 * Two kernels: {@code map} where no neighbour access meets an edge, so that every view is an offset and strides, and
 * {@code border} for the rest. A seldom needed side is left out of a block of elements at first, and the block is
 * computed again in full where that was wrong.
 */
public final class MapOpenCl {
    /** Elements that are computed without the seldom needed sides before looking whether one was needed. */
    private static final int BLOCK = 256;

    private final MapStage stage;
    private final OpenClTarget target;
    private final Pointers loads;
    private final Pointers stores;
    private final List<Launch.Memory> memory;
    private final Nest inner;
    private final Nest outer;
    private final Views views;
    private final boolean shifted;
    private final int[] indexAxes;
    private final String suffix;

    public MapOpenCl(MapStage stage, OpenClTarget target) {
        this(stage, target, "");
    }

    /** @param suffix of the kernels' names, where a source holds those of several stages */
    public MapOpenCl(MapStage stage, OpenClTarget target, String suffix) {
        this.suffix = suffix;
        this.stage = stage;
        this.target = target;
        this.loads = Pointers.loads(stage.loads(), stage.stores());
        this.stores = Pointers.stores(stage.stores(), stage.loads(), loads.count());
        this.memory = new ArrayList<>(loads.memory());
        memory.addAll(stores.memory());
        this.views = new Views(target, stage.loads(), loads);
        this.shifted = stage.loads().stream().anyMatch(view -> !view.shifts().isEmpty());
        TreeSet<Integer> axes = new TreeSet<>();
        for (Instr i : stage.body().instrs()) {
            if (i.op() == Op.INDEX) {
                axes.add((int) i.imm());
            }
        }
        this.indexAxes = axes.stream().mapToInt(Integer::intValue).toArray();
        List<long[]> walks = new ArrayList<>();
        stage.stores().forEach(view -> walks.add(view.strides()));
        stage.stores().forEach(view -> walks.add(view.strides())); // what is written counts twice
        stage.loads().forEach(view -> walks.add(view.strides()));
        this.inner = new Nest(target, stage.domain(), walks);
        for (int k = 0; k < stage.loads().size(); k++) {
            inner.track("L" + k, stage.loads().get(k).strides(), loads.position(k));
        }
        for (int k = 0; k < stage.stores().size(); k++) {
            inner.track("S" + k, stage.stores().get(k).strides(), stores.position(k));
        }
        for (int axis : indexAxes) {
            inner.index(axis);
        }
        this.outer = new Nest(target, stage.domain(), walks);
        for (int k = 0; k < stage.stores().size(); k++) {
            outer.track("S" + k, stage.stores().get(k).strides(), stores.position(k));
        }
        for (int axis = 0; axis < stage.domain().length; axis++) {
            outer.index(axis);
        }
    }

    // ---- text

    public boolean fp64() {
        return BodyText.usesF64(stage.body()) || Kernel.anyF64(stage.loads()) || Kernel.anyF64(stage.stores());
    }

    private List<String> pointers() {
        List<String> pointers = new ArrayList<>(loads.declarations());
        pointers.addAll(stores.declarations());
        return pointers;
    }

    private List<String> borderNumbers() {
        List<String> numbers = new ArrayList<>(outer.numbers());
        numbers.addAll(views.numbers());
        return numbers;
    }

    public long argumentBytes() {
        long bytes = Kernel.argumentBytes(pointers(), inner.numbers());
        return shifted ? Math.max(bytes, Kernel.argumentBytes(pointers(), borderNumbers())) : bytes;
    }

    public String source() {
        return Kernel.preamble(fp64(), shifted ? stage.loads() : List.of()) + kernels();
    }

    /** The kernels' text without what stands before them. */
    public String kernels() {
        SourceText out = new SourceText();
        Optional<MapPair> pair = MapPair.of(stage, target, inner, suffix);
        pair.ifPresent(rows -> rows.function(out));
        Kernel.open(out, target, "map" + suffix, pointers(), inner.numbers());
        if (pair.isPresent()) {
            inner.openPairs(out);
            pair.get().call(out, loads, stores);
            out.close();
            inner.openLeft(out);
        } else {
            inner.openRows(out);
        }
        boolean again = target.loops() && BodyText.hasRare(stage.body()) && stage.isApart();
        if (again) {
            out.open("for (long from = xFrom; from < xTo; from += %d)", BLOCK);
            out.line("const long to = min(xTo, from + %d);", BLOCK);
            out.line("int any = 0;");
            inner.openRow(out, "from", "to");
            element(out, inner, false, Rare.LEFT_OUT);
            out.close();
            out.open("if (any)");
            inner.openRow(out, "from", "to");
            element(out, inner, false, Rare.BRANCH);
            out.close();
            out.close();
            out.close();
        } else {
            inner.openRow(out);
            element(out, inner, false, Rare.BRANCH);
            out.close();
        }
        out.close();
        out.close();
        if (shifted) {
            out.line("");
            Kernel.open(out, target, "border" + suffix, pointers(), borderNumbers());
            outer.openRows(out);
            outer.openRow(out);
            element(out, outer, true, Rare.BRANCH);
            out.close();
            out.close();
            out.close();
        }
        return out.toString();
    }

    private void element(SourceText out, Nest nest, boolean border, Rare rare) {
        String[] reads = new String[stage.loads().size()];
        for (int k = 0; k < reads.length; k++) {
            reads[k] = border ? views.read(out, k, nest::atIndex) : loads.load(k, nest.at("L" + k));
        }
        List<String> results = BodyText.write(out, stage.body(), k -> reads[k], nest::atIndex, rare);
        for (int k = 0; k < results.size(); k++) {
            out.line(stores.store(k, nest.at("S" + k), results.get(k)));
        }
    }

    // ---- launches

    public Launch.Sequence launches(Tile tile) {
        List<Launch> launches = launches(
                tile.lo(), tile.hi(), new long[stage.loads().size()], new long[stage.stores().size()], memory);
        return new Launch.Sequence(List.of(), launches);
    }

    /**
     * The launches for a box where views begin elsewhere.
     *
     * @param loads what to add to each load's offset
     * @param stores what to add to each store's offset
     * @param pointers the memory of each of {@link #memory()}
     */
    public List<Launch> launches(long[] lo, long[] hi, long[] loads, long[] stores, List<Launch.Memory> pointers) {
        List<Launch> launches = new ArrayList<>();
        if (!Walk.isEmpty(lo, hi)) {
            cut(lo.clone(), hi.clone(), new Begin(loads, stores, pointers), launches);
        }
        return launches;
    }

    /** What the kernels' pointers point to. */
    public List<Launch.Memory> memory() {
        return memory;
    }

    private record Begin(long[] loads, long[] stores, List<Launch.Memory> memory) {}

    /** Cuts off what lies at an edge, axis by axis; what is left is the interior. */
    private void cut(long[] lo, long[] hi, Begin begin, List<Launch> launches) {
        for (int axis = 0; axis < lo.length && shifted; axis++) {
            long from = lo[axis];
            long to = hi[axis];
            for (View view : stage.loads()) {
                for (Shift shift : view.shifts()) {
                    if (shift.axis() == axis) {
                        from = Math.max(from, -shift.by());
                        to = Math.min(to, shift.extent() - shift.by());
                    }
                }
            }
            if (from >= to) {
                border(lo, hi, begin, launches);
                return;
            }
            if (from > lo[axis]) {
                long[] end = hi.clone();
                end[axis] = from;
                border(lo, end, begin, launches);
                lo[axis] = from;
            }
            if (to < hi[axis]) {
                long[] last = lo.clone();
                last[axis] = to;
                border(last, hi, begin, launches);
                hi[axis] = to;
            }
        }
        interior(lo, hi, begin, launches);
    }

    private void interior(long[] lo, long[] hi, Begin begin, List<Launch> launches) {
        long[] starts = new long[stage.loads().size() + stage.stores().size() + indexAxes.length];
        int at = 0;
        for (View view : stage.loads()) {
            long start = view.offset() + begin.loads[at];
            for (Shift shift : view.shifts()) {
                start += view.strides()[shift.axis()] * shift.by();
            }
            starts[at++] = start;
        }
        for (int k = 0; k < stage.stores().size(); k++) {
            starts[at++] = stage.stores().get(k).offset() + begin.stores[k];
        }
        launches.add(inner.launch("map" + suffix, begin.memory, lo, hi, starts, List.of(), 1, 1));
    }

    private void border(long[] lo, long[] hi, Begin begin, List<Launch> launches) {
        long[] starts = new long[stage.stores().size() + stage.domain().length];
        for (int k = 0; k < stage.stores().size(); k++) {
            starts[k] = stage.stores().get(k).offset() + begin.stores[k];
        }
        long[] more = views.values(begin.loads);
        Launch launch = outer.launch("border" + suffix, begin.memory, lo.clone(), hi.clone(), starts, List.of(), 1, 8, more);
        int[] relative = launch.relative();
        int[] of = views.relative();
        System.arraycopy(of, 0, relative, relative.length - of.length, of.length);
        launches.add(launch);
    }
}
