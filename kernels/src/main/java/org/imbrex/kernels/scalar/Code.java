package org.imbrex.kernels.scalar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Builds a {@link Body}: each method appends one instruction, or finds that the same one is there, or folds it to a
 * constant. The math functions and the lowering of expressions are written with it.
 */
public final class Code {
    private final List<Instr> instrs = new ArrayList<>();
    private final Map<Instr, Integer> known = new HashMap<>();

    // ---- leaves

    public Value f32(float value) {
        return constant(ScalarType.F32, Semantics.bits(value));
    }

    public Value f64(double value) {
        return constant(ScalarType.F64, Semantics.bits(value));
    }

    public Value i32(int value) {
        return constant(ScalarType.I32, value);
    }

    public Value i64(long value) {
        return constant(ScalarType.I64, value);
    }

    public Value bool(boolean value) {
        return constant(ScalarType.BOOL, value ? 1 : 0);
    }

    /** A constant by its raw bits. */
    public Value constant(ScalarType type, long bits) {
        return put(new Instr(Op.CONST, type, -1, -1, -1, bits));
    }

    /** The raw bits of a value that is a constant. */
    public OptionalLong constant(Value value) {
        Instr instr = instr(value);
        return instr.op() == Op.CONST ? OptionalLong.of(instr.imm()) : OptionalLong.empty();
    }

    /** The float constant of {@code type} nearest to {@code value}. */
    public Value real(ScalarType type, double value) {
        return type == ScalarType.F32 ? f32((float) value) : f64(value);
    }

    /** The integer constant of {@code type}. */
    public Value integer(ScalarType type, long value) {
        return type == ScalarType.I32 ? i32((int) value) : i64(value);
    }

    public Value load(ScalarType type, int slot) {
        return put(new Instr(Op.LOAD, type, -1, -1, -1, slot));
    }

    public Value index(int axis) {
        return index(ScalarType.I64, axis);
    }

    /** The index along an axis; as I32 its low bits. */
    public Value index(ScalarType type, int axis) {
        return put(new Instr(Op.INDEX, type, -1, -1, -1, axis));
    }

    // ---- arithmetic

    public Value add(Value a, Value b) {
        return same(Op.ADD, a, b);
    }

    public Value sub(Value a, Value b) {
        return same(Op.SUB, a, b);
    }

    public Value mul(Value a, Value b) {
        return same(Op.MUL, a, b);
    }

    public Value div(Value a, Value b) {
        return same(Op.DIV, a, b);
    }

    public Value rem(Value a, Value b) {
        return same(Op.REM, a, b);
    }

    public Value neg(Value a) {
        return apply(Op.NEG, a.type(), a);
    }

    public Value abs(Value a) {
        return apply(Op.ABS, a.type(), a);
    }

    public Value sqrt(Value a) {
        return apply(Op.SQRT, a.type(), a);
    }

    public Value fma(Value a, Value b, Value c) {
        check(a.type() == b.type() && b.type() == c.type(), Op.FMA, a, b, c);
        return apply(Op.FMA, a.type(), a, b, c);
    }

    // ---- bits

    public Value and(Value a, Value b) {
        return same(Op.AND, a, b);
    }

    public Value or(Value a, Value b) {
        return same(Op.OR, a, b);
    }

    public Value xor(Value a, Value b) {
        return same(Op.XOR, a, b);
    }

    public Value not(Value a) {
        return apply(Op.NOT, a.type(), a);
    }

    public Value shl(Value a, Value n) {
        return same(Op.SHL, a, n);
    }

    public Value shr(Value a, Value n) {
        return same(Op.SHR, a, n);
    }

    public Value ushr(Value a, Value n) {
        return same(Op.USHR, a, n);
    }

    public Value shl(Value a, int n) {
        return shl(a, integer(a.type(), n));
    }

    public Value shr(Value a, int n) {
        return shr(a, integer(a.type(), n));
    }

    public Value ushr(Value a, int n) {
        return ushr(a, integer(a.type(), n));
    }

    // ---- comparisons and choices

    public Value eq(Value a, Value b) {
        return compare(Op.EQ, a, b);
    }

    public Value ne(Value a, Value b) {
        return compare(Op.NE, a, b);
    }

    public Value lt(Value a, Value b) {
        return compare(Op.LT, a, b);
    }

    public Value le(Value a, Value b) {
        return compare(Op.LE, a, b);
    }

    public Value gt(Value a, Value b) {
        return compare(Op.LT, b, a);
    }

    public Value ge(Value a, Value b) {
        return compare(Op.LE, b, a);
    }

    public Value isNaN(Value a) {
        return ne(a, a);
    }

    /** {@code c ? a : b}; a choice between BOOLs is made of AND, OR and NOT. */
    public Value select(Value c, Value a, Value b) {
        check(c.type() == ScalarType.BOOL && a.type() == b.type(), Op.SELECT, c, a, b);
        if (a.id() == b.id()) {
            return a;
        }
        if (instr(c).op() == Op.CONST) {
            return instr(c).imm() != 0 ? a : b;
        }
        if (a.type() == ScalarType.BOOL) {
            return or(and(c, a), and(not(c), b));
        }
        return apply(Op.SELECT, a.type(), c, a, b);
    }

    /**
     * {@code c ? a : b} where {@code c} is seldom true: the same value as {@link #select}, with a hint (imm 1) that a
     * lowering may skip what only {@code a} needs while no lane asks for it.
     */
    public Value rare(Value c, Value a, Value b) {
        Value plain = select(c, a, b);
        Instr i = instr(plain);
        boolean isThisChoice = i.op() == Op.SELECT && i.a() == c.id() && i.b() == a.id() && i.c() == b.id();
        return isThisChoice ? put(new Instr(Op.SELECT, i.type(), i.a(), i.b(), i.c(), 1)) : plain;
    }

    /** By value; a conversion to BOOL is a comparison with zero, from BOOL a choice of 0 and 1. */
    public Value convert(Value a, ScalarType to) {
        if (a.type() == to) {
            return a;
        }
        if (to == ScalarType.BOOL) {
            return ne(a, constant(a.type(), 0));
        }
        if (a.type() == ScalarType.BOOL) {
            Value one = to.isFloat() ? real(to, 1) : integer(to, 1);
            return select(a, one, constant(to, 0));
        }
        return apply(Op.CONVERT, to, a);
    }

    public Value bitcast(Value a, ScalarType to) {
        check(a.type().bytes() == to.bytes() && to != ScalarType.BOOL, Op.BITCAST, a);
        return a.type() == to ? a : apply(Op.BITCAST, to, a);
    }

    // ---- other bodies

    /**
     * Appends another body's instructions with its loads replaced by {@code arguments}, by slot.
     *
     * @return the body's results
     */
    public List<Value> inline(Body body, List<Value> arguments) {
        Value[] values = new Value[body.instrs().size()];
        for (int id = 0; id < values.length; id++) {
            Instr i = body.instr(id);
            values[id] = switch (i.op()) {
                case LOAD -> arguments.get((int) i.imm());
                case CONST, INDEX -> put(i);
                default -> {
                    Value[] args = new Value[i.op().arity()];
                    for (int k = 0; k < args.length; k++) {
                        args[k] = values[i.arg(k)];
                    }
                    yield i.op() == Op.SELECT && i.imm() == 1
                            ? rare(args[0], args[1], args[2])
                            : apply(i.op(), i.type(), args);
                }
            };
        }
        return body.results().stream().map(r -> values[r]).toList();
    }

    /** The finished body: only what the results need, numbered anew in order. */
    public Body body(Value... results) {
        boolean[] needed = new boolean[instrs.size()];
        for (Value result : results) {
            needed[result.id()] = true;
        }
        for (int id = instrs.size() - 1; id >= 0; id--) {
            Instr i = instrs.get(id);
            for (int k = 0; needed[id] && k < i.op().arity(); k++) {
                needed[i.arg(k)] = true;
            }
        }
        int[] number = new int[instrs.size()];
        List<Instr> kept = new ArrayList<>();
        for (int id = 0; id < instrs.size(); id++) {
            if (needed[id]) {
                Instr i = instrs.get(id);
                number[id] = kept.size();
                kept.add(new Instr(
                        i.op(),
                        i.type(),
                        i.a() < 0 ? -1 : number[i.a()],
                        i.b() < 0 ? -1 : number[i.b()],
                        i.c() < 0 ? -1 : number[i.c()],
                        i.imm()));
            }
        }
        return new Body(
                kept, Arrays.stream(results).map(r -> number[r.id()]).toList());
    }

    // ---- the one door through which instructions come in

    private Value same(Op op, Value a, Value b) {
        check(a.type() == b.type(), op, a, b);
        return apply(op, a.type(), a, b);
    }

    private Value compare(Op op, Value a, Value b) {
        check(a.type() == b.type() && a.type() != ScalarType.BOOL, op, a, b);
        return apply(op, ScalarType.BOOL, a, b);
    }

    private Value apply(Op op, ScalarType type, Value... args) {
        boolean constant = true;
        long[] bits = new long[3];
        int[] ids = {-1, -1, -1};
        for (int k = 0; k < args.length; k++) {
            Instr arg = instr(args[k]);
            constant &= arg.op() == Op.CONST;
            bits[k] = arg.imm();
            ids[k] = args[k].id();
        }
        if (constant) {
            return constant(type, Semantics.apply(op, type, args[0].type(), bits[0], bits[1], bits[2]));
        }
        return put(new Instr(op, type, ids[0], ids[1], ids[2], 0));
    }

    private Value put(Instr instr) {
        Integer id = known.get(instr);
        if (id == null) {
            id = instrs.size();
            instrs.add(instr);
            known.put(instr, id);
        }
        return new Value(id, instr.type());
    }

    private Instr instr(Value value) {
        return instrs.get(value.id());
    }

    private static void check(boolean holds, Op op, Value... args) {
        if (!holds) {
            throw new IllegalArgumentException(op + " does not take " + Arrays.toString(args));
        }
    }
}
