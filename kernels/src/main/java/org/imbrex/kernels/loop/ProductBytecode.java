package org.imbrex.kernels.loop;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.type.DType;

/**
 * The bytecode of a product's innermost loop: {@code rows} by {@code columns} chains of multiply-adds from +0 over k,
 * in registers, from packed panels; then the block is stored, or added to what is there.
 */
final class ProductBytecode {
    private final CodeBuilder code;
    private final DType dtype;
    private final int rows;
    private final int columns;
    private final int lanes;
    private final Body multiplyAdd;
    private final Body add;
    private final int[][] sum;

    /**
     * @param columns vectors of {@code lanes} elements, or where that is 1 scalars
     */
    private ProductBytecode(CodeBuilder code, DType dtype, int rows, int columns, int lanes) {
        this.code = code;
        this.dtype = dtype;
        this.rows = rows;
        this.columns = columns;
        this.lanes = lanes;
        ScalarType type = dtype.scalar();
        Code body = new Code();
        Value a = body.load(type, 0);
        Value b = body.load(type, 1);
        Value c = body.load(type, 2);
        this.multiplyAdd = body.body(dtype.isFloat() ? body.fma(a, b, c) : body.add(c, body.mul(a, b)));
        Code adding = new Code();
        this.add = adding.body(adding.add(adding.load(type, 0), adding.load(type, 1)));
        this.sum = new int[rows][columns];
    }

    static Loop make(DType dtype, int rows, int columns, int lanes) {
        return HiddenLoop.define(
                lanes == 1 ? "ScalarProduct" : "VectorProduct",
                null,
                code -> new ProductBytecode(code, dtype, rows, columns, lanes).emit());
    }

    private TypeKind kind() {
        return lanes == 1 ? ScalarCode.kind(dtype.scalar()) : TypeKind.REFERENCE;
    }

    private void emit() {
        int a = MapBytecode.longFromFrame(code, ProductLoop.A);
        int b = MapBytecode.longFromFrame(code, ProductLoop.B);
        int c = MapBytecode.longFromFrame(code, ProductLoop.C);
        int aStep = MapBytecode.longFromFrame(code, ProductLoop.A_STEP);
        int bStep = MapBytecode.longFromFrame(code, ProductLoop.B_STEP);
        int cStep = MapBytecode.longFromFrame(code, ProductLoop.C_STEP);
        VectorMemory memory = new VectorMemory(code, lanes);
        for (int[] row : sum) {
            Arrays.setAll(row, column -> code.allocateLocal(kind()));
            for (int local : row) {
                ScalarCode.constant(code, dtype.scalar(), 0);
                broadcast();
                code.storeLocal(kind(), local);
            }
        }
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.labelBinding(top).iload(HiddenLoop.FROM).iload(HiddenLoop.TO).branch(Opcode.IF_ICMPGE, end);
        int[] right = new int[columns];
        for (int column = 0; column < columns; column++) {
            right[column] = code.allocateLocal(kind());
            load(memory, b, column * lanes);
            code.storeLocal(kind(), right[column]);
        }
        for (int row = 0; row < rows; row++) {
            int left = code.allocateLocal(kind());
            code.lload(a).loadConstant((long) row * dtype.bytes()).ladd();
            MapBytecode.read(code, dtype);
            broadcast();
            code.storeLocal(kind(), left);
            for (int column = 0; column < columns; column++) {
                apply(multiplyAdd, left, right[column], sum[row][column]);
                code.storeLocal(kind(), sum[row][column]);
            }
        }
        code.lload(a).lload(aStep).ladd().lstore(a);
        code.lload(b).lload(bStep).ladd().lstore(b);
        code.iinc(HiddenLoop.FROM, 1).branch(Opcode.GOTO, top).labelBinding(end);

        block(memory, c, cStep);
    }

    /** Stores the sums, or where asked adds them to what is there; one way for both keeps the method small. */
    private void block(VectorMemory memory, int c, int cStep) {
        ScalarType type = dtype.scalar();
        int accumulate = code.allocateLocal(lanes == 1 ? TypeKind.INT : TypeKind.REFERENCE);
        MapBytecode.pushFrame(code, ProductLoop.ACCUMULATE);
        code.l2i();
        if (lanes > 1) {
            VectorCode vector = new VectorCode(code, add, lanes, (v, leaf) -> {});
            vector.broadcast(ScalarType.BOOL);
            vector.castMask(type);
        }
        code.storeLocal(lanes == 1 ? TypeKind.INT : TypeKind.REFERENCE, accumulate);
        int at = code.allocateLocal(TypeKind.LONG);
        code.lload(c).lstore(at);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int value = sum[row][column];
                int offset = column * lanes;
                int before = code.allocateLocal(kind());
                load(memory, at, offset);
                code.storeLocal(kind(), before);
                if (lanes == 1) {
                    Label plain = code.newLabel();
                    code.iload(accumulate).branch(Opcode.IFEQ, plain);
                    apply(add, before, value);
                    code.storeLocal(kind(), value).labelBinding(plain);
                    code.loadLocal(kind(), value);
                    address(at, offset);
                    MapBytecode.write(code, dtype);
                } else {
                    code.aload(value);
                    apply(add, before, value);
                    code.aload(accumulate);
                    ClassDesc vector = Lanes.vector(type);
                    code.invokevirtual(vector, "blend", MethodTypeDesc.of(vector, Lanes.VECTOR, Lanes.MASK));
                    memory.store(dtype, () -> address(at, offset));
                }
            }
            code.lload(at).lload(cStep).ladd().lstore(at);
        }
    }

    private void address(int pointer, int element) {
        code.lload(pointer).loadConstant((long) element * dtype.bytes()).ladd();
    }

    private void broadcast() {
        if (lanes > 1) {
            new VectorCode(code, add, lanes, (v, leaf) -> {}).broadcast(dtype.scalar());
        }
    }

    private void load(VectorMemory memory, int pointer, int element) {
        if (lanes == 1) {
            address(pointer, element);
            MapBytecode.read(code, dtype);
        } else {
            memory.load(null, dtype, () -> address(pointer, element));
        }
    }

    /** Pushes the body's result; its load slots are locals. */
    private void apply(Body body, int... locals) {
        int result = body.results().get(0);
        if (lanes == 1) {
            ScalarCode scalar =
                    new ScalarCode(code, body, leaf -> code.loadLocal(kind(), locals[(int) leaf.imm()]));
            scalar.emit();
            scalar.push(result);
        } else {
            VectorCode vector =
                    new VectorCode(code, body, lanes, (v, leaf) -> code.aload(locals[(int) leaf.imm()]));
            vector.emit();
            vector.push(result);
        }
    }
}
