package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.type.DType;

/** The bytecode of {@link MatVecLoop}. */
final class MatVecBytecode {
    private final CodeBuilder code;
    private final DType dtype;
    private final int lanes;
    private final TypeKind kind;
    private final Body multiplyAdd;
    private final Body add;

    private MatVecBytecode(CodeBuilder code, DType dtype, int lanes) {
        this.code = code;
        this.dtype = dtype;
        this.lanes = lanes;
        ScalarType type = dtype.scalar();
        this.kind = lanes == 1 ? ScalarCode.kind(type) : TypeKind.REFERENCE;
        Code body = new Code();
        this.multiplyAdd = body.body(
                dtype.isFloat()
                        ? body.fma(body.load(type, 0), body.load(type, 1), body.load(type, 2))
                        : body.add(body.load(type, 2), body.mul(body.load(type, 0), body.load(type, 1))));
        Code adding = new Code();
        this.add = adding.body(adding.add(adding.load(type, 0), adding.load(type, 1)));
    }

    /** Some rows times the vector, each a chain in a scalar register: elements of a row lie side by side. */
    static PanelCode dot(DType dtype, int rows) {
        return PanelCode.define("Dot", code -> new MatVecBytecode(code, dtype, 1).dot(rows));
    }

    /**
     * {@code groups} times {@code lanes} rows times the vector in a: a square of the matrix is turned in registers, so
     * that its rows are lanes. Ends within a block: b takes the chains so far, then the sums of the blocks before.
     */
    static PanelCode turned(DType dtype, int lanes, int groups) {
        VectorShape shape = VectorShape.forBitSize(lanes * dtype.bytes() * 8);
        VectorSpecies<?> species = switch (dtype.scalar()) {
            case F32 -> VectorSpecies.of(float.class, shape);
            case F64 -> VectorSpecies.of(double.class, shape);
            case I32 -> VectorSpecies.of(int.class, shape);
            default -> VectorSpecies.of(long.class, shape);
        };
        List<Object> constants = new ArrayList<>();
        for (int distance = 1; distance < lanes; distance *= 2) {
            int d = distance;
            boolean[] upper = new boolean[lanes];
            for (int lane = 0; lane < lanes; lane++) {
                upper[lane] = (lane & d) != 0;
            }
            constants.add(VectorShuffle.fromOp(species, lane -> lane ^ d));
            constants.add(VectorMask.fromArray(species, upper, 0));
        }
        return PanelCode.define("TurnedDot", constants, code -> new MatVecBytecode(code, dtype, lanes).turned(groups));
    }

    /** The rest of a block of k for COUNT rows, from what {@link #turned} leaves in b; a is the vector. */
    static PanelCode finish(DType dtype, int rows) {
        return PanelCode.define("FinishDot", code -> new MatVecBytecode(code, dtype, 1).finish(rows));
    }

    /** {@code a[j] = fma(m[k][j], x[k], a[j])} for some k, one after the other, and COUNT j. */
    static PanelCode axpy(DType dtype, int ks, int lanes) {
        return PanelCode.define(lanes == 1 ? "ScalarAxpy" : "VectorAxpy", code -> new MatVecBytecode(code, dtype, lanes)
                .axpy(ks));
    }

    /** {@code b[j] = b[j] + a[j]; a[j] = 0} for COUNT j. */
    static PanelCode fold(DType dtype) {
        return PanelCode.define("Fold", code -> new MatVecBytecode(code, dtype, 1).fold());
    }

    /** Writes COUNT elements of a to c. */
    static PanelCode store(DType dtype) {
        return PanelCode.define("Store", code -> new MatVecBytecode(code, dtype, 1).store());
    }

    /** What added to x gives x, also where that is -0. */
    static long neutral(DType dtype) {
        return switch (dtype) {
            case F32 -> Semantics.bits(-0f);
            case F64 -> Semantics.bits(-0d);
            default -> 0;
        };
    }

    private void dot(int rows) {
        int m = MapBytecode.longFromFrame(code, MatVecLoop.M);
        int pitch = MapBytecode.longFromFrame(code, MatVecLoop.PITCH);
        int step = MapBytecode.longFromFrame(code, MatVecLoop.STEP);
        int x = MapBytecode.longFromFrame(code, MatVecLoop.X);
        int xStep = MapBytecode.longFromFrame(code, MatVecLoop.X_STEP);
        int left = PanelLoops.intFromFrame(code, MatVecLoop.COUNT);
        int c = MapBytecode.longFromFrame(code, MatVecLoop.C);
        int cStep = MapBytecode.longFromFrame(code, MatVecLoop.C_STEP);
        int[] at = new int[rows];
        int[] sum = new int[rows];
        int[] chain = new int[rows];
        for (int row = 0; row < rows; row++) {
            at[row] = code.allocateLocal(TypeKind.LONG);
            code.lload(m).lstore(at[row]).lload(m).lload(pitch).ladd().lstore(m);
            sum[row] = constant(neutral(dtype));
            chain[row] = code.allocateLocal(kind);
        }
        int k = code.allocateLocal(TypeKind.INT);
        int inner = code.allocateLocal(TypeKind.INT);
        int factor = code.allocateLocal(kind);
        int element = code.allocateLocal(kind);
        Label block = code.newLabel();
        Label end = code.newLabel();
        code.labelBinding(block).iload(left).branch(Opcode.IFLE, end);
        code.iload(left)
                .loadConstant(MatMulStage.BLOCK)
                .invokestatic(ClassDesc.of("java.lang.Math"), "min", MethodTypeDesc.of(CD_int, CD_int, CD_int))
                .istore(inner);
        for (int row = 0; row < rows; row++) {
            ScalarCode.constant(code, dtype.scalar(), 0);
            code.storeLocal(kind, chain[row]);
        }
        code.iconst_0().istore(k);
        CountedLoop.emit(code, k, inner, 1, () -> {
            code.lload(x);
            offset(k, xStep);
            MapBytecode.read(code, dtype);
            code.storeLocal(kind, factor);
            for (int row = 0; row < rows; row++) {
                code.lload(at[row]);
                offset(k, step);
                MapBytecode.read(code, dtype);
                code.storeLocal(kind, element);
                apply(multiplyAdd, element, factor, chain[row]);
                code.storeLocal(kind, chain[row]);
            }
        });
        code.lload(x);
        offset(inner, xStep);
        code.lstore(x);
        for (int row = 0; row < rows; row++) {
            code.lload(at[row]);
            offset(inner, step);
            code.lstore(at[row]);
            apply(add, sum[row], chain[row]);
            code.storeLocal(kind, sum[row]);
        }
        code.iload(left).iload(inner).isub().istore(left).branch(Opcode.GOTO, block).labelBinding(end);
        for (int row = 0; row < rows; row++) {
            code.loadLocal(kind, sum[row]).lload(c);
            MapBytecode.write(code, dtype);
            code.lload(c).lload(cStep).ladd().lstore(c);
        }
    }

    private void turned(int groups) {
        VectorMemory memory = new VectorMemory(code, lanes);
        ClassDesc vector = Lanes.vector(dtype.scalar());
        int m = MapBytecode.longFromFrame(code, MatVecLoop.M);
        int pitch = MapBytecode.longFromFrame(code, MatVecLoop.PITCH);
        int left = PanelLoops.intFromFrame(code, MatVecLoop.COUNT);
        int x = PanelLoops.array(code, dtype, PanelCode.FIRST);
        int state = PanelLoops.array(code, dtype, PanelCode.SECOND);
        int[] sum = new int[groups];
        int[] chain = new int[groups];
        for (int group = 0; group < groups; group++) {
            sum[group] = spread(neutral(dtype));
            chain[group] = code.allocateLocal(TypeKind.REFERENCE);
        }
        int k = code.allocateLocal(TypeKind.INT);
        int end = code.allocateLocal(TypeKind.INT);
        int at = code.allocateLocal(TypeKind.LONG);
        int row = code.allocateLocal(TypeKind.LONG);
        code.iconst_0().istore(k).lload(m).lstore(at);
        Label block = code.newLabel();
        Label done = code.newLabel();
        code.labelBinding(block);
        for (int group = 0; group < groups; group++) {
            int zero = spread(0);
            code.aload(zero).astore(chain[group]);
        }
        code.iload(k).iload(left).loadConstant(MatMulStage.BLOCK);
        code.invokestatic(ClassDesc.of("java.lang.Math"), "min", MethodTypeDesc.of(CD_int, CD_int, CD_int));
        code.iadd().istore(end);
        CountedLoop.emit(code, k, end, lanes, () -> {
            code.lload(at).lstore(row);
            for (int group = 0; group < groups; group++) {
                int[] square = new int[lanes];
                for (int lane = 0; lane < lanes; lane++) {
                    square[lane] = code.allocateLocal(TypeKind.REFERENCE);
                    memory.load(null, dtype, () -> code.lload(row));
                    code.astore(square[lane]).lload(row).lload(pitch).ladd().lstore(row);
                }
                turn(square, vector);
                for (int lane = 0; lane < lanes; lane++) {
                    int factor = code.allocateLocal(TypeKind.REFERENCE);
                    PanelLoops.element(code, dtype, x, k, lane);
                    new VectorCode(code, add, lanes, (v, leaf) -> {}).broadcast(dtype.scalar());
                    code.astore(factor);
                    apply(multiplyAdd, square[lane], factor, chain[group]);
                    code.astore(chain[group]);
                }
            }
            code.lload(at).loadConstant((long) lanes * dtype.bytes()).ladd().lstore(at);
        });
        code.iload(left).loadConstant(MatMulStage.BLOCK).isub().istore(left);
        code.iload(left).branch(Opcode.IFLE, done);
        for (int group = 0; group < groups; group++) {
            apply(add, sum[group], chain[group]);
            code.astore(sum[group]);
        }
        code.branch(Opcode.GOTO, block).labelBinding(done);
        MethodTypeDesc into = MethodTypeDesc.of(CD_void, PanelLoops.arrayType(dtype), CD_int);
        for (int group = 0; group < groups; group++) {
            code.aload(chain[group]).aload(state).loadConstant(group * lanes);
            code.invokevirtual(vector, "intoArray", into);
            code.aload(sum[group]).aload(state).loadConstant((groups + group) * lanes);
            code.invokevirtual(vector, "intoArray", into);
        }
    }

    /** Transposes a square of vectors: halves of pairs change places, in blocks of 1, 2, 4. */
    private void turn(int[] square, ClassDesc vector) {
        ClassDesc shuffle = ClassDesc.of("jdk.incubator.vector.VectorShuffle");
        int constant = 0;
        for (int distance = 1; distance < lanes; distance *= 2) {
            for (int lane = 0; lane < lanes; lane++) {
                if ((lane & distance) == 0) {
                    int low = square[lane];
                    int high = square[lane | distance];
                    square[lane] = code.allocateLocal(TypeKind.REFERENCE);
                    square[lane | distance] = code.allocateLocal(TypeKind.REFERENCE);
                    code.aload(low).aload(high).loadConstant(PanelCode.constant(constant, shuffle));
                    code.invokevirtual(vector, "rearrange", MethodTypeDesc.of(vector, shuffle));
                    blend(vector, constant + 1).astore(square[lane]);
                    code.aload(low).loadConstant(PanelCode.constant(constant, shuffle));
                    code.invokevirtual(vector, "rearrange", MethodTypeDesc.of(vector, shuffle));
                    code.aload(high);
                    blend(vector, constant + 1).astore(square[lane | distance]);
                }
            }
            constant += 2;
        }
    }

    private CodeBuilder blend(ClassDesc vector, int constant) {
        return code.loadConstant(PanelCode.constant(constant, Lanes.MASK))
                .invokevirtual(vector, "blend", MethodTypeDesc.of(vector, Lanes.VECTOR, Lanes.MASK));
    }

    /** A local with the same value in every lane. */
    private int spread(long bits) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        ScalarCode.constant(code, dtype.scalar(), bits);
        new VectorCode(code, add, lanes, (v, leaf) -> {}).broadcast(dtype.scalar());
        code.astore(local);
        return local;
    }

    private void finish(int rows) {
        int m = MapBytecode.longFromFrame(code, MatVecLoop.M);
        int pitch = MapBytecode.longFromFrame(code, MatVecLoop.PITCH);
        int step = MapBytecode.longFromFrame(code, MatVecLoop.STEP);
        int fold = PanelLoops.intFromFrame(code, MatVecLoop.FOLD);
        int first = PanelLoops.intFromFrame(code, MatVecLoop.FIRST);
        int count = PanelLoops.intFromFrame(code, MatVecLoop.COUNT);
        int c = MapBytecode.longFromFrame(code, MatVecLoop.C);
        int cStep = MapBytecode.longFromFrame(code, MatVecLoop.C_STEP);
        int x = PanelLoops.array(code, dtype, PanelCode.FIRST);
        int state = PanelLoops.array(code, dtype, PanelCode.SECOND);
        int chain = code.allocateLocal(kind);
        int factor = code.allocateLocal(kind);
        int element = code.allocateLocal(kind);
        int sum = code.allocateLocal(kind);
        int k = code.allocateLocal(TypeKind.INT);
        int all = code.allocateLocal(TypeKind.INT);
        code.loadConstant(rows).istore(all);
        each(all, row -> {
            PanelLoops.element(code, dtype, state, row, 0);
            code.storeLocal(kind, chain).iload(first).istore(k);
            PanelLoops.element(code, dtype, state, row, rows);
            code.storeLocal(kind, sum);
            Label within = code.newLabel();
            code.iload(fold).branch(Opcode.IFEQ, within);
            apply(add, sum, chain);
            code.storeLocal(kind, sum);
            ScalarCode.constant(code, dtype.scalar(), 0);
            code.storeLocal(kind, chain).labelBinding(within);
            CountedLoop.emit(code, k, count, 1, () -> {
                PanelLoops.element(code, dtype, x, k, 0);
                code.storeLocal(kind, factor).lload(m);
                offset(k, step);
                MapBytecode.read(code, dtype);
                code.storeLocal(kind, element);
                apply(multiplyAdd, element, factor, chain);
                code.storeLocal(kind, chain);
            });
            apply(add, sum, chain);
            code.lload(c);
            MapBytecode.write(code, dtype);
            code.lload(c).lload(cStep).ladd().lstore(c);
            code.lload(m).lload(pitch).ladd().lstore(m);
        });
    }

    private void axpy(int ks) {
        VectorMemory memory = new VectorMemory(code, lanes);
        int m = MapBytecode.longFromFrame(code, MatVecLoop.M);
        int step = MapBytecode.longFromFrame(code, MatVecLoop.STEP);
        int pitch = MapBytecode.longFromFrame(code, MatVecLoop.PITCH);
        int x = MapBytecode.longFromFrame(code, MatVecLoop.X);
        int xStep = MapBytecode.longFromFrame(code, MatVecLoop.X_STEP);
        int from = PanelLoops.intFromFrame(code, MatVecLoop.FIRST);
        int count = PanelLoops.intFromFrame(code, MatVecLoop.COUNT);
        int array = PanelLoops.array(code, dtype, PanelCode.FIRST);
        int[] factor = new int[ks];
        int[] at = new int[ks];
        for (int k = 0; k < ks; k++) {
            factor[k] = code.allocateLocal(kind);
            code.lload(x);
            MapBytecode.read(code, dtype);
            if (lanes > 1) {
                new VectorCode(code, add, lanes, (v, leaf) -> {}).broadcast(dtype.scalar());
            }
            code.storeLocal(kind, factor[k]);
            code.lload(x).lload(xStep).ladd().lstore(x);
            at[k] = code.allocateLocal(TypeKind.LONG);
            code.lload(m).lstore(at[k]).lload(m).lload(step).ladd().lstore(m);
        }
        int chain = code.allocateLocal(kind);
        int element = code.allocateLocal(kind);
        CountedLoop.emit(code, from, count, lanes, () -> {
            ClassDesc vector = lanes == 1 ? null : Lanes.vector(dtype.scalar());
            if (lanes == 1) {
                PanelLoops.element(code, dtype, array, from, 0);
            } else {
                code.getstatic(vector, Lanes.species(dtype.bytes(), lanes), Lanes.SPECIES)
                        .aload(array)
                        .iload(from)
                        .invokestatic(
                                vector,
                                "fromArray",
                                MethodTypeDesc.of(vector, Lanes.SPECIES, PanelLoops.arrayType(dtype), CD_int));
            }
            code.storeLocal(kind, chain);
            for (int k = 0; k < ks; k++) {
                int row = at[k];
                if (lanes == 1) {
                    code.lload(row);
                    offset(from, pitch);
                    MapBytecode.read(code, dtype);
                } else {
                    memory.load(null, dtype, () -> code.lload(row)
                            .iload(from)
                            .i2l()
                            .loadConstant((long) dtype.bytes())
                            .lmul()
                            .ladd());
                }
                code.storeLocal(kind, element);
                apply(multiplyAdd, element, factor[k], chain);
                code.storeLocal(kind, chain);
            }
            if (lanes == 1) {
                code.aload(array).iload(from).loadLocal(kind, chain).arrayStore(kind);
            } else {
                code.aload(chain)
                        .aload(array)
                        .iload(from)
                        .invokevirtual(
                                vector, "intoArray", MethodTypeDesc.of(CD_void, PanelLoops.arrayType(dtype), CD_int));
            }
        });
    }

    private void fold() {
        int a = PanelLoops.array(code, dtype, PanelCode.FIRST);
        int b = PanelLoops.array(code, dtype, PanelCode.SECOND);
        int count = PanelLoops.intFromFrame(code, MatVecLoop.COUNT);
        each(count, j -> {
            code.aload(b).iload(j).aload(b).iload(j).arrayLoad(kind).aload(a).iload(j).arrayLoad(kind);
            switch (dtype.scalar()) {
                case F32 -> code.fadd();
                case F64 -> code.dadd();
                case I32 -> code.iadd();
                default -> code.ladd();
            }
            code.arrayStore(kind).aload(a).iload(j);
            ScalarCode.constant(code, dtype.scalar(), 0);
            code.arrayStore(kind);
        });
    }

    private void store() {
        int a = PanelLoops.array(code, dtype, PanelCode.FIRST);
        int count = PanelLoops.intFromFrame(code, MatVecLoop.COUNT);
        int c = MapBytecode.longFromFrame(code, MatVecLoop.C);
        int cStep = MapBytecode.longFromFrame(code, MatVecLoop.C_STEP);
        each(count, j -> {
            code.aload(a).iload(j).arrayLoad(kind).lload(c);
            offset(j, cStep);
            MapBytecode.write(code, dtype);
        });
    }

    private void each(int count, java.util.function.IntConsumer body) {
        int j = code.allocateLocal(TypeKind.INT);
        code.iconst_0().istore(j);
        CountedLoop.emit(code, j, count, 1, () -> body.accept(j));
    }

    private int constant(long bits) {
        int local = code.allocateLocal(kind);
        ScalarCode.constant(code, dtype.scalar(), bits);
        code.storeLocal(kind, local);
        return local;
    }

    /** Adds {@code index * step} to the address on the stack. */
    private void offset(int index, int step) {
        code.iload(index).i2l().lload(step).lmul().ladd();
    }

    /** Pushes the body's result; its load slots are locals. */
    private void apply(Body body, int... locals) {
        int result = body.results().get(0);
        if (lanes == 1) {
            ScalarCode scalar = new ScalarCode(code, body, leaf -> code.loadLocal(kind, locals[(int) leaf.imm()]));
            scalar.emit();
            scalar.push(result);
        } else {
            VectorCode vector = new VectorCode(code, body, lanes, (v, leaf) -> code.aload(locals[(int) leaf.imm()]));
            vector.emit();
            vector.push(result);
        }
    }
}
