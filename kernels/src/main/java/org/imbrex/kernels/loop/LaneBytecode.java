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
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;

/**
 * The bytecode of loops over slots, each a leaf, a part of one or many whose lanes are combined. A slot may have several
 * columns, whose elements lie together in rows: then element e of the slot belongs to place e mod width, where width
 * is 8 times the columns.
 */
final class LaneBytecode {
    private static final ClassDesc HERE = ClassDesc.of(LaneBytecode.class.getPackageName(), "LaneBytecode");

    private final CodeBuilder code;
    private final LaneSlots slots;

    private LaneBytecode(CodeBuilder code, LaneSpec spec) {
        this.code = code;
        this.slots = new LaneSlots(code, spec, false);
    }

    /** Lanes in memory, any steps; starts them at the identity where the first element is 0, and goes on elsewhere. */
    static Loop scalar(LaneSpec spec) {
        return HiddenLoop.define("ScalarLanes", null, code -> new LaneBytecode(code, spec).scalar());
    }

    /** Whole leaves, one column: lanes in registers, and the leaf's value written. */
    static Loop leaves(LaneSpec spec, boolean[] moving) {
        return HiddenLoop.define("VectorLeaves", null, code -> new LaneVectors(code, spec, moving).leaves());
    }

    /** Slots of whole leaves of one column, whose elements may come in any order. */
    static Loop anyOrder(LaneSpec spec, boolean[] moving) {
        return HiddenLoop.define("VectorFold", null, code -> new LaneVectors(code, spec, moving).anyOrder());
    }

    /** Rows of any width, any number of them: lanes in registers, one vector of the width after another. */
    static Loop lanes(LaneSpec spec, boolean[] moving) {
        return HiddenLoop.define("VectorLanes", null, code -> new LaneVectors(code, spec, moving).lanes());
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

    private void scalar() {
        int[] start = new int[slots.frame.loads() + slots.frame.indices()];
        int[] at = new int[start.length];
        int[] next = new int[start.length];
        int[] by = new int[start.length];
        for (int k = 0; k < start.length; k++) {
            next[k] = MapBytecode.longFromFrame(code, slots.frame.slotStep(k));
            by[k] = MapBytecode.longFromFrame(code, slots.frame.elementStep(k));
            start[k] = slots.slotStart(k, next[k]);
            at[k] = code.allocateLocal(TypeKind.LONG);
        }
        int[] out = slots.outs();
        int first = MapBytecode.intFromFrame(code, slots.frame.fromElement());
        int last = MapBytecode.intFromFrame(code, slots.frame.toElement());
        int width = MapBytecode.intFromFrame(code, slots.frame.width());
        int element = code.allocateLocal(TypeKind.INT);
        int lane = code.allocateLocal(TypeKind.INT);
        slots.slots(() -> {
            Label goesOn = code.newLabel();
            code.iload(first).branch(Opcode.IFNE, goesOn);
            for (int k = 0; k < out.length; k++) {
                ScalarType type = slots.dense.get(k).scalar();
                code.lload(out[k])
                        .iload(width)
                        .loadConstant(type.bytes())
                        .loadConstant(slots.spec.combines().get(k).identity(type))
                        .invokestatic(HERE, "fill", MethodTypeDesc.of(CD_void, CD_long, CD_int, CD_int, CD_long));
            }
            code.labelBinding(goesOn);
            for (int k = 0; k < at.length; k++) {
                code.lload(start[k]).iload(first).i2l().lload(by[k]).lmul().ladd().lstore(at[k]);
            }
            code.iload(first).istore(element);
            code.iload(first).iload(width).irem().istore(lane);
            CountedLoop.emit(code, element, last, 1, () -> {
                ScalarCode body = new ScalarCode(code, slots.step, leaf -> {
                    if (leaf.op() == Op.INDEX) {
                        code.lload(at[slots.frame.index(Arrays.binarySearch(slots.axes, (int) leaf.imm()))]);
                    } else if (leaf.imm() < slots.frame.loads()) {
                        code.lload(at[(int) leaf.imm()]);
                        MapBytecode.read(code, slots.spec.loads().get((int) leaf.imm()));
                    } else {
                        int k = (int) leaf.imm() - slots.frame.loads();
                        slots.place(out[k], lane, slots.dense.get(k));
                        MapBytecode.read(code, slots.dense.get(k));
                    }
                });
                body.emit();
                for (int k = 0; k < out.length; k++) {
                    body.push(slots.step.results().get(k));
                    slots.place(out[k], lane, slots.dense.get(k));
                    MapBytecode.write(code, slots.dense.get(k));
                }
                for (int k = 0; k < at.length; k++) {
                    code.lload(at[k]).lload(by[k]).ladd().lstore(at[k]);
                }
                Label same = code.newLabel();
                code.iinc(lane, 1).iload(lane).iload(width).branch(Opcode.IF_ICMPLT, same);
                code.iconst_0().istore(lane).labelBinding(same);
            });
            slots.advance(start, next);
            slots.advance(out);
        });
    }
}
