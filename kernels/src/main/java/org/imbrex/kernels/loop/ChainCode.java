package org.imbrex.kernels.loop;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.type.DType;

/** The arithmetic of products as bytecode: chains of multiply-adds, on scalars or on vectors of some lanes. */
final class ChainCode {
    private final CodeBuilder code;
    private final DType dtype;
    private final int lanes;
    private final Body multiplyAdd;
    private final Body add;

    ChainCode(CodeBuilder code, DType dtype, int lanes) {
        this.code = code;
        this.dtype = dtype;
        this.lanes = lanes;
        ScalarType type = dtype.scalar();
        Code body = new Code();
        this.multiplyAdd = body.body(
                dtype.isFloat()
                        ? body.fma(body.load(type, 0), body.load(type, 1), body.load(type, 2))
                        : body.add(body.load(type, 2), body.mul(body.load(type, 0), body.load(type, 1))));
        Code adding = new Code();
        this.add = adding.body(adding.add(adding.load(type, 0), adding.load(type, 1)));
    }

    /** What added to x gives x, also where that is -0. */
    static long neutral(DType dtype) {
        return switch (dtype) {
            case F32 -> Semantics.bits(-0f);
            case F64 -> Semantics.bits(-0d);
            default -> 0;
        };
    }

    TypeKind kind() {
        return lanes == 1 ? ScalarCode.kind(dtype.scalar()) : TypeKind.REFERENCE;
    }

    /** {@code sum = a * b + sum}, all locals. */
    void multiplyAdd(int a, int b, int sum) {
        apply(multiplyAdd, a, b, sum);
        code.storeLocal(kind(), sum);
    }

    /** {@code sum = sum + b}, both locals. */
    void add(int sum, int b) {
        apply(add, sum, b);
        code.storeLocal(kind(), sum);
    }

    /** A new local with the same value in every lane. */
    int constant(long bits) {
        int local = code.allocateLocal(kind());
        set(local, bits);
        return local;
    }

    /** Sets a local to the same value in every lane. */
    void set(int local, long bits) {
        ScalarCode.constant(code, dtype.scalar(), bits);
        broadcast();
        code.storeLocal(kind(), local);
    }

    /** Makes of the scalar on the stack what the chains take. */
    void broadcast() {
        if (lanes > 1) {
            new VectorCode(code, add, lanes, (v, leaf) -> {}).broadcast(dtype.scalar());
        }
    }

    /** Pushes the body's result; its load slots are locals. */
    private void apply(Body body, int... locals) {
        int result = body.results().get(0);
        if (lanes == 1) {
            ScalarCode scalar = new ScalarCode(code, body, leaf -> code.loadLocal(kind(), locals[(int) leaf.imm()]));
            scalar.emit();
            scalar.push(result);
        } else {
            VectorCode vector = new VectorCode(code, body, lanes, (v, leaf) -> code.aload(locals[(int) leaf.imm()]));
            vector.emit();
            vector.push(result);
        }
    }
}
