package org.imbrex.kernels.tornado;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.util.function.IntConsumer;
import org.imbrex.kernels.loop.ScalarCode;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.tornado.TornadoKernel.Role;

/** Elements through views, neighbours and edges and all: the code to which {@code View.element} is the model. */
public final class ViewCode {
    private final KernelCode out;
    private final CodeBuilder code;

    public ViewCode(KernelCode out) {
        this.out = out;
        this.code = out.code();
    }

    /** Pushes {@code start + sum of index * stride}, a long. */
    public void pushElement(View view, Runnable start, IntConsumer index) {
        start.run();
        for (int axis = 0; axis < view.strides().length; axis++) {
            long stride = view.strides()[axis];
            if (stride == 0) {
                continue;
            }
            index.accept(axis);
            if (stride != 1) {
                code.loadConstant(stride).lmul();
            }
            code.ladd();
        }
    }

    /** Reads a view's element into a new local variable, whose number is returned. */
    public int read(String name, Role role, View view, Runnable start, IntConsumer index) {
        ScalarType type = view.dtype().scalar();
        int value = out.local(name, type);
        Runnable store = () -> code.storeLocal(ScalarCode.kind(type), value);
        if (view.shifts().isEmpty()) {
            out.read(role, view.dtype(), () -> pushElement(view, start, index));
            store.run();
            return value;
        }
        int[] mapped = new int[view.strides().length];
        java.util.Arrays.fill(mapped, -1);
        for (Shift shift : view.shifts()) {
            int at = out.longLocal(name + "at" + shift.axis());
            mapped[shift.axis()] = at;
            index.accept(shift.axis());
            code.loadConstant(shift.by()).ladd().lstore(at);
            map(at, view.mode(), shift.extent());
        }
        IntConsumer of = axis -> {
            if (mapped[axis] >= 0) {
                code.lload(mapped[axis]);
            } else {
                index.accept(axis);
            }
        };
        Runnable inside = () -> {
            out.read(role, view.dtype(), () -> pushElement(view, start, of));
            store.run();
        };
        if (view.mode() != EdgeMode.CONSTANT) {
            inside.run();
            return value;
        }
        Label beyond = code.newLabel();
        Label end = code.newLabel();
        for (Shift shift : view.shifts()) {
            code.lload(mapped[shift.axis()]).lconst_0().lcmp().iflt(beyond);
        }
        inside.run();
        code.goto_(end).labelBinding(beyond);
        out.apply(fill(view), slot -> {}, axis -> {}).push(0);
        store.run();
        code.labelBinding(end);
        return value;
    }

    /** The body that gives what lies beyond the edge. */
    public static Body fill(View view) {
        Code fill = new Code();
        return fill.body(fill.constant(view.dtype().scalar(), view.fill()));
    }

    /** The index within [0, extent), or for {@link EdgeMode#CONSTANT} -1. */
    private void map(int at, EdgeMode mode, long extent) {
        Label inside = code.newLabel();
        Label outside = code.newLabel();
        code.lload(at).lconst_0().lcmp().iflt(outside);
        code.lload(at).loadConstant(extent).lcmp().iflt(inside);
        code.labelBinding(outside);
        switch (mode) {
            case EDGE -> {
                Label low = code.newLabel();
                Label end = code.newLabel();
                code.lload(at).lconst_0().lcmp().iflt(low);
                code.loadConstant(extent - 1).lstore(at).goto_(end);
                code.labelBinding(low).lconst_0().lstore(at);
                code.labelBinding(end);
            }
            case CONSTANT -> code.loadConstant(-1L).lstore(at);
            case WRAP -> remainder(at, extent);
            case REFLECT -> {
                if (extent == 1) {
                    code.lconst_0().lstore(at);
                } else {
                    remainder(at, 2 * extent - 2);
                    mirror(at, extent, 2 * extent - 2);
                }
            }
            case SYMMETRIC -> {
                remainder(at, 2 * extent);
                mirror(at, extent, 2 * extent - 1);
            }
        }
        code.labelBinding(inside);
    }

    /** The floor's remainder. */
    private void remainder(int at, long of) {
        code.lload(at).loadConstant(of).lrem().lstore(at);
        out.when(() -> code.lload(at).lconst_0().lcmp(), Opcode.IFGE, () -> code.lload(at)
                .loadConstant(of)
                .ladd()
                .lstore(at));
    }

    private void mirror(int at, long extent, long back) {
        out.when(() -> code.lload(at).loadConstant(extent).lcmp(), Opcode.IFLT, () -> code.loadConstant(back)
                .lload(at)
                .lsub()
                .lstore(at));
    }
}
