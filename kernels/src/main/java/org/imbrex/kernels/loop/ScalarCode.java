package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;

/**
 * A body as scalar bytecode, one local variable an instruction. BOOL is an int, 0 or 1. The rare side of a choice is
 * branched around.
 */
public final class ScalarCode {
    private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
    private static final MethodTypeDesc F_F = MethodTypeDesc.of(CD_float, CD_float);
    private static final MethodTypeDesc D_D = MethodTypeDesc.of(CD_double, CD_double);

    private final CodeBuilder code;
    private final Body body;
    private final Consumer<Instr> leaf;
    private final Predicate<Instr> other;
    private final Regions regions;
    private final int[] slot;

    /**
     * A body to be emitted.
     *
     * @param leaf emits what pushes the value of a LOAD, or of an INDEX as a long
     */
    public ScalarCode(CodeBuilder code, Body body, Consumer<Instr> leaf) {
        this(code, body, leaf, instr -> false);
    }

    /** @param other emits an operation, whose arguments have been pushed, in a way of its own, or gives false */
    public ScalarCode(CodeBuilder code, Body body, Consumer<Instr> leaf, Predicate<Instr> other) {
        this.code = code;
        this.body = body;
        this.leaf = leaf;
        this.other = other;
        this.regions = new Regions(body);
        this.slot = new int[body.instrs().size()];
        for (int id = 0; id < slot.length; id++) {
            if (body.instr(id).op().arity() > 0 || !isConstant(id)) {
                slot[id] = code.allocateLocal(kind(body.instr(id).type()));
            }
        }
    }

    public static TypeKind kind(ScalarType type) {
        return switch (type) {
            case BOOL, I32 -> TypeKind.INT;
            case I64 -> TypeKind.LONG;
            case F32 -> TypeKind.FLOAT;
            case F64 -> TypeKind.DOUBLE;
        };
    }

    public static void constant(CodeBuilder code, ScalarType type, long bits) {
        switch (type) {
            case BOOL, I32 -> code.loadConstant((int) bits);
            case I64 -> code.loadConstant(bits);
            case F32 -> code.loadConstant(Semantics.f32(bits));
            case F64 -> code.loadConstant(Semantics.f64(bits));
        }
    }

    /** Emits all instructions; {@link #push} then pushes results. */
    public void emit() {
        emit(Regions.ALWAYS);
    }

    /** Pushes the value of an instruction. */
    public void push(int id) {
        Instr instr = body.instr(id);
        if (isConstant(id)) {
            constant(code, instr.type(), instr.imm());
        } else {
            code.loadLocal(kind(instr.type()), slot[id]);
        }
    }

    private boolean isConstant(int id) {
        return body.instr(id).op() == org.imbrex.kernels.scalar.Op.CONST;
    }

    private void emit(int region) {
        for (int id = 0; id < slot.length; id++) {
            if (regions.of(id) != region || isConstant(id)) {
                continue;
            }
            Instr instr = body.instr(id);
            if (instr.op() == org.imbrex.kernels.scalar.Op.SELECT) {
                select(id, instr);
            } else {
                for (int k = 0; k < instr.op().arity(); k++) {
                    push(k == 0 ? instr.a() : k == 1 ? instr.b() : instr.c());
                }
                if (!other.test(instr)) {
                    apply(instr);
                }
            }
            code.storeLocal(kind(instr.type()), slot[id]);
        }
    }

    private void select(int id, Instr instr) {
        Label otherwise = code.newLabel();
        Label end = code.newLabel();
        if (Regions.isRare(instr)) {
            clearWhatEscapes(id);
        }
        push(instr.a());
        code.branch(Opcode.IFEQ, otherwise);
        if (Regions.isRare(instr)) {
            emit(id);
        }
        push(instr.b());
        code.branch(Opcode.GOTO, end);
        code.labelBinding(otherwise);
        push(instr.c());
        code.labelBinding(end);
    }

    /**
     * What another choice with the same condition uses too is set to 0 ahead of the branch: the verifier does not see
     * that it is used only where it was computed.
     */
    private void clearWhatEscapes(int region) {
        boolean[] escapes = new boolean[slot.length];
        for (int user = 0; user < slot.length; user++) {
            Instr instr = body.instr(user);
            for (int k = 0; k < instr.op().arity(); k++) {
                int used = k == 0 ? instr.a() : k == 1 ? instr.b() : instr.c();
                boolean byItself = user == region && k == 1;
                escapes[used] |= regions.of(used) == region && !byItself && !regions.isWithin(regions.of(user), region);
            }
        }
        for (int id = 0; id < slot.length; id++) {
            if (escapes[id] && !isConstant(id)) {
                ScalarType type = body.instr(id).type();
                constant(code, type, 0);
                code.storeLocal(kind(type), slot[id]);
            }
        }
    }

    private void apply(Instr instr) {
        ScalarType type = instr.type();
        TypeKind kind = kind(type);
        switch (instr.op()) {
            case CONST, SELECT -> throw new IllegalStateException("emitted elsewhere");
            case LOAD -> leaf.accept(instr);
            case INDEX -> {
                leaf.accept(instr);
                if (type == ScalarType.I32) {
                    code.l2i();
                }
            }
            case ADD -> choose(kind, Opcode.IADD, Opcode.LADD, Opcode.FADD, Opcode.DADD);
            case SUB -> choose(kind, Opcode.ISUB, Opcode.LSUB, Opcode.FSUB, Opcode.DSUB);
            case MUL -> choose(kind, Opcode.IMUL, Opcode.LMUL, Opcode.FMUL, Opcode.DMUL);
            case DIV -> choose(kind, Opcode.IDIV, Opcode.LDIV, Opcode.FDIV, Opcode.DDIV);
            case REM -> choose(kind, Opcode.IREM, Opcode.LREM, Opcode.FREM, Opcode.DREM);
            case NEG -> choose(kind, Opcode.INEG, Opcode.LNEG, Opcode.FNEG, Opcode.DNEG);
            case ABS -> code.invokestatic(MATH, "abs", type == ScalarType.F32 ? F_F : D_D);
            case SQRT -> {
                if (type == ScalarType.F32) {
                    code.f2d().invokestatic(MATH, "sqrt", D_D).d2f();
                } else {
                    code.invokestatic(MATH, "sqrt", D_D);
                }
            }
            case FMA -> {
                ClassDesc d = type == ScalarType.F32 ? CD_float : CD_double;
                code.invokestatic(MATH, "fma", MethodTypeDesc.of(d, d, d, d));
            }
            case AND -> choose(kind, Opcode.IAND, Opcode.LAND, null, null);
            case OR -> choose(kind, Opcode.IOR, Opcode.LOR, null, null);
            case XOR -> choose(kind, Opcode.IXOR, Opcode.LXOR, null, null);
            case NOT -> {
                switch (type) {
                    case BOOL -> code.iconst_1().ixor();
                    case I32 -> code.iconst_m1().ixor();
                    default -> code.loadConstant(-1L).lxor();
                }
            }
            case SHL -> shift(type, Opcode.ISHL, Opcode.LSHL);
            case SHR -> shift(type, Opcode.ISHR, Opcode.LSHR);
            case USHR -> shift(type, Opcode.IUSHR, Opcode.LUSHR);
            case EQ -> compare(instr, Opcode.IF_ICMPEQ, Opcode.IFEQ, false);
            case NE -> compare(instr, Opcode.IF_ICMPNE, Opcode.IFNE, false);
            case LT -> compare(instr, Opcode.IF_ICMPLT, Opcode.IFLT, true);
            case LE -> compare(instr, Opcode.IF_ICMPLE, Opcode.IFLE, true);
            case CONVERT -> convert(body.instr(instr.a()).type(), type);
            case BITCAST -> bitcast(type);
        }
    }

    private void choose(TypeKind kind, Opcode i, Opcode l, Opcode f, Opcode d) {
        code.with(java.lang.classfile.instruction.OperatorInstruction.of(
                switch (kind) {
                    case INT -> i;
                    case LONG -> l;
                    case FLOAT -> f;
                    default -> d;
                }));
    }

    private void shift(ScalarType type, Opcode i, Opcode l) {
        if (type == ScalarType.I64) {
            code.l2i();
        }
        choose(kind(type), i, l, null, null);
    }

    /** Leaves 1 or 0; with a NaN, FCMPG gives 1 and so no order holds. */
    private void compare(Instr instr, Opcode ints, Opcode others, boolean ordered) {
        Label yes = code.newLabel();
        Label end = code.newLabel();
        switch (body.instr(instr.a()).type()) {
            case BOOL, I32 -> code.branch(ints, yes);
            case I64 -> code.lcmp().branch(others, yes);
            case F32 -> {
                code.fcmpg();
                code.branch(others, yes);
            }
            case F64 -> {
                code.dcmpg();
                code.branch(others, yes);
            }
        }
        code.iconst_0().branch(Opcode.GOTO, end);
        code.labelBinding(yes).iconst_1();
        code.labelBinding(end);
    }

    private void convert(ScalarType from, ScalarType to) {
        TypeKind a = kind(from);
        TypeKind b = kind(to);
        if (a != b) {
            code.conversion(a, b);
        }
    }

    private void bitcast(ScalarType to) {
        switch (to) {
            case I32 -> code.invokestatic(ClassDesc.of("java.lang.Float"), "floatToRawIntBits", MethodTypeDesc.of(CD_int, CD_float));
            case F32 -> code.invokestatic(ClassDesc.of("java.lang.Float"), "intBitsToFloat", MethodTypeDesc.of(CD_float, CD_int));
            case I64 -> code.invokestatic(ClassDesc.of("java.lang.Double"), "doubleToRawLongBits", MethodTypeDesc.of(CD_long, CD_double));
            default -> code.invokestatic(ClassDesc.of("java.lang.Double"), "longBitsToDouble", MethodTypeDesc.of(CD_double, CD_long));
        }
    }
}
