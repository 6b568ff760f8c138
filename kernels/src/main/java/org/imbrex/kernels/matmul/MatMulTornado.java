package org.imbrex.kernels.matmul;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
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

/** A work item for each result, in the one order: chains of fma over blocks of k, the blocks' values added. */
public final class MatMulTornado {
    private static final String NAME = "imbrexProduct";
    private static final int ITEMS = 0;

    private final MatMulStage stage;
    private final ScalarType type;
    private final Box box;
    private final int starts;
    private final TornadoKernel kernel;

    public MatMulTornado(MatMulStage stage, TornadoTypes types) {
        this.stage = stage;
        this.type = stage.dtype().scalar();
        this.box = new Box(stage.domain(), ITEMS + 1);
        this.starts = ITEMS + 1 + box.numbers();
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
                () -> result(out, item));
    }

    private void result(KernelCode out, int item) {
        CodeBuilder code = out.code();
        box.indices(out, item);
        int total = out.local("total", type);
        int sum = out.local("sum", type);
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
            ScalarCode.constant(code, type, 0);
            code.storeLocal(ScalarCode.kind(type), sum);
            out.loop(k, () -> code.lload(from), () -> code.lload(to), () -> product(out, k, sum));
            var first = code.newLabel();
            var end = code.newLabel();
            code.lload(from).lconst_0().lcmp().ifeq(first);
            out.apply(sum(), slot -> load(out, slot == 0 ? total : sum), axis -> {}).push(0);
            code.storeLocal(ScalarCode.kind(type), total).goto_(end).labelBinding(first);
            load(out, sum);
            code.storeLocal(ScalarCode.kind(type), total).labelBinding(end);
            code.lload(to).lstore(from);
        });
        finish(out, total);
    }

    private void finish(KernelCode out, int total) {
        ViewCode views = new ViewCode(out);
        int[] loads = new int[1 + stage.others().size()];
        loads[0] = total;
        for (int k = 1; k < loads.length; k++) {
            int start = starts + 1 + k;
            View view = stage.others().get(k - 1);
            loads[k] = views.read(
                    "other" + k, Role.READ, view, () -> out.pushNumber(start), axis -> box.push(out, axis));
        }
        var results = out.apply(
                stage.epilogue(),
                slot -> {
                    ScalarType loaded = slot == 0 ? type : stage.others().get(slot - 1).dtype().scalar();
                    out.code().loadLocal(ScalarCode.kind(loaded), loads[slot]);
                },
                axis -> box.push(out, axis));
        int start = starts + stage.loads().size();
        out.write(
                Role.WRITTEN,
                stage.c().dtype(),
                () -> views.pushElement(stage.c(), () -> out.pushNumber(start), axis -> box.push(out, axis)),
                () -> results.push(0));
    }

    private void load(KernelCode out, int variable) {
        out.code().loadLocal(ScalarCode.kind(type), variable);
    }

    private void product(KernelCode out, int k, int sum) {
        int rank = stage.domain().length;
        IntConsumer inA = axis -> index(out, axis, rank - 1, k);
        IntConsumer inB = axis -> index(out, axis, rank - 2, k);
        ViewCode views = new ViewCode(out);
        int a = views.read("a", Role.READ, stage.a(), () -> out.pushNumber(starts), inA);
        int b = views.read("b", Role.READ, stage.b(), () -> out.pushNumber(starts + 1), inB);
        out.apply(step(), slot -> load(out, slot == 0 ? a : slot == 1 ? b : sum), axis -> {})
                .push(0);
        out.code().storeLocal(ScalarCode.kind(type), sum);
    }

    private void index(KernelCode out, int axis, int inner, int k) {
        if (axis == inner) {
            out.code().lload(k);
        } else {
            box.push(out, axis);
        }
    }

    public Launch.Sequence launches(Tile tile) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return new Launch.Sequence(List.of(), List.of());
        }
        List<Long> numbers = new ArrayList<>();
        numbers.add(tile.elements());
        numbers.addAll(box.values(tile));
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
        long[] items = {tile.elements(), 1, 1};
        return new Launch.Sequence(
                List.of(), List.of(new Launch(NAME, items, new long[] {1, 1, 1}, memory, values, relative)));
    }
}
