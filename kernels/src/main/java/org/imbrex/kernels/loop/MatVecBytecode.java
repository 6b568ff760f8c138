package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.type.DType;

/** The bytecode of {@link MatVecLoop}. */
final class MatVecBytecode {
    private final CodeBuilder code;
    private final DType dtype;
    private final int lanes;
    private final TypeKind kind;
    private final ChainCode chains;

    private MatVecBytecode(CodeBuilder code, DType dtype, int lanes) {
        this.code = code;
        this.dtype = dtype;
        this.lanes = lanes;
        this.chains = new ChainCode(code, dtype, lanes);
        this.kind = chains.kind();
    }

    /** Some rows times the vector, each a chain in a scalar register: elements of a row lie side by side. */
    static PanelCode dot(DType dtype, int rows) {
        return PanelCode.define("Dot", code -> new MatVecBytecode(code, dtype, 1).dot(rows));
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

    private void dot(int rows) {
        int m = MapBytecode.longFromFrame(code, MatVecLoop.M);
        int pitch = MapBytecode.longFromFrame(code, MatVecLoop.PITCH);
        int step = MapBytecode.longFromFrame(code, MatVecLoop.STEP);
        int x = MapBytecode.longFromFrame(code, MatVecLoop.X);
        int xStep = MapBytecode.longFromFrame(code, MatVecLoop.X_STEP);
        int left = MapBytecode.intFromFrame(code, MatVecLoop.COUNT);
        int c = MapBytecode.longFromFrame(code, MatVecLoop.C);
        int cStep = MapBytecode.longFromFrame(code, MatVecLoop.C_STEP);
        int[] at = new int[rows];
        int[] sum = new int[rows];
        int[] chain = new int[rows];
        for (int row = 0; row < rows; row++) {
            at[row] = code.allocateLocal(TypeKind.LONG);
            code.lload(m).lstore(at[row]).lload(m).lload(pitch).ladd().lstore(m);
            sum[row] = chains.constant(ChainCode.neutral(dtype));
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
            chains.set(chain[row], 0);
        }
        code.iconst_0().istore(k);
        CountedLoop.emit(code, k, inner, 1, () -> {
            code.lload(x);
            offset(k, xStep);
            VectorMemory.read(code, dtype);
            code.storeLocal(kind, factor);
            for (int row = 0; row < rows; row++) {
                code.lload(at[row]);
                offset(k, step);
                VectorMemory.read(code, dtype);
                code.storeLocal(kind, element);
                chains.multiplyAdd(element, factor, chain[row]);
            }
        });
        code.lload(x);
        offset(inner, xStep);
        code.lstore(x);
        for (int row = 0; row < rows; row++) {
            code.lload(at[row]);
            offset(inner, step);
            code.lstore(at[row]);
            chains.add(sum[row], chain[row]);
        }
        code.iload(left).iload(inner).isub().istore(left).branch(Opcode.GOTO, block).labelBinding(end);
        for (int row = 0; row < rows; row++) {
            code.loadLocal(kind, sum[row]).lload(c);
            VectorMemory.write(code, dtype);
            code.lload(c).lload(cStep).ladd().lstore(c);
        }
    }

    private void axpy(int ks) {
        VectorMemory memory = new VectorMemory(code, lanes);
        int m = MapBytecode.longFromFrame(code, MatVecLoop.M);
        int step = MapBytecode.longFromFrame(code, MatVecLoop.STEP);
        int pitch = MapBytecode.longFromFrame(code, MatVecLoop.PITCH);
        int x = MapBytecode.longFromFrame(code, MatVecLoop.X);
        int xStep = MapBytecode.longFromFrame(code, MatVecLoop.X_STEP);
        int from = MapBytecode.intFromFrame(code, MatVecLoop.FIRST);
        int count = MapBytecode.intFromFrame(code, MatVecLoop.COUNT);
        int array = PanelLoops.array(code, dtype, PanelCode.FIRST);
        int[] factor = new int[ks];
        int[] at = new int[ks];
        for (int k = 0; k < ks; k++) {
            factor[k] = code.allocateLocal(kind);
            code.lload(x);
            VectorMemory.read(code, dtype);
            chains.broadcast();
            code.storeLocal(kind, factor[k]);
            code.lload(x).lload(xStep).ladd().lstore(x);
            at[k] = code.allocateLocal(TypeKind.LONG);
            code.lload(m);
            Range.address(code);
            code.lstore(at[k]).lload(m).lload(step).ladd().lstore(m);
        }
        int chain = code.allocateLocal(kind);
        int element = code.allocateLocal(kind);
        CountedLoop.emit(code, from, count, lanes, () -> {
            if (lanes == 1) {
                PanelLoops.element(code, dtype, array, from, 0);
            } else {
                PanelLoops.fromArray(code, dtype, lanes, array, () -> code.iload(from));
            }
            code.storeLocal(kind, chain);
            for (int k = 0; k < ks; k++) {
                int row = at[k];
                if (lanes == 1) {
                    code.lload(row);
                    offset(from, pitch);
                    VectorMemory.read(code, dtype);
                } else {
                    memory.load(null, dtype, () -> {
                        code.lload(row).iload(from);
                        Range.element(code, dtype.bytes());
                    });
                }
                code.storeLocal(kind, element);
                chains.multiplyAdd(element, factor[k], chain);
            }
            if (lanes == 1) {
                code.aload(array).iload(from).loadLocal(kind, chain).arrayStore(kind);
            } else {
                code.aload(chain);
                PanelLoops.toArray(code, dtype, lanes, array, () -> code.iload(from));
            }
        });
    }

    private void fold() {
        int a = PanelLoops.array(code, dtype, PanelCode.FIRST);
        int b = PanelLoops.array(code, dtype, PanelCode.SECOND);
        int count = MapBytecode.intFromFrame(code, MatVecLoop.COUNT);
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
        int count = MapBytecode.intFromFrame(code, MatVecLoop.COUNT);
        int c = MapBytecode.longFromFrame(code, MatVecLoop.C);
        int cStep = MapBytecode.longFromFrame(code, MatVecLoop.C_STEP);
        each(count, j -> {
            code.aload(a).iload(j).arrayLoad(kind).lload(c);
            offset(j, cStep);
            VectorMemory.write(code, dtype);
        });
    }

    private void each(int count, java.util.function.IntConsumer body) {
        int j = code.allocateLocal(TypeKind.INT);
        code.iconst_0().istore(j);
        CountedLoop.emit(code, j, count, 1, () -> body.accept(j));
    }

    /** Adds {@code index * step} to the address on the stack. */
    private void offset(int index, int step) {
        code.iload(index).i2l().lload(step).lmul().ladd();
    }
}
