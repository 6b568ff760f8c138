package org.imbrex.kernels.reduce;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.util.List;
import java.util.function.IntConsumer;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.ScalarCode;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.tornado.Box;
import org.imbrex.kernels.tornado.KernelCode;
import org.imbrex.kernels.tornado.TornadoKernel.Role;
import org.imbrex.kernels.tornado.ViewCode;

/**
 * The code of a reduction's kernels. Of accumulator j: an array holds a leaf's lanes, another the stack of finished
 * nodes, one for each level, as a binary counter's digits.
 */
final class ReduceTornadoCode {
    /** The numbers: work items, the tile's leaves, leaves in a run, runs of each result; then the box, the memory. */
    private static final int ITEMS = 0;

    private static final int LEAF_FROM = 1;
    private static final int LEAF_TO = 2;
    private static final int RUN = 3;
    private static final int COUNT = 4;
    static final int BOX = 5;

    private static final int LEAF = CanonicalTree.LEAF;
    private static final int LANES = CanonicalTree.LANES;
    /** Levels of a run's stack, and of a fold's. */
    private static final int RUN_LEVELS = 13;
    private static final int FOLD_LEVELS = 32;

    private final ReduceStage stage;
    private final List<ScalarType> types;
    private final Box box;
    private final int reads;
    private final int writes;

    ReduceTornadoCode(ReduceStage stage, List<ScalarType> types, Box box) {
        this.stage = stage;
        this.types = types;
        this.box = box;
        this.reads = BOX + box.numbers();
        this.writes = reads + Math.max(types.size(), stage.loads().size());
    }

    void whole(KernelCode out) {
        reading(out, (item, nodes) -> end(out, nodes));
    }

    void runs(KernelCode out, Role to) {
        reading(out, (item, nodes) -> leave(out, to, item, nodes));
    }

    void fold(KernelCode out) {
        folding(out, (item, nodes) -> end(out, nodes));
    }

    void foldPartial(KernelCode out) {
        folding(out, (item, nodes) -> leave(out, Role.WRITTEN, item, nodes));
    }

    private interface End {
        /** @param nodes the local variable of each accumulator */
        void accept(int item, int[] nodes);
    }

    private int item(KernelCode out) {
        int item = out.longLocal("item");
        out.pushItem();
        out.code().lstore(item);
        return item;
    }

    private void guarded(KernelCode out, int item, Runnable text) {
        out.when(
                () -> {
                    out.code().lload(item);
                    out.pushNumber(ITEMS);
                    out.code().lcmp();
                },
                Opcode.IFGE,
                text);
    }

    private void store(KernelCode out, int k, int variable) {
        out.code().storeLocal(ScalarCode.kind(types.get(k)), variable);
    }

    private void load(KernelCode out, int k, int variable) {
        out.code().loadLocal(ScalarCode.kind(types.get(k)), variable);
    }

    // ---- ends

    private void end(KernelCode out, int[] nodes) {
        var results = out.apply(stage.epilogue(), slot -> load(out, slot, nodes[slot]), axis -> {});
        ViewCode views = new ViewCode(out);
        for (int k = 0; k < stage.stores().size(); k++) {
            View view = stage.stores().get(k);
            int number = k;
            out.write(
                    Role.WRITTEN,
                    view.dtype(),
                    () -> views.pushElement(view, () -> out.pushNumber(writes + number), axis -> box.push(out, axis)),
                    () -> results.push(number));
        }
    }

    private void leave(KernelCode out, Role to, int item, int[] nodes) {
        for (int k = 0; k < types.size(); k++) {
            int number = k;
            out.write(
                    to,
                    Elements.dense(types.get(k)),
                    () -> {
                        out.pushNumber(writes + number);
                        out.code().lload(item).ladd();
                    },
                    () -> load(out, number, nodes[number]));
        }
    }

    // ---- combining

    private Body combine(int k) {
        Code code = new Code();
        ScalarType type = types.get(k);
        return code.body(stage.combines().get(k).apply(code, code.load(type, 0), code.load(type, 1)));
    }

    /** {@code into = combine(first, into)}, or the other way round. */
    private void combine(KernelCode out, int k, Runnable first, Runnable second) {
        out.apply(combine(k), slot -> (slot == 0 ? first : second).run(), axis -> {}).push(0);
    }

    private void identity(KernelCode out, int k) {
        Code code = new Code();
        Body body = code.body(code.constant(types.get(k), stage.combines().get(k).identity(types.get(k))));
        out.apply(body, slot -> {}, axis -> {}).push(0);
    }

    private Body identities(int k) {
        Code code = new Code();
        return code.body(code.constant(types.get(k), stage.combines().get(k).identity(types.get(k))));
    }

    private void fromArray(KernelCode out, int k, int array, Runnable at) {
        out.code().aload(array);
        at.run();
        out.fromArray(types.get(k));
    }

    private void toArray(KernelCode out, int k, int array, Runnable at, Runnable value) {
        out.code().aload(array);
        at.run();
        value.run();
        out.toArray(types.get(k));
    }

    /** Puts a finished leaf or node on the stack: {@code done} is how many came before it. */
    private void carry(KernelCode out, int[] stack, int[] nodes, int done, int full, int level) {
        CodeBuilder code = out.code();
        code.lload(done).lstore(full).iconst_0().istore(level);
        out.whileTrue(() -> code.lload(full).lconst_1().land().lconst_0().lcmp(), Opcode.IFEQ, () -> {
            merge(out, stack, nodes, level);
            code.lload(full).iconst_1().lshr().lstore(full).iinc(level, 1);
        });
        for (int k = 0; k < nodes.length; k++) {
            int number = k;
            toArray(out, k, stack[k], () -> code.iload(level), () -> load(out, number, nodes[number]));
        }
    }

    private void merge(KernelCode out, int[] stack, int[] nodes, int level) {
        for (int k = 0; k < nodes.length; k++) {
            int number = k;
            combine(
                    out, k,
                    () -> fromArray(out, number, stack[number], () -> out.code().iload(level)),
                    () -> load(out, number, nodes[number]));
            store(out, k, nodes[k]);
        }
    }

    /** What is left on the stack as one node, from the lowest level up. */
    private void collapse(KernelCode out, int[] stack, int[] nodes, int count, int level) {
        CodeBuilder code = out.code();
        Runnable digit = () -> code.lload(count).iload(level).lshr().lconst_1().land().lconst_0().lcmp();
        code.iconst_0().istore(level);
        out.whileTrue(digit, Opcode.IFNE, () -> code.iinc(level, 1));
        for (int k = 0; k < nodes.length; k++) {
            fromArray(out, k, stack[k], () -> code.iload(level));
            store(out, k, nodes[k]);
        }
        code.iinc(level, 1);
        out.whileTrue(() -> code.lload(count).iload(level).lshr().lconst_0().lcmp(), Opcode.IFEQ, () -> {
            out.when(digit, Opcode.IFEQ, () -> merge(out, stack, nodes, level));
            code.iinc(level, 1);
        });
    }

    private int[] nodes(KernelCode out) {
        int[] nodes = new int[types.size()];
        for (int k = 0; k < nodes.length; k++) {
            nodes[k] = out.local("node" + k, types.get(k));
        }
        return nodes;
    }

    private int[] arrays(KernelCode out, String name, int length) {
        int[] arrays = new int[types.size()];
        for (int k = 0; k < arrays.length; k++) {
            arrays[k] = out.array(name + k, types.get(k), length);
        }
        return arrays;
    }

    // ---- nodes from nodes

    private void folding(KernelCode out, End end) {
        CodeBuilder code = out.code();
        out.prepare(stage.epilogue());
        int item = item(out);
        guarded(out, item, () -> {
            int number = out.longLocal("number");
            code.lload(item).lstore(number);
            box.indices(out, number);
            int[] nodes = nodes(out);
            int[] stack = arrays(out, "stack", FOLD_LEVELS);
            int node = out.longLocal("at");
            int full = out.longLocal("full");
            int count = out.longLocal("count");
            int level = out.intLocal("level");
            out.pushNumber(COUNT);
            code.lstore(count);
            out.loop(node, code::lconst_0, () -> code.lload(count), () -> {
                for (int k = 0; k < nodes.length; k++) {
                    int accumulator = k;
                    out.read(Role.KEPT, Elements.dense(types.get(k)), () -> {
                        out.pushNumber(reads + accumulator);
                        code.lload(item).lload(count).lmul().ladd().lload(node).ladd();
                    });
                    store(out, k, nodes[k]);
                }
                carry(out, stack, nodes, node, full, level);
            });
            collapse(out, stack, nodes, count, level);
            end.accept(item, nodes);
        });
    }

    // ---- nodes from elements

    private void reading(KernelCode out, End end) {
        CodeBuilder code = out.code();
        stage.loads().forEach(view -> out.prepare(ViewCode.fill(view)));
        out.prepare(stage.body());
        out.prepare(stage.epilogue());
        for (int k = 0; k < types.size(); k++) {
            out.prepare(identities(k));
        }
        int item = item(out);
        guarded(out, item, () -> {
            int number = out.longLocal("number");
            int first = out.longLocal("first");
            int last = out.longLocal("last");
            out.pushNumber(COUNT);
            code.lstore(last).lload(item).lload(last).ldiv().lstore(number);
            out.pushNumber(LEAF_FROM);
            code.lload(item).lload(number).lload(last).lmul().lsub();
            out.pushNumber(RUN);
            code.lmul().ladd().lstore(first).lload(first);
            out.pushNumber(RUN);
            code.ladd().lstore(last);
            out.when(
                    () -> {
                        code.lload(last);
                        out.pushNumber(LEAF_TO);
                        code.lcmp();
                    },
                    Opcode.IFLE,
                    () -> {
                        out.pushNumber(LEAF_TO);
                        code.lstore(last);
                    });
            box.indices(out, number);
            end.accept(item, run(out, first, last));
        });
    }

    private int[] run(KernelCode out, int first, int last) {
        CodeBuilder code = out.code();
        int[] nodes = nodes(out);
        int[] lanes = arrays(out, "lanes", LANES);
        if (stage.leaves() == 1) {
            int zero = out.longLocal("leaf");
            leaf(out, zero, lanes, nodes);
            return nodes;
        }
        int[] stack = arrays(out, "stack", RUN_LEVELS);
        int leaf = out.longLocal("leaf");
        int done = out.longLocal("done");
        int full = out.longLocal("full");
        int level = out.intLocal("level");
        out.loop(leaf, () -> code.lload(first), () -> code.lload(last), () -> {
            leaf(out, leaf, lanes, nodes);
            code.lload(leaf).lload(first).lsub().lstore(done);
            carry(out, stack, nodes, done, full, level);
        });
        code.lload(last).lload(first).lsub().lstore(done);
        collapse(out, stack, nodes, done, level);
        return nodes;
    }

    /** Takes the leaf's elements into the lanes, and those into the nodes. */
    private void leaf(KernelCode out, int leaf, int[] lanes, int[] nodes) {
        CodeBuilder code = out.code();
        for (int k = 0; k < lanes.length; k++) {
            int number = k;
            for (int lane = 0; lane < LANES; lane++) {
                int at = lane;
                toArray(out, k, lanes[k], () -> code.loadConstant(at), () -> identity(out, number));
            }
        }
        int element = out.longLocal("element");
        int end = out.longLocal("end");
        int lane = out.intLocal("lane");
        code.lload(leaf).loadConstant((long) LEAF).lmul().loadConstant((long) LEAF).ladd().lstore(end);
        out.when(
                () -> code.lload(end).loadConstant(stage.reduced()).lcmp(),
                Opcode.IFLE,
                () -> code.loadConstant(stage.reduced()).lstore(end));
        out.loop(
                element,
                () -> code.lload(leaf).loadConstant((long) LEAF).lmul(),
                () -> code.lload(end),
                () -> {
                    code.lload(element).loadConstant(LANES - 1L).land().l2i().istore(lane);
                    element(out, element, lane, lanes);
                });
        for (int k = 0; k < lanes.length; k++) {
            int number = k;
            for (int half = LANES / 2; half >= 1; half /= 2) {
                for (int a = 0; a < half; a++) {
                    int left = a;
                    int right = a + half;
                    Runnable value = () -> combine(
                            out, number,
                            () -> fromArray(out, number, lanes[number], () -> code.loadConstant(left)),
                            () -> fromArray(out, number, lanes[number], () -> code.loadConstant(right)));
                    value.run();
                    store(out, k, nodes[k]);
                    toArray(out, k, lanes[k], () -> code.loadConstant(left), () -> load(out, number, nodes[number]));
                }
            }
        }
    }

    private void element(KernelCode out, int element, int lane, int[] lanes) {
        CodeBuilder code = out.code();
        int width = stage.to() - stage.from();
        int[] reduced = new int[width];
        int rest = out.longLocal("rest");
        code.lload(element).lstore(rest);
        for (int axis = width - 1; axis >= 0; axis--) {
            long extent = stage.extents()[stage.from() + axis];
            reduced[axis] = out.longLocal("k" + axis);
            if (axis == 0) {
                code.lload(rest).lstore(reduced[axis]);
            } else if (extent > 1) {
                code.lload(rest).loadConstant(extent).lrem().lstore(reduced[axis]);
                code.lload(rest).loadConstant(extent).ldiv().lstore(rest);
            }
        }
        IntConsumer index = axis -> {
            if (axis >= stage.from() && axis < stage.to()) {
                code.lload(reduced[axis - stage.from()]);
            } else {
                box.push(out, axis < stage.from() ? axis : axis - width);
            }
        };
        ViewCode views = new ViewCode(out);
        int[] loads = new int[stage.loads().size()];
        for (int k = 0; k < loads.length; k++) {
            int number = reads + k;
            loads[k] = views.read("load" + k, Role.READ, stage.loads().get(k), () -> out.pushNumber(number), index);
        }
        var results = out.apply(
                stage.body(),
                slot -> code.loadLocal(ScalarCode.kind(stage.loads().get(slot).dtype().scalar()), loads[slot]),
                index);
        for (int k = 0; k < lanes.length; k++) {
            int number = k;
            combine(
                    out, k,
                    () -> fromArray(out, number, lanes[number], () -> code.iload(lane)),
                    () -> results.push(number));
            int combined = out.local("combined" + k, types.get(k));
            store(out, k, combined);
            toArray(out, k, lanes[k], () -> code.iload(lane), () -> load(out, number, combined));
        }
    }
}
