package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.type.DType;

/**
 * The bytecode of loops over slots, each a leaf or a part of one whose lanes are combined. Lanes of all columns lie
 * together: element e of a slot, rows of {@code columns} one after another, belongs to place e mod
 * {@code 8 * columns}.
 */
final class LaneBytecode {
    private static final ClassDesc HERE = ClassDesc.of(LaneBytecode.class.getPackageName(), "LaneBytecode");

    private final CodeBuilder code;
    private final LaneSpec spec;
    private final LaneFrame frame;
    private final int[] axes;
    private final Body step;
    private final List<DType> dense;
    private final int width;

    private LaneBytecode(CodeBuilder code, LaneSpec spec, boolean vector) {
        this.code = code;
        this.spec = spec;
        this.axes = LoopSpec.axes(spec.body());
        this.frame = new LaneFrame(spec.loads().size(), axes.length, spec.combines().size());
        this.step = vector ? Legal.of(spec.step()) : spec.step();
        this.dense = spec.dense();
        this.width = CanonicalTree.LANES * spec.columns();
    }

    /** Lanes in memory, any steps; starts them at the identity where the first element is 0, and goes on elsewhere. */
    static Loop scalar(LaneSpec spec) {
        return HiddenLoop.define("ScalarLanes", null, code -> new LaneBytecode(code, spec, false).scalar());
    }

    /** Whole leaves, one column: lanes in registers, and the leaf's value written. */
    static Loop leaves(LaneSpec spec, boolean[] moving) {
        return HiddenLoop.define("VectorLeaves", null, code -> new LaneBytecode(code, spec, true).vector(moving, true));
    }

    /** Any number of elements that fills the lanes evenly: lanes in registers, then written. */
    static Loop lanes(LaneSpec spec, boolean[] moving) {
        return HiddenLoop.define("VectorLanes", null, code -> new LaneBytecode(code, spec, true).vector(moving, false));
    }

    /** Sets {@code count} elements of 4 or 8 bytes. */
    static void fill(long address, int count, int bytes, long bits) {
        for (int i = 0; i < count; i++) {
            if (bytes == 4) {
                Memory.put32((int) bits, address + 4L * i);
            } else {
                Memory.put64(bits, address + 8L * i);
            }
        }
    }

    // ---- scalar

    private void scalar() {
        int[] start = new int[frame.loads() + frame.indices()];
        int[] at = new int[start.length];
        int[] next = new int[start.length];
        int[] by = new int[start.length];
        for (int k = 0; k < start.length; k++) {
            next[k] = MapBytecode.longFromFrame(code, frame.slotStep(k));
            by[k] = MapBytecode.longFromFrame(code, frame.elementStep(k));
            start[k] = slotStart(k, next[k]);
            at[k] = code.allocateLocal(TypeKind.LONG);
        }
        int[] out = outs();
        int first = intFromFrame(frame.fromElement());
        int last = intFromFrame(frame.toElement());
        int element = code.allocateLocal(TypeKind.INT);
        int lane = code.allocateLocal(TypeKind.INT);
        slots(() -> {
            Label goesOn = code.newLabel();
            code.iload(first).branch(Opcode.IFNE, goesOn);
            for (int k = 0; k < out.length; k++) {
                ScalarType type = dense.get(k).scalar();
                code.lload(out[k])
                        .loadConstant(width)
                        .loadConstant(type.bytes())
                        .loadConstant(spec.combines().get(k).identity(type))
                        .invokestatic(HERE, "fill", MethodTypeDesc.of(CD_void, CD_long, CD_int, CD_int, CD_long));
            }
            code.labelBinding(goesOn);
            for (int k = 0; k < at.length; k++) {
                code.lload(start[k]).iload(first).i2l().lload(by[k]).lmul().ladd().lstore(at[k]);
            }
            code.iload(first).istore(element);
            code.iload(first).loadConstant(width).irem().istore(lane);
            Label top = code.newLabel();
            Label end = code.newLabel();
            code.labelBinding(top).iload(element).iload(last).branch(Opcode.IF_ICMPGE, end);
            ScalarCode body = new ScalarCode(code, step, leaf -> {
                if (leaf.op() == Op.INDEX) {
                    code.lload(at[frame.index(Arrays.binarySearch(axes, (int) leaf.imm()))]);
                } else if (leaf.imm() < frame.loads()) {
                    code.lload(at[(int) leaf.imm()]);
                    MapBytecode.read(code, spec.loads().get((int) leaf.imm()));
                } else {
                    int k = (int) leaf.imm() - frame.loads();
                    place(out[k], lane, dense.get(k));
                    MapBytecode.read(code, dense.get(k));
                }
            });
            body.emit();
            for (int k = 0; k < out.length; k++) {
                body.push(step.results().get(k));
                place(out[k], lane, dense.get(k));
                MapBytecode.write(code, dense.get(k));
            }
            for (int k = 0; k < at.length; k++) {
                code.lload(at[k]).lload(by[k]).ladd().lstore(at[k]);
            }
            Label same = code.newLabel();
            code.iinc(lane, 1).iload(lane).loadConstant(width).branch(Opcode.IF_ICMPLT, same);
            code.iconst_0().istore(lane).labelBinding(same);
            code.iinc(element, 1).branch(Opcode.GOTO, top).labelBinding(end);
            advance(start, next);
            advance(out);
        });
    }

    private void place(int pointer, int lane, DType dtype) {
        code.lload(pointer).iload(lane).loadConstant(dtype.bytes()).imul().i2l().ladd();
    }

    // ---- vectors

    private void vector(boolean[] moving, boolean whole) {
        int lanes = lanes(spec);
        int parts = width / lanes;
        int entries = frame.loads() + frame.indices();
        int[] at = new int[entries];
        int[] next = new int[entries];
        for (int k = 0; k < entries; k++) {
            next[k] = MapBytecode.longFromFrame(code, frame.slotStep(k));
            at[k] = slotStart(k, next[k]);
        }
        int[] out = outs();
        int[] spill = new int[out.length];
        for (int k = 0; k < out.length; k++) {
            spill[k] = MapBytecode.longFromFrame(code, frame.spill(k));
        }
        boolean unrolled = whole && parts * 16 * step.instrs().size() <= 320;
        int last = intFromFrame(frame.toElement());
        int element = code.allocateLocal(TypeKind.INT);
        VectorMemory memory = new VectorMemory(code, lanes);
        int[][] accumulator = new int[parts][out.length];
        for (int[] part : accumulator) {
            Arrays.setAll(part, k -> code.allocateLocal(TypeKind.REFERENCE));
        }
        slots(() -> {
            Pieces pieces = new Pieces(moving, at, element, memory, accumulator, lanes);
            pieces.identities();
            if (unrolled) {
                for (int row = 0; row < CanonicalTree.LEAF / CanonicalTree.LANES; row++) {
                    for (int part = 0; part < parts; part++) {
                        pieces.step(part, row * width + part * lanes, false);
                    }
                }
            } else {
                Label top = code.newLabel();
                Label end = code.newLabel();
                code.iconst_0().istore(element);
                code.labelBinding(top).iload(element).iload(last).branch(Opcode.IF_ICMPGE, end);
                for (int part = 0; part < parts; part++) {
                    pieces.step(part, part * lanes, true);
                }
                code.iinc(element, width).branch(Opcode.GOTO, top).labelBinding(end);
            }
            for (int k = 0; k < out.length; k++) {
                for (int part = 0; part < parts; part++) {
                    int to = whole ? spill[k] : out[k];
                    int offset = part * lanes * dense.get(k).bytes();
                    code.aload(accumulator[part][k]);
                    memory.store(dense.get(k), () -> code.lload(to).loadConstant((long) offset).ladd());
                }
            }
            if (whole) {
                fold(spill, out);
            }
            advance(at, next);
            advance(out);
        });
    }

    /** At most 8, so that a row of lanes is whole vectors. */
    static int lanes(LaneSpec spec) {
        return Math.min(CanonicalTree.LANES, Lanes.of(List.of(spec.step()), spec.loads(), spec.dense()));
    }

    private final class Pieces {
        private final boolean[] moving;
        private final int[] at;
        private final int element;
        private final VectorMemory memory;
        private final int[][] accumulator;
        private final int lanes;

        Pieces(boolean[] moving, int[] at, int element, VectorMemory memory, int[][] accumulator, int lanes) {
            this.moving = moving;
            this.at = at;
            this.element = element;
            this.memory = memory;
            this.accumulator = accumulator;
            this.lanes = lanes;
        }

        void identities() {
            VectorCode vector = new VectorCode(code, step, lanes, (v, leaf) -> {});
            for (int[] part : accumulator) {
                for (int k = 0; k < part.length; k++) {
                    ScalarType type = dense.get(k).scalar();
                    ScalarCode.constant(code, type, spec.combines().get(k).identity(type));
                    vector.broadcast(type);
                    code.astore(part[k]);
                }
            }
        }

        /** One vector of elements, at {@code offset} elements from the slot's start and the loop's element. */
        void step(int part, int offset, boolean loop) {
            VectorCode body = new VectorCode(code, step, lanes, (vector, leaf) -> leaf(vector, leaf, part, offset, loop));
            body.emit();
            for (int k = 0; k < accumulator[part].length; k++) {
                body.push(step.results().get(k));
                code.astore(accumulator[part][k]);
            }
        }

        private void leaf(VectorCode vector, Instr leaf, int part, int offset, boolean loop) {
            if (leaf.op() == Op.INDEX) {
                int number = frame.index(Arrays.binarySearch(axes, (int) leaf.imm()));
                code.lload(at[number]);
                if (moving[number]) {
                    elements(offset, loop, 1);
                }
                MapBytecode.index(vector, code, moving[number]);
            } else if (leaf.imm() >= frame.loads()) {
                code.aload(accumulator[part][(int) leaf.imm() - frame.loads()]);
            } else {
                int slot = (int) leaf.imm();
                DType dtype = spec.loads().get(slot);
                if (moving[slot]) {
                    memory.load(vector, dtype, () -> {
                        code.lload(at[slot]);
                        elements(offset, loop, dtype.bytes());
                    });
                } else {
                    code.lload(at[slot]);
                    MapBytecode.read(code, dtype);
                    vector.broadcast(dtype.scalar());
                }
            }
        }

        private void elements(int offset, boolean loop, int bytes) {
            code.loadConstant((long) offset * bytes).ladd();
            if (loop) {
                code.iload(element).i2l().loadConstant((long) bytes).lmul().ladd();
            }
        }
    }

    /** From the lanes in memory to the leaf's value. */
    private void fold(int[] spill, int[] out) {
        Body fold = Bodies.fold(spec.combines(), spec.types());
        ScalarCode body = new ScalarCode(code, fold, leaf -> {
            int k = (int) leaf.imm() % out.length;
            long lane = leaf.imm() / out.length;
            code.lload(spill[k]).loadConstant(lane * dense.get(k).bytes()).ladd();
            MapBytecode.read(code, dense.get(k));
        });
        body.emit();
        for (int k = 0; k < out.length; k++) {
            body.push(fold.results().get(k));
            code.lload(out[k]);
            MapBytecode.write(code, dense.get(k));
        }
    }

    // ---- pieces

    private void slots(Runnable slot) {
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.labelBinding(top).iload(HiddenLoop.FROM).iload(HiddenLoop.TO).branch(Opcode.IF_ICMPGE, end);
        slot.run();
        code.iinc(HiddenLoop.FROM, 1).branch(Opcode.GOTO, top).labelBinding(end);
    }

    /** A local with an entry's start in the slot {@code from}. */
    private int slotStart(int entry, int step) {
        int local = code.allocateLocal(TypeKind.LONG);
        MapBytecode.pushFrame(code, entry);
        code.iload(HiddenLoop.FROM).i2l().lload(step).lmul().ladd().lstore(local);
        return local;
    }

    private int[] outs() {
        int[] out = new int[frame.accumulators()];
        for (int k = 0; k < out.length; k++) {
            int step = MapBytecode.longFromFrame(code, frame.outStep(k));
            out[k] = slotStart(frame.out(k), step);
        }
        return out;
    }

    private void advance(int[] at, int[] step) {
        for (int k = 0; k < at.length; k++) {
            code.lload(at[k]).lload(step[k]).ladd().lstore(at[k]);
        }
    }

    private void advance(int[] out) {
        IntConsumer one = k -> {
            code.lload(out[k]);
            MapBytecode.pushFrame(code, frame.outStep(k));
            code.ladd().lstore(out[k]);
        };
        for (int k = 0; k < out.length; k++) {
            one.accept(k);
        }
    }

    private int intFromFrame(int entry) {
        int local = code.allocateLocal(TypeKind.INT);
        MapBytecode.pushFrame(code, entry);
        code.l2i().istore(local);
        return local;
    }
}
