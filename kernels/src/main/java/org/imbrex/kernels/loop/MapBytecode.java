package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
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
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.type.DType;

/** The bytecode of loops over the elements of a run: a scalar one for any steps, and one of vectors. */
final class MapBytecode {
    private static final ClassDesc MEMORY = ClassDesc.of(MapBytecode.class.getPackageName(), "Memory");

    private MapBytecode() {}

    // ---- scalar

    /** A loop whose every pointer moves by its own step. */
    static Loop scalar(LoopSpec spec) {
        return HiddenLoop.define("ScalarMap", null, code -> scalar(code, spec));
    }

    private static void scalar(CodeBuilder code, LoopSpec spec) {
        int[] axes = spec.axes();
        Frame frame = new Frame(spec.loads().size(), spec.stores().size(), axes.length);
        int[] at = new int[frame.entries()];
        int[] step = new int[frame.entries()];
        for (int k = 0; k < at.length; k++) {
            step[k] = longFromFrame(code, frame.step(k));
            at[k] = code.allocateLocal(TypeKind.LONG);
            pushFrame(code, k);
            code.iload(HiddenLoop.FROM).i2l().lload(step[k]).lmul().ladd().lstore(at[k]);
        }
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.labelBinding(top).iload(HiddenLoop.FROM).iload(HiddenLoop.TO).branch(Opcode.IF_ICMPGE, end);
        ScalarCode body = new ScalarCode(code, spec.body(), leaf -> {
            if (leaf.op() == Op.LOAD) {
                LoopSpec.Place place = spec.places().get((int) leaf.imm());
                code.lload(at[frame.load(place.pointer())]);
                add(code, place.offset());
                read(code, spec.loads().get(place.pointer()));
            } else {
                code.lload(at[frame.index(Arrays.binarySearch(axes, (int) leaf.imm()))]);
            }
        });
        body.emit();
        for (int s = 0; s < spec.stores().size(); s++) {
            body.push(spec.body().results().get(s));
            code.lload(at[frame.store(s)]);
            write(code, spec.stores().get(s));
        }
        for (int k = 0; k < at.length; k++) {
            code.lload(at[k]).lload(step[k]).ladd().lstore(at[k]);
        }
        code.iinc(HiddenLoop.FROM, 1).branch(Opcode.GOTO, top).labelBinding(end);
    }

    // ---- vectors

    /**
     * A loop over contiguous elements.
     *
     * @param moving for each load and each index whether it moves by one element a step, or stands still
     * @param scalar takes the last few elements, and those that ask for a rare side
     */
    static Loop vector(LoopSpec spec, boolean[] moving, Loop scalar) {
        LoopSpec legal = new LoopSpec(
                Legal.of(spec.body()), spec.loads(), spec.stores(), spec.places(), spec.apart());
        return HiddenLoop.define("VectorMap", scalar, code -> vector(code, legal, moving));
    }

    private static void vector(CodeBuilder code, LoopSpec spec, boolean[] moving) {
        int[] axes = spec.axes();
        int lanes = Lanes.of(List.of(spec.body()), spec.loads(), spec.stores());
        Frame frame = new Frame(spec.loads().size(), spec.stores().size(), axes.length);
        int loads = spec.loads().size();
        int[] at = new int[frame.entries()];
        Arrays.setAll(at, k -> longFromFrame(code, k));
        int[] standing = standing(code, spec, moving);
        int begin = code.allocateLocal(TypeKind.INT);
        code.iload(HiddenLoop.FROM).istore(begin);
        int limit = code.allocateLocal(TypeKind.INT);
        code.iload(HiddenLoop.TO).loadConstant(lanes).isub().istore(limit);
        Label top = code.newLabel();
        Label next = code.newLabel();
        Label end = code.newLabel();
        code.labelBinding(top).iload(HiddenLoop.FROM).iload(limit).branch(Opcode.IF_ICMPGT, end);
        VectorMemory memory = new VectorMemory(code, lanes);
        VectorCode body = new VectorCode(code, spec.body(), lanes, (vector, leaf) -> {
            if (leaf.op() == Op.LOAD) {
                LoopSpec.Place place = spec.places().get((int) leaf.imm());
                DType dtype = spec.loads().get(place.pointer());
                if (moving[place.pointer()]) {
                    memory.load(vector, dtype, () -> {
                        address(code, at[place.pointer()], dtype);
                        add(code, place.offset());
                    });
                } else {
                    code.loadLocal(ScalarCode.kind(dtype.scalar()), standing[(int) leaf.imm()]);
                    vector.broadcast(dtype.scalar());
                }
            } else {
                int number = Arrays.binarySearch(axes, (int) leaf.imm());
                code.lload(at[frame.index(number)]);
                if (moving[loads + number]) {
                    code.iload(HiddenLoop.FROM).i2l().ladd();
                }
                index(vector, code, moving[loads + number]);
            }
        });
        body.emit();
        if (body.hasRare()) {
            Label common = code.newLabel();
            body.pushRare();
            pushFrame(code, frame.force());
            code.l2i().ior();
            pushFrame(code, frame.ignore());
            code.l2i().iconst_m1().ixor().iand().branch(Opcode.IFEQ, common);
            HiddenLoop.callScalar(
                    code,
                    () -> code.iload(HiddenLoop.FROM),
                    () -> code.iload(HiddenLoop.FROM).loadConstant(lanes).iadd());
            code.branch(Opcode.GOTO, next).labelBinding(common);
        }
        for (int s = 0; s < spec.stores().size(); s++) {
            DType dtype = spec.stores().get(s);
            int pointer = at[frame.store(s)];
            memory.store(body, spec.body().results().get(s), dtype, () -> address(code, pointer, dtype));
        }
        code.labelBinding(next).iinc(HiddenLoop.FROM, lanes).branch(Opcode.GOTO, top);
        code.labelBinding(end);
        if (spec.apart()) {
            // what is left is the end of one more vector, whose beginning is computed again
            Label few = code.newLabel();
            code.iload(HiddenLoop.FROM).iload(HiddenLoop.TO).branch(Opcode.IF_ICMPGE, few);
            code.iload(limit).iload(begin).branch(Opcode.IF_ICMPLT, few);
            code.iload(limit).istore(HiddenLoop.FROM).branch(Opcode.GOTO, top).labelBinding(few);
        }
        HiddenLoop.callScalar(code, () -> code.iload(HiddenLoop.FROM), () -> code.iload(HiddenLoop.TO));
    }

    /** For each slot whose pointer stands still, a local with the element there. */
    private static int[] standing(CodeBuilder code, LoopSpec spec, boolean[] moving) {
        int[] standing = new int[spec.places().size()];
        for (int slot = 0; slot < standing.length; slot++) {
            LoopSpec.Place place = spec.places().get(slot);
            if (!moving[place.pointer()]) {
                DType dtype = spec.loads().get(place.pointer());
                pushFrame(code, place.pointer());
                add(code, place.offset());
                read(code, dtype);
                TypeKind kind = ScalarCode.kind(dtype.scalar());
                standing[slot] = code.allocateLocal(kind);
                code.storeLocal(kind, standing[slot]);
            }
        }
        return standing;
    }

    private static void add(CodeBuilder code, long offset) {
        if (offset != 0) {
            code.loadConstant(offset).ladd();
        }
    }

    /** From the first index on the stack to a vector of I64 indices. */
    static void index(VectorCode vector, CodeBuilder code, boolean moving) {
        vector.broadcast(ScalarType.I64);
        if (moving) {
            ClassDesc longs = Lanes.vector(ScalarType.I64);
            code.iconst_1().invokevirtual(longs, "addIndex", MethodTypeDesc.of(longs, CD_int));
        }
    }

    private static void address(CodeBuilder code, int pointer, DType dtype) {
        code.lload(pointer).iload(HiddenLoop.FROM).i2l().loadConstant((long) dtype.bytes()).lmul().ladd();
    }

    // ---- pieces

    static void pushFrame(CodeBuilder code, int entry) {
        code.aload(HiddenLoop.FRAME).loadConstant(entry).laload();
    }

    static int longFromFrame(CodeBuilder code, int entry) {
        int local = code.allocateLocal(TypeKind.LONG);
        pushFrame(code, entry);
        code.lstore(local);
        return local;
    }

    /** From an address on the stack to the element there. */
    static void read(CodeBuilder code, DType dtype) {
        code.invokestatic(MEMORY, dtype.text(), MethodTypeDesc.of(VectorCode.scalar(dtype.scalar()), CD_long));
    }

    /** Writes a value to an address, both on the stack. */
    static void write(CodeBuilder code, DType dtype) {
        switch (dtype) {
            case BOOL, I8, U8 -> code.invokestatic(MEMORY, "put8", MethodTypeDesc.of(CD_void, CD_int, CD_long));
            case I16 -> code.invokestatic(MEMORY, "put16", MethodTypeDesc.of(CD_void, CD_int, CD_long));
            case I32 -> code.invokestatic(MEMORY, "put32", MethodTypeDesc.of(CD_void, CD_int, CD_long));
            case I64 -> code.invokestatic(MEMORY, "put64", MethodTypeDesc.of(CD_void, CD_long, CD_long));
            case F32 -> code.invokestatic(MEMORY, "putF32", MethodTypeDesc.of(CD_void, CD_float, CD_long));
            case F64 -> code.invokestatic(MEMORY, "putF64", MethodTypeDesc.of(CD_void, CD_double, CD_long));
        }
    }

}
