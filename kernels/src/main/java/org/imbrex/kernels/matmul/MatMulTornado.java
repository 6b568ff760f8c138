package org.imbrex.kernels.matmul;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.loop.ScalarCode;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.Launch.Memory;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.tornado.Box;
import org.imbrex.kernels.tornado.KernelCode;
import org.imbrex.kernels.tornado.TornadoKernel;
import org.imbrex.kernels.tornado.TornadoKernel.Parameter;
import org.imbrex.kernels.tornado.TornadoKernel.Role;
import org.imbrex.kernels.tornado.TornadoTypes;
import org.imbrex.kernels.tornado.ViewCode;
import org.imbrex.kernels.type.DType;

/**
 * A work item for each block of results, in the one order: chains of fma over blocks of k, the blocks' values added. An
 * item's columns lie as far apart as items lie in a row, so that neighbouring items read neighbouring elements.
 */
public final class MatMulTornado {
    private static final String NAME = "imbrexProduct";
    /** The most rows and columns of an item's block. */
    private static final int MOST = 4;

    /** The numbers: how many items, the tile's rows and columns, the box of blocks, where each load and store begins. */
    private static final int ITEMS = 0;

    private static final int FIRST_ROW = 1;
    private static final int ROWS = 2;
    private static final int FIRST_COL = 3;
    private static final int COLS = 4;
    private static final int BOX = 5;

    private final MatMulStage stage;
    private final ScalarType type;
    private final int rowAxis;
    private final int colAxis;
    private final int high;
    private final int wide;
    /** The batch's axes, then blocks of rows and of columns. */
    private final Box box;

    private final int starts;
    private final TornadoKernel kernel;

    public MatMulTornado(MatMulStage stage, TornadoTypes types) {
        this.stage = stage;
        this.type = stage.dtype().scalar();
        this.rowAxis = stage.domain().length - 2;
        this.colAxis = stage.domain().length - 1;
        // in software an fma takes so long that what blocks save, loads, does not count
        int most = type.isFloat() && types.fma() == TornadoTypes.Fma.SOFTWARE ? 1 : MOST;
        this.high = Math.clamp(stage.domain()[rowAxis], 1, most);
        this.wide = Math.clamp(stage.domain()[colAxis], 1, most);
        this.box = new Box(blocks(stage.domain()), BOX);
        this.starts = BOX + box.numbers();
        Set<Parameter> parameters = new LinkedHashSet<>();
        stage.loads().forEach(view -> parameters.add(new Parameter(Role.READ, view.dtype())));
        parameters.add(new Parameter(Role.WRITTEN, stage.c().dtype()));
        int numbers = starts + stage.loads().size() + 1;
        this.kernel = KernelCode.make(types, NAME, numbers, List.copyOf(parameters), this::text);
    }

    public List<TornadoKernel> kernels() {
        return List.of(kernel);
    }

    public List<DType> scratch() {
        return List.of();
    }

    /** Extents with blocks in the place of rows and columns. */
    private long[] blocks(long[] extents) {
        long[] blocks = extents.clone();
        blocks[rowAxis] = Math.ceilDiv(blocks[rowAxis], high);
        blocks[colAxis] = Math.ceilDiv(blocks[colAxis], wide);
        return blocks;
    }

    private Body step() {
        Code code = new Code();
        var a = code.load(type, 0);
        var b = code.load(type, 1);
        var sum = code.load(type, 2);
        return code.body(type.isFloat() ? code.fma(a, b, sum) : code.add(sum, code.mul(a, b)));
    }

    private Body sum() {
        Code code = new Code();
        return code.body(code.add(code.load(type, 0), code.load(type, 1)));
    }

    // ---- text

    private void text(KernelCode out) {
        CodeBuilder code = out.code();
        stage.loads().forEach(view -> out.prepare(ViewCode.fill(view)));
        out.prepare(stage.epilogue());
        int item = out.longLocal("item");
        out.pushItem();
        code.lstore(item);
        out.when(
                () -> {
                    code.lload(item);
                    out.pushNumber(ITEMS);
                    code.lcmp();
                },
                Opcode.IFGE,
                () -> block(out, item));
    }

    private void block(KernelCode out, int item) {
        box.indices(out, item);
        // beyond the last row or column an item reads that one again, and writes nothing
        int[] rows = new int[high];
        for (int i = 0; i < high; i++) {
            long number = i;
            rows[i] = place(out, "row" + i, () -> pushRow(out, () -> out.code().loadConstant(number)));
            least(out, rows[i], ROWS);
            move(out, rows[i], FIRST_ROW);
        }
        int[] cols = new int[wide];
        for (int j = 0; j < wide; j++) {
            long number = j;
            cols[j] = place(out, "col" + j, () -> pushCol(out, () -> out.code().loadConstant(number)));
            least(out, cols[j], COLS);
            move(out, cols[j], FIRST_COL);
        }
        int[] totals = totals(out, rows, cols);
        CodeBuilder code = out.code();
        int all = out.array("totals", type, totals.length);
        for (int at = 0; at < totals.length; at++) {
            code.aload(all).loadConstant(at);
            load(out, totals[at]);
            out.toArray(type);
        }
        int at = out.longLocal("at");
        out.loop(at, code::lconst_0, () -> code.loadConstant((long) totals.length), () -> finish(out, all, at));
    }

    /** Pushes the number in the tile of one of a block's rows, whose number there {@code k} pushes. */
    private void pushRow(KernelCode out, Runnable k) {
        box.push(out, rowAxis);
        out.code().loadConstant((long) high).lmul();
        k.run();
        out.code().ladd();
    }

    private void pushCol(KernelCode out, Runnable k) {
        box.push(out, colAxis);
        out.pushNumber(BOX + 2 * colAxis + 1);
        k.run();
        out.code().lmul().ladd();
    }

    private static int place(KernelCode out, String name, Runnable push) {
        int place = out.longLocal(name);
        push.run();
        out.code().lstore(place);
        return place;
    }

    /** Sets a variable that is not below a count to the last one. */
    private static void least(KernelCode out, int variable, int count) {
        out.when(() -> compare(out, variable, count), Opcode.IFLT, () -> {
            out.pushNumber(count);
            out.code().lconst_1().lsub().lstore(variable);
        });
    }

    private static void compare(KernelCode out, int variable, int number) {
        out.code().lload(variable);
        out.pushNumber(number);
        out.code().lcmp();
    }

    private static void move(KernelCode out, int variable, int by) {
        out.code().lload(variable);
        out.pushNumber(by);
        out.code().ladd().lstore(variable);
    }

    private int[] locals(KernelCode out, String name, int count) {
        return IntStream.range(0, count).map(k -> out.local(name + k, type)).toArray();
    }

    /** The variables that hold the sums of a block. */
    private int[] totals(KernelCode out, int[] rows, int[] cols) {
        CodeBuilder code = out.code();
        int[] totals = locals(out, "total", high * wide);
        int[] sums = locals(out, "sum", high * wide);
        int from = out.longLocal("from");
        int to = out.longLocal("to");
        int k = out.longLocal("k");
        long block = MatMulStage.BLOCK;
        out.whileTrue(() -> code.lload(from).loadConstant(stage.inner()).lcmp(), Opcode.IFGE, () -> {
            code.lload(from).loadConstant(block).ladd().lstore(to);
            out.when(
                    () -> code.lload(to).loadConstant(stage.inner()).lcmp(),
                    Opcode.IFLE,
                    () -> code.loadConstant(stage.inner()).lstore(to));
            for (int sum : sums) {
                ScalarCode.constant(code, type, 0);
                store(out, sum);
            }
            out.loop(k, () -> code.lload(from), () -> code.lload(to), () -> products(out, rows, cols, k, sums));
            var first = code.newLabel();
            var end = code.newLabel();
            code.lload(from).lconst_0().lcmp().ifeq(first);
            for (int at = 0; at < sums.length; at++) {
                int total = totals[at];
                int sum = sums[at];
                out.apply(sum(), slot -> load(out, slot == 0 ? total : sum), axis -> {}).push(0);
                store(out, total);
            }
            code.goto_(end).labelBinding(first);
            for (int at = 0; at < sums.length; at++) {
                load(out, sums[at]);
                store(out, totals[at]);
            }
            code.labelBinding(end);
            code.lload(to).lstore(from);
        });
        return totals;
    }

    private void products(KernelCode out, int[] rows, int[] cols, int k, int[] sums) {
        ViewCode views = new ViewCode(out);
        int[] a = new int[high];
        for (int i = 0; i < high; i++) {
            int row = rows[i];
            a[i] = views.read(
                    "a" + i, Role.READ, stage.a(), () -> out.pushNumber(starts), axis -> index(out, axis, row, k));
        }
        int[] b = new int[wide];
        for (int j = 0; j < wide; j++) {
            int col = cols[j];
            b[j] = views.read(
                    "b" + j, Role.READ, stage.b(), () -> out.pushNumber(starts + 1), axis -> index(out, axis, k, col));
        }
        for (int at = 0; at < sums.length; at++) {
            int left = a[at / wide];
            int right = b[at % wide];
            int sum = sums[at];
            out.apply(step(), slot -> load(out, slot == 0 ? left : slot == 1 ? right : sum), axis -> {})
                    .push(0);
            store(out, sum);
        }
    }

    private void index(KernelCode out, int axis, int row, int col) {
        if (axis < rowAxis) {
            box.push(out, axis);
        } else {
            out.code().lload(axis == rowAxis ? row : col);
        }
    }

    private void load(KernelCode out, int variable) {
        out.code().loadLocal(ScalarCode.kind(type), variable);
    }

    private void store(KernelCode out, int variable) {
        out.code().storeLocal(ScalarCode.kind(type), variable);
    }

    /** Makes a result of a sum and writes it, where it lies in the tile. */
    private void finish(KernelCode out, int totals, int at) {
        CodeBuilder code = out.code();
        int row = place(out, "row", () -> pushRow(out, () -> code.lload(at).loadConstant((long) wide).ldiv()));
        int col = place(out, "col", () -> pushCol(out, () -> code.lload(at).loadConstant((long) wide).lrem()));
        out.when(() -> compare(out, row, ROWS), Opcode.IFGE, () -> out.when(
                () -> compare(out, col, COLS), Opcode.IFGE, () -> {
                    move(out, row, FIRST_ROW);
                    move(out, col, FIRST_COL);
                    result(out, () -> {
                        code.aload(totals).lload(at).l2i();
                        out.fromArray(type);
                    }, axis -> index(out, axis, row, col));
                }));
    }

    private void result(KernelCode out, Runnable total, IntConsumer index) {
        ViewCode views = new ViewCode(out);
        int[] others = new int[stage.others().size()];
        for (int k = 0; k < others.length; k++) {
            int start = starts + 2 + k;
            others[k] = views.read(
                    "other" + k, Role.READ, stage.others().get(k), () -> out.pushNumber(start), index);
        }
        var results = out.apply(
                stage.epilogue(),
                slot -> {
                    if (slot == 0) {
                        total.run();
                    } else {
                        View other = stage.others().get(slot - 1);
                        out.code().loadLocal(ScalarCode.kind(other.dtype().scalar()), others[slot - 1]);
                    }
                },
                index);
        int start = starts + stage.loads().size();
        out.write(
                Role.WRITTEN,
                stage.c().dtype(),
                () -> views.pushElement(stage.c(), () -> out.pushNumber(start), index),
                () -> results.push(0));
    }

    // ---- launches

    public Launch.Sequence launches(Tile tile) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return new Launch.Sequence(List.of(), List.of());
        }
        long[] lo = tile.lo().clone();
        long[] extents = new long[lo.length];
        Arrays.setAll(extents, axis -> tile.hi()[axis] - tile.lo()[axis]);
        long[] blocks = blocks(extents);
        lo[rowAxis] = 0;
        lo[colAxis] = 0;
        long[] hi = new long[lo.length];
        Arrays.setAll(hi, axis -> lo[axis] + blocks[axis]);
        long count = Arrays.stream(blocks).reduce(1, Math::multiplyExact);
        List<Long> numbers = new ArrayList<>(
                List.of(count, tile.lo()[rowAxis], extents[rowAxis], tile.lo()[colAxis], extents[colAxis]));
        numbers.addAll(box.values(lo, hi));
        List<Memory> memory = new ArrayList<>();
        for (int k = 0; k < stage.loads().size(); k++) {
            memory.add(new Memory.Load(k));
            numbers.add(stage.loads().get(k).offset());
        }
        memory.add(new Memory.Store(0));
        numbers.add(stage.c().offset());
        numbers.add(0L);
        int[] relative = new int[numbers.size()];
        Arrays.fill(relative, -1);
        for (int at = 0; at < memory.size(); at++) {
            relative[starts + at] = at;
        }
        long[] values = numbers.stream().mapToLong(Long::longValue).toArray();
        long[] items = {count, 1, 1};
        return new Launch.Sequence(
                List.of(), List.of(new Launch(NAME, items, new long[] {1, 1, 1}, memory, values, relative)));
    }
}
