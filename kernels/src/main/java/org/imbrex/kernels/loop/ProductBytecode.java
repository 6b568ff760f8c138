package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_int;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import org.imbrex.kernels.type.DType;

/**
 * The bytecode of a product's innermost loops: {@code rows} by {@code columns} chains of multiply-adds from +0 over k,
 * in registers, from packed panels; then the block is stored, or added to what is there. It does so for some panels of
 * a one after another, with the same panel of b, which stays in the first-level cache.
 */
final class ProductBytecode {
    private final CodeBuilder code;
    private final DType dtype;
    private final int rows;
    private final int columns;
    private final int lanes;
    private final ChainCode chains;
    private final int[][] sum;

    private ProductBytecode(CodeBuilder code, DType dtype, int rows, int columns, int lanes) {
        this.code = code;
        this.dtype = dtype;
        this.rows = rows;
        this.columns = columns;
        this.lanes = lanes;
        this.chains = new ChainCode(code, dtype, lanes);
        this.sum = new int[rows][columns];
    }

    /**
     * Code for a block of registers.
     *
     * @param rows of the block
     * @param columns vectors of {@code lanes} elements, or where that is 1 scalars
     * @param aStep elements from one k to the next in a's panel, at least {@code rows}
     * @param bStep likewise in b's
     */
    static PanelCode make(DType dtype, int rows, int columns, int lanes, int aStep, int bStep) {
        return PanelCode.define(
                lanes == 1 ? "ScalarProduct" : "VectorProduct",
                code -> new ProductBytecode(code, dtype, rows, columns, lanes).emit(aStep, bStep));
    }

    private TypeKind kind() {
        return chains.kind();
    }

    private void emit(int aStep, int bStep) {
        int left = PanelLoops.array(code, dtype, PanelCode.FIRST);
        int right = PanelLoops.array(code, dtype, PanelCode.SECOND);
        int a = MapBytecode.intFromFrame(code, ProductLoop.A);
        int first = MapBytecode.intFromFrame(code, ProductLoop.B);
        int inner = MapBytecode.intFromFrame(code, ProductLoop.INNER);
        int panels = MapBytecode.intFromFrame(code, ProductLoop.PANELS);
        int accumulate = MapBytecode.intFromFrame(code, ProductLoop.ACCUMULATE);
        int c = MapBytecode.addressFromFrame(code, ProductLoop.C);
        int pitch = MapBytecode.longFromFrame(code, ProductLoop.PITCH);
        for (int[] row : sum) {
            Arrays.setAll(row, column -> code.allocateLocal(kind()));
        }
        Label panel = code.newLabel();
        Label end = code.newLabel();
        code.labelBinding(panel).iload(panels).branch(Opcode.IFLE, end);
        int b = code.allocateLocal(TypeKind.INT);
        code.iload(first).istore(b);
        chains(left, a, aStep, right, b, bStep, inner);
        block(c, pitch, accumulate);
        code.iinc(panels, -1).branch(Opcode.GOTO, panel).labelBinding(end);
    }

    private void chains(int left, int a, int aStep, int right, int b, int bStep, int inner) {
        for (int[] row : sum) {
            for (int local : row) {
                chains.set(local, 0);
            }
        }
        int k = code.allocateLocal(TypeKind.INT);
        code.iconst_0().istore(k);
        CountedLoop.emitSome(code, k, inner, 1, () -> {
            int[] ofB = new int[columns];
            for (int column = 0; column < columns; column++) {
                ofB[column] = code.allocateLocal(kind());
                if (lanes == 1) {
                    PanelLoops.element(code, dtype, right, b, column);
                } else {
                    int offset = column * lanes;
                    PanelLoops.fromArray(
                            code, dtype, lanes, right, () -> code.iload(b).loadConstant(offset).iadd());
                }
                code.storeLocal(kind(), ofB[column]);
            }
            for (int row = 0; row < rows; row++) {
                int ofA = code.allocateLocal(kind());
                PanelLoops.element(code, dtype, left, a, row);
                chains.broadcast();
                code.storeLocal(kind(), ofA);
                for (int column = 0; column < columns; column++) {
                    chains.multiplyAdd(ofA, ofB[column], sum[row][column]);
                }
            }
            code.iload(a).loadConstant(aStep).iadd().istore(a);
            code.iload(b).loadConstant(bStep).iadd().istore(b);
        });
    }

    /** Stores the sums, or where asked adds them to what is there, and goes on to the next rows of c. */
    private void block(int c, int pitch, int accumulate) {
        VectorMemory memory = new VectorMemory(code, lanes);
        for (int row = 0; row < rows; row++) {
            Label plain = code.newLabel();
            code.iload(accumulate).branch(Opcode.IFEQ, plain);
            for (int column = 0; column < columns; column++) {
                int offset = column * lanes;
                int before = code.allocateLocal(kind());
                if (lanes == 1) {
                    address(c, offset);
                    VectorMemory.read(code, dtype);
                } else {
                    memory.load(null, dtype, () -> address(c, offset));
                }
                code.storeLocal(kind(), before);
                chains.add(sum[row][column], before);
            }
            code.labelBinding(plain);
            for (int column = 0; column < columns; column++) {
                int offset = column * lanes;
                code.loadLocal(kind(), sum[row][column]);
                if (lanes == 1) {
                    address(c, offset);
                    VectorMemory.write(code, dtype);
                } else {
                    memory.store(dtype, () -> address(c, offset));
                }
            }
            Range.move(code, c, pitch);
        }
    }

    private void address(int pointer, int element) {
        code.lload(pointer).loadConstant((long) element * dtype.bytes()).ladd();
    }
}
