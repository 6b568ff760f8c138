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
import java.util.function.BiConsumer;
import org.imbrex.kernels.type.DType;

/** The bytecode that packs a matrix's elements into panels [k][width]. */
final class PanelLoops {
    /** Rows that are read side by side. */
    private static final int TOGETHER = 8;

    private PanelLoops() {}

    /** What a packing reads of its frame, as locals: the array and where in it, INNER, the address FROM and the two steps. */
    private record Walk(int to, int at, int inner, int from, int down, int step) {}

    /** Code that does something OUTER times, after reading the frame. */
    private static PanelCode each(String name, DType dtype, BiConsumer<CodeBuilder, Walk> body) {
        return PanelCode.define(name, code -> {
            Walk walk = new Walk(
                    array(code, dtype, PanelCode.FIRST),
                    MapBytecode.intFromFrame(code, ProductLoop.A),
                    MapBytecode.intFromFrame(code, ProductLoop.INNER),
                    MapBytecode.addressFromFrame(code, ProductLoop.FROM),
                    MapBytecode.longFromFrame(code, ProductLoop.OUTER_STEP),
                    MapBytecode.longFromFrame(code, ProductLoop.INNER_STEP));
            int outer = MapBytecode.intFromFrame(code, ProductLoop.OUTER);
            Label next = code.newLabel();
            Label end = code.newLabel();
            code.labelBinding(next).iload(outer).branch(Opcode.IFLE, end);
            body.accept(code, walk);
            code.iinc(outer, -1).branch(Opcode.GOTO, next).labelBinding(end);
        });
    }

    /**
     * One panel, element by element: {@code to[at + o * outerStep + i * innerStep]} for each of OUTER o and INNER i,
     * from addresses that the frame's steps lead to.
     */
    static PanelCode scalar(DType dtype, int outerStep, int innerStep) {
        return each("ScalarPack", dtype, (code, walk) -> {
            int at = code.allocateLocal(TypeKind.INT);
            int address = code.allocateLocal(TypeKind.LONG);
            int i = code.allocateLocal(TypeKind.INT);
            code.iload(walk.at).istore(at).lload(walk.from).lstore(address).iconst_0().istore(i);
            CountedLoop.emitSome(code, i, walk.inner, 1, () -> {
                code.aload(walk.to).iload(at).lload(address);
                VectorMemory.read(code, dtype);
                code.arrayStore(ScalarCode.kind(dtype.scalar()));
                code.iload(at).loadConstant(innerStep).iadd().istore(at);
                Range.move(code, address, walk.step);
            });
            Range.move(code, walk.from, walk.down);
            code.iload(walk.at).loadConstant(outerStep).iadd().istore(walk.at);
        });
    }

    /**
     * OUTER panels of {@code width} rows each, OUTER_STEP bytes from row to row, whose elements lie side by side: one of each
     * row in turn, so that memory is read in as many streams. More than eight would not stay in a first-level cache where
     * they meet.
     */
    static PanelCode turned(DType dtype, int width) {
        return each("TurnedPack", dtype, (code, walk) -> {
            int[] row = new int[width];
            Arrays.setAll(row, r -> code.allocateLocal(TypeKind.LONG));
            int k = code.allocateLocal(TypeKind.INT);
            int place = code.allocateLocal(TypeKind.INT);
            for (int local : row) {
                code.lload(walk.from).lstore(local);
                Range.move(code, walk.from, walk.down);
            }
            for (int first = 0; first < width; first += TOGETHER) {
                int[] some = Arrays.copyOfRange(row, first, Math.min(width, first + TOGETHER));
                code.iload(walk.at).loadConstant(first).iadd().istore(place).iconst_0().istore(k);
                CountedLoop.emitSome(code, k, walk.inner, 1, () -> turn(code, dtype, walk.to, place, some, k, width));
            }
            code.iload(walk.at).iload(walk.inner).loadConstant(width).imul().iadd().istore(walk.at);
        });
    }

    /** Element k of each of some rows, to a place and those after it, which then moves by a panel's width. */
    private static void turn(CodeBuilder code, DType dtype, int to, int place, int[] rows, int k, int width) {
        for (int r = 0; r < rows.length; r++) {
            code.aload(to).iload(place).loadConstant(r).iadd().lload(rows[r]).iload(k);
            Range.element(code, dtype.bytes());
            VectorMemory.read(code, dtype);
            code.arrayStore(ScalarCode.kind(dtype.scalar()));
        }
        code.iload(place).loadConstant(width).iadd().istore(place);
    }

    /** OUTER panels of {@code vectors} whole vectors, whose elements lie side by side, INNER_STEP bytes from k to k. */
    static PanelCode vector(DType dtype, int vectors, int lanes) {
        return each("VectorPack", dtype, (code, walk) -> {
            VectorMemory memory = new VectorMemory(code, lanes);
            int address = code.allocateLocal(TypeKind.LONG);
            int k = code.allocateLocal(TypeKind.INT);
            code.lload(walk.from).lstore(address).iconst_0().istore(k);
            CountedLoop.emitSome(code, k, walk.inner, 1, () -> {
                for (int v = 0; v < vectors; v++) {
                    int offset = v * lanes;
                    memory.load(null, dtype, () -> code.lload(address)
                            .loadConstant((long) offset * dtype.bytes())
                            .ladd());
                    toArray(code, dtype, lanes, walk.to, () -> code.iload(walk.at).loadConstant(offset).iadd());
                }
                code.iload(walk.at).loadConstant(vectors * lanes).iadd().istore(walk.at);
                Range.move(code, address, walk.step);
            });
            Range.move(code, walk.from, walk.down);
        });
    }

    static ClassDesc arrayType(DType dtype) {
        return (switch (dtype.scalar()) {
                    case I32 -> CD_int;
                    case I64 -> CD_long;
                    case F32 -> CD_float;
                    case F64 -> CD_double;
                    case BOOL -> throw new IllegalArgumentException("no product of bools");
                })
                .arrayType();
    }

    /** A new array of a dtype's elements. */
    static Object allocate(DType dtype, int elements) {
        return switch (dtype.scalar()) {
            case I32 -> new int[elements];
            case I64 -> new long[elements];
            case F32 -> new float[elements];
            case F64 -> new double[elements];
            case BOOL -> throw new IllegalArgumentException("no product of bools");
        };
    }

    /** A local that holds a parameter as an array. */
    static int array(CodeBuilder code, DType dtype, int parameter) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        code.aload(parameter).checkcast(arrayType(dtype)).astore(local);
        return local;
    }

    /** Pushes {@code array[index + offset]}. */
    static void element(CodeBuilder code, DType dtype, int array, int index, int offset) {
        code.aload(array).iload(index).loadConstant(offset).iadd().arrayLoad(ScalarCode.kind(dtype.scalar()));
    }

    /** Pushes the vector at an index of an array. */
    static void fromArray(CodeBuilder code, DType dtype, int lanes, int array, Runnable index) {
        ClassDesc vector = Lanes.vector(dtype.scalar());
        code.getstatic(vector, Lanes.species(dtype.bytes(), lanes), Lanes.SPECIES).aload(array);
        index.run();
        code.invokestatic(
                vector, "fromArray", MethodTypeDesc.of(vector, Lanes.SPECIES, arrayType(dtype), CD_int));
        Known.vector(code, dtype.scalar(), lanes);
    }

    /** Stores the vector on the stack at an index of an array. */
    static void toArray(CodeBuilder code, DType dtype, int lanes, int array, Runnable index) {
        Known.vector(code, dtype.scalar(), lanes);
        code.aload(array);
        index.run();
        code.invokevirtual(
                Lanes.vector(dtype.scalar()), "intoArray", MethodTypeDesc.of(CD_void, arrayType(dtype), CD_int));
    }
}
