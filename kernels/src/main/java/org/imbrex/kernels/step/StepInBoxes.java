package org.imbrex.kernels.step;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import org.imbrex.kernels.opencl.BodyText;
import org.imbrex.kernels.opencl.Kernel;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.Pointers;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * Time steps on processors in one kernel: an item takes boxes that fit in its core's cache, one after another, through all
 * steps. The first step reads the fields and the last one writes them where they lie; between them a box's values are in
 * the item's part of working memory, which holds for each buffer that a step writes the box and what is around it.
 */
final class StepInBoxes implements StepText {
    private static final int LINE = 64;
    private static final int PAGE = 4096;
    /** Items for each unit, so that one that is held up leaves boxes to others. */
    private static final int ITEMS_PER_UNIT = 8;

    private final IterateStage stage;
    private final OpenClTarget target;
    private final int rank;
    private final Pointers loads;
    private final Pointers stores;
    /** By the step's number of each buffer that is written, the part that writes it. */
    private final TreeMap<Integer, Integer> writers = new TreeMap<>();

    private final TreeMap<Integer, DType> dtypes = new TreeMap<>();

    StepInBoxes(IterateStage stage, OpenClTarget target) {
        this.stage = stage;
        this.target = target;
        this.rank = stage.domain().length;
        this.loads = Pointers.loads(stage.loads(), stage.stores());
        this.stores = Pointers.stores(stage.stores(), stage.loads(), loads.count());
        for (int part = 0; part < stage.step().size(); part++) {
            for (View store : stage.step().get(part).stores()) {
                writers.put(store.buffer(), part);
                dtypes.put(store.buffer(), store.dtype());
            }
        }
    }

    /**
     * Whether fields are in row-major order and no neighbour wraps around: what lies beyond a box's end would then be far
     * from it.
     */
    static boolean suits(IterateStage stage, OpenClTarget target) {
        int last = stage.domain().length - 1;
        if (!target.loops() || !target.specialise() || last < 0 || stage.isSplit()) {
            return false;
        }
        boolean suits = new HashSet<>(stage.next()).size() == stage.next().size();
        for (View view : stage.outer()) {
            suits &= view.buffer() >= stage.fields() || view.strides()[last] == 1;
        }
        for (View store : stage.stores()) {
            suits &= store.strides()[last] == 1
                    && stage.loads().stream().noneMatch(load -> load.buffer() == store.buffer());
        }
        for (MapStage part : stage.step()) {
            for (View view : part.loads()) {
                suits &= view.shifts().isEmpty()
                        || view.mode() != EdgeMode.WRAP
                                && view.shifts().stream()
                                        .allMatch(shift -> shift.extent() == stage.domain()[shift.axis()]);
            }
        }
        return suits && new StepInBoxes(stage, target).argumentBytes() <= target.argumentBytes();
    }

    @Override
    public boolean fp64() {
        return stage.step().stream()
                .anyMatch(part -> BodyText.usesF64(part.body())
                        || Kernel.anyF64(part.loads())
                        || Kernel.anyF64(part.stores()));
    }

    // ---- arguments

    private List<String> pointers() {
        List<String> pointers = new ArrayList<>(loads.declarations());
        pointers.addAll(stores.declarations());
        dtypes.forEach((buffer, dtype) ->
                pointers.add("__global " + SourceText.type(dtype) + " *restrict scratch" + buffer));
        return pointers;
    }

    private List<String> numbers() {
        List<String> numbers = new ArrayList<>(List.of("total"));
        for (int axis = 0; axis < rank; axis++) {
            for (String name : List.of("lo", "hi", "box", "many", "n")) {
                numbers.add(name + axis);
            }
        }
        for (int load = 0; load < stage.loads().size(); load++) {
            addAll(numbers, "start" + load, "l" + load + "_", rank);
        }
        for (int store = 0; store < stage.stores().size(); store++) {
            addAll(numbers, "begin" + store, "d" + store + "_", rank);
        }
        for (int buffer : writers.keySet()) {
            numbers.add("own" + buffer);
            addAll(numbers, "copy" + buffer, "z" + buffer + "_", rank - 1);
        }
        return numbers;
    }

    private static void addAll(List<String> numbers, String first, String strides, int count) {
        numbers.add(first);
        for (int axis = 0; axis < count; axis++) {
            numbers.add(strides + axis);
        }
    }

    @Override
    public long argumentBytes() {
        return Kernel.argumentBytes(pointers(), numbers());
    }

    // ---- text

    @Override
    public String source() {
        SourceText out = new SourceText();
        List<View> views = new ArrayList<>();
        for (int part = 0; part < stage.step().size(); part++) {
            views.addAll(stage.step().get(part).loads());
            reach(out, part);
            new StepRow(stage, part).function(out);
        }
        Kernel.open(out, target, "steps", pointers(), numbers());
        out.line("const long item = get_global_id(0);");
        out.open("for (long work = item; work < total; work += get_global_size(0))");
        String rest = "work";
        for (int axis = rank - 1; axis >= 0; axis--) {
            out.line("const long q%d = %s / many%d;", axis, rest, axis);
            out.line("const long from%1$d = lo%1$d + (%2$s - q%1$d * many%1$d) * box%1$d;", axis, rest);
            out.line("const long to%1$d = min(hi%1$d, from%1$d + box%1$d);", axis);
            rest = "q" + axis;
        }
        out.open("for (int t = 0; t < %d; t++)", stage.steps());
        for (int part = 0; part < stage.step().size(); part++) {
            part(out, part);
        }
        out.close();
        out.close();
        out.close();
        return Kernel.preamble(fp64(), views) + out;
    }

    /** How far around the box a part is computed, by step and axis. */
    private void reach(SourceText out, int part) {
        List<String> steps = new ArrayList<>();
        for (long[][] reach : stage.reach()) {
            steps.add(Arrays.toString(reach[part]).replace('[', '{').replace(']', '}'));
        }
        out.line("__constant int reach%d[%d][%d] = {%s};", part, stage.steps(), rank, String.join(", ", steps));
        out.line("");
    }

    private void part(SourceText out, int part) {
        MapStage map = stage.step().get(part);
        out.open("");
        for (int axis = 0; axis < rank; axis++) {
            out.line("const long f%1$d = max(0L, from%1$d - reach%2$d[t][%1$d]);", axis, part);
            out.line("const long e%1$d = min(n%1$d, to%1$d + reach%2$d[t][%1$d]);", axis, part);
            long before = 0;
            long behind = 0;
            for (View view : map.loads()) {
                before = Math.max(before, -IterateStage.shift(view, axis));
                behind = Math.max(behind, IterateStage.shift(view, axis));
            }
            out.line("const long c%1$d = min(e%1$d, max(f%1$d, %2$dL));", axis, before);
            out.line("const long d%1$d = max(c%1$d, min(e%1$d, n%1$d - %2$d));", axis, behind);
        }
        for (int k = 0; k < map.loads().size(); k++) {
            source(out, k, map.loads().get(k));
        }
        for (int k = 0; k < map.stores().size(); k++) {
            View view = map.stores().get(k);
            int field = stage.next().indexOf(view.buffer());
            place(out, "w" + k, "", view, field < 0 ? "0" : "t == " + (stage.steps() - 1),
                    field < 0 ? -1 : field, view.buffer(), field < 0 ? "0" : "(t & 1)");
        }
        new StepRow(stage, part).rows(out);
        out.close();
    }

    /** Declares where a load reads: from memory, or, of a later step, from working memory. */
    private void source(SourceText out, int k, View view) {
        int outer = stage.outer().indexOf(view);
        boolean field = view.buffer() < stage.fields();
        if (outer >= 0 && !field) {
            place(out, "r" + k, "const ", view, "1", outer, -1, "0");
        } else if (field) {
            place(out, "r" + k, "const ", view, "t == 0", outer, stage.next().get(view.buffer()), "(t - 1 & 1)");
        } else {
            place(out, "r" + k, "const ", view, "0", -1, view.buffer(), "0");
        }
    }

    /**
     * Declares a pointer, the offset of index 0 from it, and a stride for each axis.
     *
     * @param outside where it is in memory, at the given load or store, and not in the given buffer of working memory
     */
    private void place(
            SourceText out, String name, String constant, View view, String outside, int given, int buffer, String copy) {
        boolean writes = constant.isEmpty();
        String start = (writes ? "begin" : "start") + given;
        String stride = (writes ? "d" : "l") + given + "_";
        String pointer = given < 0 ? "" : (writes ? stores : loads).name(given);
        String own = "scratch%1$d + item * own%1$d + %2$s * copy%1$d".formatted(buffer, copy);
        List<String> origin = new ArrayList<>();
        for (int axis = 0; axis < rank && buffer >= 0; axis++) {
            String by = axis == rank - 1 ? "" : " * z" + buffer + "_" + axis;
            origin.add("(from" + axis + " - " + stage.reach()[0][writers.get(buffer)][axis] + ")" + by);
        }
        String back = "-(" + String.join(" + ", origin) + ")";
        boolean both = given >= 0 && buffer >= 0;
        String type = constant + "__global " + SourceText.type(view.dtype());
        out.line("%s *%s = %s;", type, name, both ? outside + " ? " + pointer + " : " + own : given >= 0 ? pointer : own);
        out.line("const long %s_at = %s;", name, both ? outside + " ? " + start + " : " + back : given >= 0 ? start : back);
        for (int axis = 0; axis < rank; axis++) {
            String inside = axis == rank - 1 ? "1" : "z" + buffer + "_" + axis;
            out.line("const long %s_%d = %s;", name, axis,
                    both ? outside + " ? " + stride + axis + " : " + inside : given >= 0 ? stride + axis : inside);
        }
    }

    // ---- launch

    @Override
    public Launch.Sequence launches(Tile tile) {
        for (int axis = 0; axis < rank; axis++) {
            if (tile.lo()[axis] >= tile.hi()[axis]) {
                return new Launch.Sequence(List.of(), List.of());
            }
        }
        long[] box = StepBoxes.largest(stage, tile, new boolean[rank]);
        List<Long> numbers = new ArrayList<>();
        long total = 1;
        for (int axis = 0; axis < rank; axis++) {
            long extent = tile.hi()[axis] - tile.lo()[axis];
            long many = Math.ceilDiv(extent, box[axis]);
            total *= many;
            numbers.addAll(List.of(tile.lo()[axis], tile.hi()[axis], box[axis], many, stage.domain()[axis]));
        }
        numbers.addFirst(total);
        long items = Math.min(total, (long) ITEMS_PER_UNIT * target.units());
        List<Integer> relative = new ArrayList<>();
        numbers.forEach(number -> relative.add(-1));
        for (int load = 0; load < stage.loads().size(); load++) {
            add(numbers, relative, stage.loads().get(load), loads.position(load));
        }
        for (int store = 0; store < stage.stores().size(); store++) {
            add(numbers, relative, stage.stores().get(store), stores.position(store));
        }
        List<Launch.Memory> memory = new ArrayList<>(loads.memory());
        memory.addAll(stores.memory());
        List<Long> scratch = new ArrayList<>();
        for (int buffer : writers.keySet()) {
            int width = dtypes.get(buffer).bytes();
            long[] around = stage.reach()[0][writers.get(buffer)];
            long[] strides = new long[rank];
            long elements = 1;
            for (int axis = rank - 1; axis >= 0; axis--) {
                strides[axis] = elements;
                elements *= box[axis] + 2 * around[axis];
                if (axis == rank - 1) {
                    long row = Math.ceilDiv(elements * width, LINE) * LINE;
                    elements = (row % PAGE == 0 ? row + LINE : row) / width; // lest rows meet in the same cache sets
                }
            }
            long copies = stage.next().contains(buffer) ? 2 : 1;
            numbers.addAll(List.of(copies * elements, elements));
            for (int axis = 0; axis < rank - 1; axis++) {
                numbers.add(strides[axis]);
            }
            memory.add(new Launch.Memory.Scratch(scratch.size()));
            scratch.add(items * copies * elements * width);
        }
        while (relative.size() < numbers.size()) {
            relative.add(-1);
        }
        return new Launch.Sequence(
                scratch,
                List.of(new Launch(
                        "steps", new long[] {items, 1, 1}, new long[] {1, 1, 1}, memory,
                        numbers.stream().mapToLong(Long::longValue).toArray(),
                        relative.stream().mapToInt(Integer::intValue).toArray())));
    }

    private static void add(List<Long> numbers, List<Integer> relative, View view, int pointer) {
        numbers.add(view.offset());
        relative.add(pointer);
        for (long stride : view.strides()) {
            numbers.add(stride);
            relative.add(-1);
        }
    }
}
