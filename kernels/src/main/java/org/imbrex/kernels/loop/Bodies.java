package org.imbrex.kernels.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.IntUnaryOperator;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.Combine;

/** Bodies made of others, as reductions need them. */
public final class Bodies {
    private Bodies() {}

    /** Slot for slot, what it reads. */
    public static Body copy(List<ScalarType> types) {
        Code code = new Code();
        Value[] values = new Value[types.size()];
        for (int k = 0; k < values.length; k++) {
            values[k] = code.load(types.get(k), k);
        }
        return code.body(values);
    }

    /** The identities, whatever the index. */
    public static Body identities(List<Combine> combines, List<ScalarType> types) {
        Code code = new Code();
        Value[] values = new Value[types.size()];
        for (int k = 0; k < values.length; k++) {
            values[k] = code.constant(types.get(k), combines.get(k).identity(types.get(k)));
        }
        return code.body(values);
    }

    /** How two values of accumulator k become one. */
    interface Combining {
        Value apply(Code code, int k, Value a, Value b);
    }

    private static Combining combining(List<Combine> combines) {
        return (code, k, a, b) -> combines.get(k).apply(code, a, b);
    }

    /** {@code combine(slot k, slot K + k)} for each of K accumulators. */
    public static Body pairs(List<Combine> combines, List<ScalarType> types) {
        return pairs(combining(combines), types);
    }

    static Body pairs(Combining combines, List<ScalarType> types) {
        Code code = new Code();
        int count = types.size();
        Value[] values = new Value[count];
        for (int k = 0; k < count; k++) {
            values[k] = combines.apply(code, k, code.load(types.get(k), k), code.load(types.get(k), count + k));
        }
        return code.body(values);
    }

    /** The fold of the lanes: lane j of accumulator k is slot {@code j * K + k}. */
    public static Body fold(List<Combine> combines, List<ScalarType> types) {
        return fold(combining(combines), types);
    }

    static Body fold(Combining combines, List<ScalarType> types) {
        Code code = new Code();
        Value[] results = new Value[types.size()];
        for (int k = 0; k < results.length; k++) {
            List<Value> lanes = new ArrayList<>();
            for (int lane = 0; lane < CanonicalTree.LANES; lane++) {
                lanes.add(code.load(types.get(k), lane * results.length + k));
            }
            int accumulator = k;
            results[k] = fold(lanes, (a, b) -> combines.apply(code, accumulator, a, b));
        }
        return code.body(results);
    }

    /** Folds up to 8 lanes; those that are not there hold the identity, which changes nothing. */
    public static Value fold(Code code, Combine combine, List<Value> lanes) {
        return fold(lanes, (a, b) -> combine.apply(code, a, b));
    }

    private static Value fold(List<Value> lanes, BinaryOperator<Value> combine) {
        Value[] lane = lanes.toArray(new Value[CanonicalTree.LANES]);
        for (int half = CanonicalTree.LANES / 2; half >= 1; half /= 2) {
            for (int i = 0; i < half; i++) {
                if (lane[i + half] != null) {
                    lane[i] = combine.apply(lane[i], lane[i + half]);
                }
            }
        }
        return lane[0];
    }

    /** Which slot the load of a copy of a body has. */
    @FunctionalInterface
    public interface Slots {
        int of(int copy, int load);
    }

    /**
     * {@code combine(… combine(accumulator, body of copy 0) …, body of copy u - 1)}.
     *
     * @param accumulators the slot of the first accumulator, with the others behind it, or -1 where there is none
     * @param axis the new number of the body's INDEX {@code axis} in copy 0; each further copy's is {@code fixed} more
     *     where it is at least {@code rank}
     */
    public static Body chain(
            Body body,
            Slots slots,
            List<Combine> combines,
            int copies,
            int accumulators,
            IntUnaryOperator axis,
            int rank,
            int fixed) {
        return chain(body, slots, combining(combines), copies, accumulators, axis, rank, fixed);
    }

    static Body chain(
            Body body,
            Slots slots,
            Combining combines,
            int copies,
            int accumulators,
            IntUnaryOperator axis,
            int rank,
            int fixed) {
        Code code = new Code();
        Value[] values = new Value[body.results().size()];
        if (accumulators >= 0) {
            for (int k = 0; k < values.length; k++) {
                values[k] = code.load(body.resultType(k), accumulators + k);
            }
        }
        for (int copy = 0; copy < copies; copy++) {
            int shift = copy * fixed;
            int number = copy;
            Body moved = withAxes(body, a -> {
                int to = axis.applyAsInt(a);
                return to < rank ? to : to + shift;
            });
            List<Value> arguments = arguments(code, body, load -> slots.of(number, load));
            List<Value> results = code.inline(moved, arguments);
            for (int k = 0; k < values.length; k++) {
                values[k] = values[k] == null
                        ? results.get(k)
                        : combines.apply(code, k, values[k], results.get(k));
            }
        }
        return code.body(values);
    }

    /** Appends an instruction of another body, whose earlier values are at hand. */
    public static Value append(Code code, Instr i, Value[] values) {
        Value a = i.a() < 0 ? null : values[i.a()];
        Value b = i.b() < 0 ? null : values[i.b()];
        Value c = i.c() < 0 ? null : values[i.c()];
        return switch (i.op()) {
            case CONST -> code.constant(i.type(), i.imm());
            case LOAD -> code.load(i.type(), (int) i.imm());
            case INDEX -> code.index(i.type(), (int) i.imm());
            case ADD -> code.add(a, b);
            case SUB -> code.sub(a, b);
            case MUL -> code.mul(a, b);
            case DIV -> code.div(a, b);
            case REM -> code.rem(a, b);
            case NEG -> code.neg(a);
            case ABS -> code.abs(a);
            case SQRT -> code.sqrt(a);
            case FMA -> code.fma(a, b, c);
            case AND -> code.and(a, b);
            case OR -> code.or(a, b);
            case XOR -> code.xor(a, b);
            case NOT -> code.not(a);
            case SHL -> code.shl(a, b);
            case SHR -> code.shr(a, b);
            case USHR -> code.ushr(a, b);
            case EQ -> code.eq(a, b);
            case NE -> code.ne(a, b);
            case LT -> code.lt(a, b);
            case LE -> code.le(a, b);
            case SELECT -> Regions.isRare(i) ? code.rare(a, b, c) : code.select(a, b, c);
            case CONVERT -> code.convert(a, i.type());
            case BITCAST -> code.bitcast(a, i.type());
        };
    }

    /** The body's loads as loads of other slots. */
    static List<Value> arguments(Code code, Body body, IntUnaryOperator slot) {
        Value[] arguments = new Value[1 + body.instrs().stream()
                .filter(i -> i.op() == Op.LOAD)
                .mapToInt(i -> (int) i.imm())
                .max()
                .orElse(-1)];
        for (Instr instr : body.instrs()) {
            if (instr.op() == Op.LOAD) {
                arguments[(int) instr.imm()] = code.load(instr.type(), slot.applyAsInt((int) instr.imm()));
            }
        }
        return java.util.Arrays.asList(arguments);
    }

    /** The body with its INDEX axes numbered anew. */
    public static Body withAxes(Body body, IntUnaryOperator axis) {
        if (!body.uses(Op.INDEX)) {
            return body;
        }
        return new Body(
                body.instrs().stream()
                        .map(i -> i.op() == Op.INDEX
                                ? new Instr(i.op(), i.type(), -1, -1, -1, axis.applyAsInt((int) i.imm()))
                                : i)
                        .toList(),
                body.results());
    }

    public static List<ScalarType> types(Body body) {
        List<ScalarType> types = new ArrayList<>();
        for (int k = 0; k < body.results().size(); k++) {
            types.add(body.resultType(k));
        }
        return types;
    }
}
