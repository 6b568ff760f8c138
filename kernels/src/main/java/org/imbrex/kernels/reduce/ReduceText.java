package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.opencl.BodyText;
import org.imbrex.kernels.opencl.BodyText.Rare;
import org.imbrex.kernels.opencl.Kernel;
import org.imbrex.kernels.opencl.Nest;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.Pointers;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.opencl.Views;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.ReduceStage;

/**
 * The kernels of a reduction. Of accumulator j: {@code aj} are a leaf's lanes, {@code sj} the stack of finished nodes,
 * one for each level, as a binary counter's digits, {@code nodej} a node. With {@code columns} each of them is a row of
 * neighbouring results, and the innermost loop runs along it.
 */
final class ReduceText {
    /** Results side by side in {@code columns}: enough that what is read of a row at once is long. */
    private static final int COLUMNS = 1024;
    /** What the lanes and the stack of an item's columns take at most. */
    private static final int COLUMN_BYTES = 256 << 10;
    /** Rows of a lane in one pass over columns, which often meet: see {@link org.imbrex.kernels.loop.Meeting}. */
    private static final int PASS = 8;
    /** The most instructions that are written out for the elements of a lane, or of a short reduction. */
    private static final int WRITTEN_OUT = 600;
    /** Levels of a run's stack. */
    private static final int RUN_LEVELS = 13;

    private static final int LEAF = CanonicalTree.LEAF;
    private static final int LANES = CanonicalTree.LANES;

    private final ReduceStage stage;
    private final OpenClTarget target;
    private final List<ScalarType> types;
    private final Pointers loads;
    private final Views views;
    private final long[] reducedStrides;
    private final boolean columns;
    private final int width;
    private final boolean single;
    private final List<Long> steps = new ArrayList<>();

    /**
     * @param reducedStrides each load's stride along the reduced axes, or empty where they are not one to all loads
     */
    ReduceText(
            ReduceStage stage, OpenClTarget target, List<ScalarType> types, Pointers loads, Views views,
            long[] reducedStrides, boolean columns) {
        this.stage = stage;
        this.target = target;
        this.types = types;
        this.loads = loads;
        this.views = views;
        this.reducedStrides = reducedStrides;
        this.columns = columns;
        this.width = width(types);
        this.single = target.specialise() && stage.reduced() <= LEAF;
        for (int k = 0; k < stage.loads().size() && isAffine(); k++) {
            if (step(k) < 0) {
                steps.add(reducedStrides[k]);
            }
        }
    }

    /** How many results side by side there are in {@code columns}. */
    static int width(List<ScalarType> types) {
        int bytes = types.stream().mapToInt(ScalarType::bytes).sum();
        return Math.min(COLUMNS, Integer.highestOneBit(COLUMN_BYTES / ((LANES + RUN_LEVELS) * bytes)));
    }

    private boolean isAffine() {
        return reducedStrides.length > 0;
    }

    /** The number of a load's reduced stride, or -1 where it has none yet. */
    private int step(int load) {
        return target.specialise() ? steps.indexOf(reducedStrides[load]) : load < steps.size() ? load : -1;
    }

    // ---- numbers

    /** The names of a reading kernel's numbers after its nest's. */
    List<String> numbers() {
        List<String> names = new ArrayList<>(List.of("leafFrom", "leafTo", "run", "m"));
        for (int step = 0; step < steps.size(); step++) {
            names.add("r" + step);
        }
        if (!isAffine()) {
            for (int axis = stage.from(); axis < stage.to(); axis++) {
                names.add("d" + axis);
            }
            names.addAll(views.numbers());
        }
        return names;
    }

    long[] values(long leafFrom, long leafTo, long run) {
        List<Long> values = new ArrayList<>(List.of(leafFrom, leafTo, run, stage.reduced()));
        values.addAll(steps);
        if (!isAffine()) {
            for (int axis = stage.from(); axis < stage.to(); axis++) {
                values.add(stage.extents()[axis]);
            }
            for (long value : views.values()) {
                values.add(value);
            }
        }
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    /** For the last of the numbers: the pointers whose element 0 they count from. */
    int[] relative() {
        return isAffine() ? new int[0] : views.relative();
    }

    // ---- functions

    /** {@code combine0} and so on, one for each accumulator. */
    void functions(SourceText out) {
        for (int j = 0; j < types.size(); j++) {
            String type = SourceText.type(types.get(j));
            Code code = new Code();
            var body = code.body(
                    stage.combines().get(j).apply(code, code.load(types.get(j), 0), code.load(types.get(j), 1)));
            out.open("static inline %s combine%d(const %s a, const %s b)", type, j, type, type);
            List<String> result = BodyText.write(out, body, slot -> slot == 0 ? "a" : "b", axis -> "", Rare.BRANCH);
            out.line("return %s;", result.getFirst());
            out.close();
            out.line("");
        }
    }

    String type(int j) {
        return SourceText.type(types.get(j));
    }

    String identity(int j) {
        return SourceText.constant(types.get(j), stage.combines().get(j).identity(types.get(j)));
    }

    void each(IntConsumer of) {
        for (int j = 0; j < types.size(); j++) {
            of.accept(j);
        }
    }

    /** Pointers to nodes or accumulators, {@code A0} and so on. */
    List<String> nodes(String name, boolean written) {
        List<String> pointers = new ArrayList<>();
        each(j -> pointers.add("__global %s%s *restrict %s%d"
                .formatted(written ? "" : "const ", SourceText.type(Elements.dense(types.get(j))), name, j)));
        return pointers;
    }

    // ---- kernels that read

    void runs(SourceText out, String name, Nest nest, boolean ends) {
        List<String> pointers = new ArrayList<>(loads.declarations());
        Pointers stores = Pointers.stores(stage.stores(), stage.loads(), loads.count());
        pointers.addAll(ends ? stores.declarations() : nodes("A", true));
        List<String> numbers = new ArrayList<>(nest.numbers());
        numbers.addAll(numbers());
        Kernel.open(out, target, name, pointers, numbers);
        out.line("const long q = get_global_id(2);");
        out.line("const long first = leafFrom + q * run;");
        out.line("const long last = min(first + run, leafTo);");
        nest.openRows(out);
        if (columns) {
            out.open("for (long block = xFrom; block < xTo; block += %d)", width);
            out.line("const long end = min(xTo, block + %d);", width);
            out.line("const int width = end - block;");
        } else {
            nest.openRow(out);
        }
        node(out, nest);
        if (columns) {
            nest.openRow(out, "block", "end");
            each(j -> out.line("const %s node%d = a%d[0][x - block];", type(j), j, j));
        } else {
            each(j -> out.line("const %s node%d = a%d[0];", type(j), j, j));
        }
        end(out, nest, ends ? stores : null, " + q");
        if (columns) {
            out.close();
        }
        out.close();
        out.close();
        out.close();
        out.line("");
    }

    /** Leaves the run's node in lane 0. */
    private void node(SourceText out, Nest nest) {
        String across = columns ? "[" + width + "]" : "";
        each(j -> out.line("%s a%d[%d]%s;", type(j), j, LANES, across));
        if (single) {
            out.line("const long k0 = 0;");
            leaf(out, nest);
            return;
        }
        boolean bits = !columns && ExtremesText.fits(stage, target, types);
        if (bits) {
            ExtremesText.write(out, stage, taking -> values(out, nest, Rare.BRANCH, taking));
            out.open("if (told)");
            each(j -> out.line("a%1$d[0] = value%1$d;", j));
            out.close();
            out.open("else");
        }
        each(j -> out.line("%s s%d[%d]%s;", type(j), j, RUN_LEVELS, across));
        out.open("for (long leaf = first; leaf < last; leaf++)");
        out.line("const long k0 = leaf * %d;", LEAF);
        leaf(out, nest);
        out.line("int level = 0;");
        out.open("for (long full = leaf - first; full & 1; full >>= 1, level++)");
        across(out, j -> "%1$s = combine%2$d(%3$s, %1$s);".formatted(lane(j, "0"), j, stacked(j, "level")));
        out.close();
        across(out, j -> "%s = %s;".formatted(stacked(j, "level"), lane(j, "0")));
        out.close();
        out.line("const long count = last - first;");
        out.line("int level = 0;");
        out.open("while (!((count >> level) & 1))");
        out.line("level++;");
        out.close();
        across(out, j -> "%s = %s;".formatted(lane(j, "0"), stacked(j, "level")));
        out.open("for (level++; (count >> level) != 0; level++)");
        out.open("if ((count >> level) & 1)");
        across(out, j -> "%1$s = combine%2$d(%3$s, %1$s);".formatted(lane(j, "0"), j, stacked(j, "level")));
        out.close();
        out.close();
        if (bits) {
            out.close();
        }
    }

    private String lane(int j, String lane) {
        return "a" + j + "[" + lane + "]" + (columns ? "[i]" : "");
    }

    private String stacked(int j, String level) {
        return "s" + j + "[" + level + "]" + (columns ? "[i]" : "");
    }

    /** A statement for each accumulator, for all columns. */
    private void across(SourceText out, IntFunction<String> statement) {
        each(j -> {
            if (columns) {
                out.open("for (int i = 0; i < width; i++)");
            }
            out.line(statement.apply(j));
            if (columns) {
                out.close();
            }
        });
    }

    private void leaf(SourceText out, Nest nest) {
        boolean again = target.loops() && BodyText.hasRare(stage.body());
        if (again) {
            out.line("int any = 0;");
        }
        lanes(out, nest, again ? Rare.LEFT_OUT : Rare.BRANCH);
        if (again) {
            out.open("if (any)");
            lanes(out, nest, Rare.BRANCH);
            out.close();
        }
        for (int half = LANES / 2; half >= 1; half /= 2) {
            for (int lane = 0; lane < half; lane++) {
                if (!single || lane + half < stage.reduced()) { // what no element came to changes nothing
                    String a = "" + lane;
                    String b = "" + (lane + half);
                    across(out, j -> "%1$s = combine%2$d(%1$s, %3$s);".formatted(lane(j, a), j, lane(j, b)));
                }
            }
        }
    }

    /** Takes the leaf's elements into the lanes. */
    private void lanes(SourceText out, Nest nest, Rare rare) {
        if (columns) {
            columns(out, nest, rare);
            return;
        }
        out.open("for (int l = 0; l < %d; l++)", LANES);
        across(out, j -> lane(j, "l") + " = " + identity(j) + ";");
        out.close();
        if (single && target.loops() && isWrittenOut(stage.reduced())) {
            for (long k = 0; k < stage.reduced(); k++) {
                out.open("");
                out.line("const long k = %d;", k);
                String lane = "[" + k % LANES + "]";
                element(out, nest, rare, j -> "a" + j + lane);
                out.close();
            }
            return;
        }
        Consumer<String> group = guard -> {
            out.open("for (int j = 0; j < %d; j++)", single ? stage.reduced() / LANES : LEAF / LANES);
            eachLane(out, LANES);
            out.line("const long k = k0 + j * %d + l;", LANES);
            if (!guard.isEmpty()) {
                out.open("if (%s)", guard);
            }
            element(out, nest, rare, j -> "a" + j + "[l]");
            if (!guard.isEmpty()) {
                out.close();
            }
            out.close();
            out.close();
        };
        if (!single) {
            out.open("if (k0 + %d <= m)", LEAF);
            group.accept("");
            out.close();
            out.open("else");
            if (target.loops()) {
                out.open("for (long k = k0; k < m; k++)");
                out.line("const int l = k & %d;", LANES - 1);
                element(out, nest, rare, j -> "a" + j + "[l]");
                out.close();
            } else {
                group.accept("k < m"); // lanes by constant numbers stay in registers
            }
            out.close();
            return;
        }
        if (stage.reduced() >= LANES) {
            group.accept("");
        }
        long rest = stage.reduced() % LANES;
        if (rest > 0) {
            eachLane(out, rest);
            out.line("const long k = %d + l;", stage.reduced() - rest);
            element(out, nest, rare, j -> "a" + j + "[l]");
            out.close();
        }
    }

    private boolean isWrittenOut(long elements) {
        return elements * (stage.body().instrs().size() + types.size()) <= WRITTEN_OUT;
    }

    /** The leaf of all columns: of a whole one many of a lane's elements in one pass, their sums in registers. */
    private void columns(SourceText out, Nest nest, Rare rare) {
        long leaf = single ? stage.reduced() : LEAF;
        long rounds = leaf / LANES;
        boolean passes = rounds > 0 && isWrittenOut(rounds);
        String from = "k0";
        if (passes) {
            if (!single) {
                out.open("if (k0 + %d <= m)", LEAF);
            }
            out.open("for (int l = 0; l < %d; l++)", LANES);
            for (long begun = 0; begun < rounds; begun += PASS) {
                nest.openRow(out, "block", "end");
                boolean first = begun == 0;
                each(j -> out.line("%s sum%d = %s;", type(j), j, first ? identity(j) : "a%d[l][x - block]".formatted(j)));
                for (long round = begun; round < Math.min(rounds, begun + PASS); round++) {
                    out.open("");
                    out.line("const long k = k0 + l + %d;", round * LANES);
                    element(out, nest, rare, j -> "sum" + j);
                    out.close();
                }
                each(j -> out.line("a%d[l][x - block] = sum%d;", j, j));
                out.close();
            }
            out.close();
            if (!single) {
                out.close();
                out.open("else");
            } else {
                from = "k0 + " + rounds * LANES;
            }
        }
        if (!passes || !single) {
            out.open("for (int l = 0; l < %d; l++)", LANES);
            across(out, j -> lane(j, "l") + " = " + identity(j) + ";");
            out.close();
        }
        if (!passes || !single || leaf % LANES != 0) {
            out.open("for (long k = %s; k < min(%s, k0 + %d); k++)", from, single ? leaf + "L" : "m", LEAF);
            out.line("const int l = k & %d;", LANES - 1);
            nest.openRow(out, "block", "end");
            element(out, nest, rare, j -> "a" + j + "[l][x - block]");
            out.close();
            out.close();
        }
        if (passes && !single) {
            out.close();
        }
    }

    private void eachLane(SourceText out, long lanes) {
        if (!target.loops()) {
            out.line("#pragma unroll");
        }
        out.open("for (int l = 0; l < %d; l++)", lanes);
    }

    /** Reads the element number {@code k} of the reduced axes at {@code x}, and combines it into its lane. */
    void element(SourceText out, Nest nest, Rare rare, IntFunction<String> lane) {
        values(out, nest, rare, results ->
                each(j -> out.line("%1$s = combine%2$d(%1$s, %3$s);", lane.apply(j), j, results.get(j))));
    }

    /** Has the body's results for element {@code k} taken, in a block of their own. */
    private void values(SourceText out, Nest nest, Rare rare, Consumer<List<String>> taking) {
        out.open("");
        int reduced = stage.to() - stage.from();
        IntFunction<String> indices = axis -> axis < stage.from()
                ? nest.atIndex(axis)
                : axis < stage.to() ? (isAffine() ? "k" : "at" + axis) : nest.atIndex(axis - reduced);
        String[] reads = new String[stage.loads().size()];
        if (isAffine()) {
            for (int load = 0; load < reads.length; load++) {
                long step = target.specialise() ? reducedStrides[load] : Long.MIN_VALUE;
                String along = step == 0 ? "" : step == 1 ? " + k" : " + k * r" + step(load);
                reads[load] = loads.load(load, nest.at("L" + load) + along);
            }
        } else {
            boolean small = stage.reduced() < Integer.MAX_VALUE;
            String word = small ? "uint" : "ulong";
            String rest = "(" + word + ")k";
            for (int axis = stage.to() - 1; axis > stage.from(); axis--) {
                out.line("const %s p%d = %s / (%s)d%d;", word, axis, rest, word, axis);
                out.line("const long at%d = %s - p%d * (%s)d%d;", axis, rest, axis, word, axis);
                rest = "p" + axis;
            }
            out.line("const long at%d = %s;", stage.from(), rest);
            for (int load = 0; load < reads.length; load++) {
                reads[load] = views.read(out, load, indices);
            }
        }
        taking.accept(BodyText.write(out, stage.body(), load -> reads[load], indices, rare));
        out.close();
    }

    /** From {@code node0} and so on to the stores, or, where there are none, to the accumulators. */
    void end(SourceText out, Nest nest, Pointers stores, String more) {
        if (stores == null) {
            each(j -> out.line("A%d[%s%s] = node%d;", j, nest.at("D" + j), more, j));
            return;
        }
        List<String> results = BodyText.write(out, stage.epilogue(), slot -> "node" + slot, axis -> "", Rare.BRANCH);
        for (int k = 0; k < results.size(); k++) {
            out.line(stores.store(k, nest.at("S" + k), results.get(k)));
        }
    }
}
