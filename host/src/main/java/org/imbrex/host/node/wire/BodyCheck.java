package org.imbrex.host.node.wire;

import static org.imbrex.host.node.wire.ProgramCheck.require;

import java.util.List;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;

/** That a body is straight-line code whose types fit, and that it divides no integer by 0 or -1. */
final class BodyCheck {
    private final Body body;

    private BodyCheck(Body body) {
        this.body = body;
    }

    /**
     * @param loads the types of the loads, by slot
     * @param rank the number of axes that INDEX may name
     */
    static void check(Body body, List<ScalarType> loads, int rank) throws WireException {
        BodyCheck check = new BodyCheck(body);
        for (int id = 0; id < body.instrs().size(); id++) {
            check.instruction(id, loads, rank);
        }
        for (int result : body.results()) {
            require(result < body.instrs().size(), "a result is no instruction");
        }
    }

    private void instruction(int id, List<ScalarType> loads, int rank) throws WireException {
        Instr i = body.instr(id);
        int[] args = {i.a(), i.b(), i.c()};
        for (int k = 0; k < args.length; k++) {
            boolean fits = k < i.op().arity() ? args[k] >= 0 && args[k] < id : args[k] == -1;
            require(fits, "an instruction's argument is no earlier one");
        }
        require(
                switch (i.op()) {
                    case CONST ->
                        switch (i.type()) {
                            case BOOL -> i.imm() == 0 || i.imm() == 1;
                            case I32, F32 -> i.imm() == (int) i.imm();
                            case I64, F64 -> true;
                        };
                    case LOAD -> i.imm() >= 0 && i.imm() < loads.size() && loads.get((int) i.imm()) == i.type();
                    case INDEX -> i.imm() >= 0 && i.imm() < rank && i.type().isInteger();
                    case SELECT -> i.imm() == 0 || i.imm() == 1;
                    default -> i.imm() == 0;
                },
                "the constant of " + i.op() + " " + i.type() + " means nothing");
        require(typed(i), i.op() + " does not take its arguments");
        boolean divides = (i.op() == Op.DIV && i.type().isInteger()) || i.op() == Op.REM;
        require(!divides || safe(i.b()), "an integer may be divided by 0 or -1");
    }

    private ScalarType type(int id) {
        return body.instr(id).type();
    }

    private boolean typed(Instr i) {
        ScalarType type = i.type();
        return switch (i.op()) {
            case CONST, LOAD, INDEX -> true;
            case ADD, SUB, MUL, DIV -> type != ScalarType.BOOL && type(i.a()) == type && type(i.b()) == type;
            case REM, SHL, SHR, USHR -> type.isInteger() && type(i.a()) == type && type(i.b()) == type;
            case NEG -> type != ScalarType.BOOL && type(i.a()) == type;
            case ABS, SQRT -> type.isFloat() && type(i.a()) == type;
            case FMA -> type.isFloat() && type(i.a()) == type && type(i.b()) == type && type(i.c()) == type;
            case AND, OR, XOR -> !type.isFloat() && type(i.a()) == type && type(i.b()) == type;
            case NOT -> !type.isFloat() && type(i.a()) == type;
            case EQ, NE, LT, LE ->
                type == ScalarType.BOOL && type(i.a()) != ScalarType.BOOL && type(i.a()) == type(i.b());
            case SELECT -> type(i.a()) == ScalarType.BOOL && type(i.b()) == type && type(i.c()) == type;
            case CONVERT -> type != ScalarType.BOOL && type(i.a()) != ScalarType.BOOL;
            case BITCAST ->
                type != ScalarType.BOOL
                        && type(i.a()) != ScalarType.BOOL
                        && type.bytes() == type(i.a()).bytes();
        };
    }

    /** A constant, or {@code select(x == 0 | x == -1, constant, x)}: what floor division and remainder are made of. */
    private boolean safe(int divisor) {
        Instr i = body.instr(divisor);
        if (i.op() == Op.CONST) {
            return i.imm() != 0 && i.imm() != -1;
        }
        if (i.op() != Op.SELECT || body.instr(i.b()).op() != Op.CONST || !safe(i.b())) {
            return false;
        }
        Instr either = body.instr(i.a());
        return either.op() == Op.OR
                && (isEqual(either.a(), i.c(), 0) && isEqual(either.b(), i.c(), -1)
                        || isEqual(either.b(), i.c(), 0) && isEqual(either.a(), i.c(), -1));
    }

    private boolean isEqual(int id, int value, long constant) {
        Instr i = body.instr(id);
        return i.op() == Op.EQ
                && (i.a() == value && isConstant(i.b(), constant) || i.b() == value && isConstant(i.a(), constant));
    }

    private boolean isConstant(int id, long constant) {
        return body.instr(id).op() == Op.CONST && body.instr(id).imm() == constant;
    }
}
