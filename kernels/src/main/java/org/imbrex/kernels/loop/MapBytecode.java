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

    private static final String VECTOR = "VectorMap";

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
        CountedLoop.emit(code, HiddenLoop.FROM, HiddenLoop.TO, 1, () -> element(code, spec, frame, at, step));
    }

    private static void element(CodeBuilder code, LoopSpec spec, Frame frame, int[] at, int[] step) {
        ScalarCode body = new ScalarCode(code, spec.body(), leaf -> {
            if (leaf.op() == Op.LOAD) {
                LoopSpec.Place place = spec.places().get((int) leaf.imm());
                code.lload(at[frame.load(place.pointer())]);
                add(code, place.offset());
                read(code, spec.loads().get(place.pointer()));
            } else {
                code.lload(at[frame.index(Arrays.binarySearch(spec.axes(), (int) leaf.imm()))]);
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
        return HiddenLoop.define(
                VECTOR, scalar, code -> vectorsAndRest(code, legal), code -> vectors(code, legal, moving));
    }

    /** Whole vectors, and what is left as the end of one more, whose beginning is computed again, or by scalars. */
    private static void vectorsAndRest(CodeBuilder code, LoopSpec spec) {
        int lanes = lanes(spec);
        Runnable from = () -> code.iload(HiddenLoop.FROM);
        Runnable to = () -> code.iload(HiddenLoop.TO);
        HiddenLoop.callPart(code, VECTOR, from, to);
        int rest = code.allocateLocal(TypeKind.INT);
        to.run();
        from.run();
        Label end = code.newLabel();
        code.isub().loadConstant(lanes - 1).iand().dup().istore(rest).branch(Opcode.IFEQ, end);
        if (spec.apart()) {
            Label few = code.newLabel();
            to.run();
            from.run();
            code.isub().loadConstant(lanes).branch(Opcode.IF_ICMPLT, few);
            HiddenLoop.callPart(code, VECTOR, () -> code.iload(HiddenLoop.TO).loadConstant(lanes).isub(), to);
            code.branch(Opcode.GOTO, end).labelBinding(few);
        }
        HiddenLoop.callScalar(code, () -> code.iload(HiddenLoop.TO).iload(rest).isub(), to);
        code.labelBinding(end);
    }

    private static int lanes(LoopSpec spec) {
        return Lanes.of(List.of(spec.body()), spec.loads(), spec.stores());
    }

    private static void vectors(CodeBuilder code, LoopSpec spec, boolean[] moving) {
        int lanes = lanes(spec);
        Frame frame = new Frame(spec.loads().size(), spec.stores().size(), spec.axes().length);
        int[] at = new int[frame.entries()];
        Arrays.setAll(at, k -> longFromFrame(code, k));
        long[] lowest = lowest(spec);
        for (int pointer = 0; pointer < lowest.length; pointer++) {
            code.lload(at[pointer]);
            add(code, lowest[pointer]);
            Range.address(code);
            code.lstore(at[pointer]);
        }
        for (int s = 0; s < spec.stores().size(); s++) {
            code.lload(at[frame.store(s)]);
            Range.address(code);
            code.lstore(at[frame.store(s)]);
        }
        int[] standing = standing(code, spec, moving);
        int limit = code.allocateLocal(TypeKind.INT);
        code.iload(HiddenLoop.TO).loadConstant(lanes - 1).isub().istore(limit);
        CountedLoop.emit(
                code,
                HiddenLoop.FROM,
                limit,
                lanes,
                () -> vector(code, spec, moving, lanes, frame, at, lowest, standing));
    }

    /** Of each pointer of a load the least of 0 and what its places add to it: loops count from there up. */
    private static long[] lowest(LoopSpec spec) {
        long[] lowest = new long[spec.loads().size()];
        for (LoopSpec.Place place : spec.places()) {
            lowest[place.pointer()] = Math.min(lowest[place.pointer()], place.offset());
        }
        return lowest;
    }

    private static void vector(
            CodeBuilder code,
            LoopSpec spec,
            boolean[] moving,
            int lanes,
            Frame frame,
            int[] at,
            long[] lowest,
            int[] standing) {
        int[] axes = spec.axes();
        int loads = spec.loads().size();
        VectorMemory memory = new VectorMemory(code, lanes);
        VectorCode body = new VectorCode(code, spec.body(), lanes, (vector, leaf) -> {
            if (leaf.op() == Op.LOAD) {
                LoopSpec.Place place = spec.places().get((int) leaf.imm());
                DType dtype = spec.loads().get(place.pointer());
                if (moving[place.pointer()]) {
                    memory.load(vector, dtype, () -> {
                        address(code, at[place.pointer()], dtype);
                        add(code, place.offset() - lowest[place.pointer()]);
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
                index(vector, code, leaf.type(), moving[loads + number]);
            }
        });
        body.emit();
        Label next = code.newLabel();
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
        code.labelBinding(next);
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

    /** From the first index on the stack, a long, to a vector of indices. */
    static void index(VectorCode vector, CodeBuilder code, ScalarType type, boolean moving) {
        if (type == ScalarType.I32) {
            code.l2i();
        }
        vector.broadcast(type);
        if (moving) {
            ClassDesc indices = Lanes.vector(type);
            code.iconst_1().invokevirtual(indices, "addIndex", MethodTypeDesc.of(indices, CD_int));
        }
    }

    private static void address(CodeBuilder code, int pointer, DType dtype) {
        code.lload(pointer).iload(HiddenLoop.FROM);
        Range.element(code, dtype.bytes());
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

    /** A local with an address that the frame has. */
    static int addressFromFrame(CodeBuilder code, int entry) {
        int local = code.allocateLocal(TypeKind.LONG);
        pushFrame(code, entry);
        Range.address(code);
        code.lstore(local);
        return local;
    }

    static int intFromFrame(CodeBuilder code, int entry) {
        int local = code.allocateLocal(TypeKind.INT);
        pushFrame(code, entry);
        code.l2i().istore(local);
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
