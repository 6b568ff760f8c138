package org.imbrex.kernels.tornado;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.imbrex.kernels.loop.ScalarCode;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;

/**
 * The operations of a body by which TornadoVM's compiler would make a fused multiply-add, or would not. It makes one of
 * every addition of a product, and of nothing else.
 *
 * <p>So a product that is to be rounded gets an addition of its own: of -0, which changes no value, and which the
 * compiler cannot leave out, as it does not know the variable's value. A negation is a subtraction from -0: of
 * {@code a * b + -c} the compiler would make a subtraction, which it does not fuse.
 */
final class Contraction {
    private final CodeBuilder code;
    private final TornadoTypes.Fma fma;
    /** The variable that holds -0, a float64. */
    private final int minusZero;
    private final Body body;
    /** Which values a compiler may know. */
    private final boolean[] known;

    Contraction(CodeBuilder code, TornadoTypes.Fma fma, int minusZero, Body body) {
        this.code = code;
        this.fma = fma;
        this.minusZero = minusZero;
        this.body = body;
        this.known = new boolean[body.instrs().size()];
        for (int id = 0; id < known.length; id++) {
            Instr i = body.instr(id);
            int arity = i.op().arity();
            known[id] = arity == 0
                    ? i.op() == Op.CONST
                    : known[i.a()] && (arity < 2 || known[i.b()]) && (arity < 3 || known[i.c()]);
        }
    }

    /** Emits an instruction whose arguments have been pushed; false where it is none of those. */
    boolean emit(Instr instr) {
        if (!instr.type().isFloat()) {
            return false;
        }
        boolean isFloat = instr.type() == ScalarType.F32;
        switch (instr.op()) {
            case MUL -> {
                product(isFloat);
                pushMinusZero(isFloat);
                sum(isFloat);
            }
            case NEG -> {
                int a = keep(instr.type());
                pushMinusZero(isFloat);
                code.loadLocal(ScalarCode.kind(instr.type()), a);
                if (isFloat) {
                    code.fsub();
                } else {
                    code.dsub();
                }
            }
            case FMA -> {
                if (fma == TornadoTypes.Fma.SOFTWARE) {
                    return false;
                }
                fused(instr, isFloat);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void fused(Instr instr, boolean isFloat) {
        if (fma == TornadoTypes.Fma.CALL) {
            ClassDesc d = isFloat ? CD_float : CD_double;
            code.invokestatic(ClassDesc.of("java.lang.Math"), "fma", MethodTypeDesc.of(d, d, d, d));
            return;
        }
        // the compiler would leave out an addition of -0, and multiply two constants
        if (known[instr.c()] && !isPlain(body.instr(instr.c()))) {
            pushMinusZero(isFloat);
            sum(isFloat);
        }
        int c = keep(instr.type());
        if (known[instr.a()] && known[instr.b()]) {
            pushMinusZero(isFloat);
            sum(isFloat);
        }
        product(isFloat);
        code.loadLocal(ScalarCode.kind(instr.type()), c);
        sum(isFloat);
    }

    /** Whether it is a constant that is not -0. */
    private static boolean isPlain(Instr instr) {
        if (instr.op() != Op.CONST) {
            return false;
        }
        double value = instr.type() == ScalarType.F32 ? Semantics.f32(instr.imm()) : Semantics.f64(instr.imm());
        return value != 0 || 1 / value > 0;
    }

    private int keep(ScalarType type) {
        TypeKind kind = ScalarCode.kind(type);
        int slot = code.allocateLocal(kind);
        code.storeLocal(kind, slot);
        return slot;
    }

    private void pushMinusZero(boolean isFloat) {
        code.dload(minusZero);
        if (isFloat) {
            code.d2f();
        }
    }

    private void product(boolean isFloat) {
        if (isFloat) {
            code.fmul();
        } else {
            code.dmul();
        }
    }

    private void sum(boolean isFloat) {
        if (isFloat) {
            code.fadd();
        } else {
            code.dadd();
        }
    }
}
