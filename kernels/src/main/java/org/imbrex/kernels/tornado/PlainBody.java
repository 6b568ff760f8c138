package org.imbrex.kernels.tornado;

import org.imbrex.kernels.loop.Bodies;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.scalar.Value;

/**
 * A body in the operations that TornadoVM compiles to the same bits. Seen with 5.2: {@code >>>} becomes a signed shift;
 * {@code <=} of a NaN is true; a conversion to long goes through int, and none saturates; an infinite constant does not
 * compile.
 */
final class PlainBody {
    /** The slot of a load that gives infinity, as a float64. */
    static final int INFINITY = 1 << 20;

    private final Code code = new Code();

    private PlainBody() {}

    static Body of(Body body) {
        return new PlainBody().rewrite(body);
    }

    static boolean usesInfinity(Body plain) {
        return plain.instrs().stream().anyMatch(i -> i.op() == Op.LOAD && i.imm() == INFINITY);
    }

    private Body rewrite(Body body) {
        Value[] values = new Value[body.instrs().size()];
        for (int id = 0; id < values.length; id++) {
            Instr i = body.instr(id);
            Value a = i.a() < 0 ? null : values[i.a()];
            Value b = i.b() < 0 ? null : values[i.b()];
            values[id] = switch (i.op()) {
                case CONST -> constant(i);
                case USHR -> shifted(a, b);
                case LE -> a.type().isFloat() ? code.or(code.lt(a, b), code.eq(a, b)) : code.le(a, b);
                case CONVERT -> a.type().isFloat() && i.type().isInteger() ? whole(a, i.type()) : code.convert(a, i.type());
                default -> Bodies.append(code, i, values);
            };
        }
        return code.body(body.results().stream().map(r -> values[r]).toArray(Value[]::new));
    }

    private Value constant(Instr i) {
        double value = switch (i.type()) {
            case F32 -> Semantics.f32(i.imm());
            case F64 -> Semantics.f64(i.imm());
            default -> 0;
        };
        if (Double.isFinite(value)) {
            return code.constant(i.type(), i.imm());
        }
        Value infinity = code.convert(code.load(ScalarType.F64, INFINITY), i.type());
        return Double.isNaN(value) ? code.sub(infinity, infinity) : value > 0 ? infinity : code.neg(infinity);
    }

    /** The sign's copies are masked out; there are none for a shift by 0. */
    private Value shifted(Value a, Value n) {
        Value lowest = code.integer(a.type(), a.type() == ScalarType.I32 ? Integer.MIN_VALUE : Long.MIN_VALUE);
        Value copies = code.shl(code.shr(lowest, n), 1);
        return code.and(code.shr(a, n), code.not(copies));
    }

    /** Truncated, saturated, NaN to 0. */
    private Value whole(Value a, ScalarType to) {
        boolean isInt = to == ScalarType.I32;
        Value limit = code.real(a.type(), isInt ? 0x1p31 : 0x1p63);
        Value inside = isInt ? code.convert(a, ScalarType.I32) : wide(a);
        Value most = code.integer(to, isInt ? Integer.MAX_VALUE : Long.MAX_VALUE);
        Value least = code.integer(to, isInt ? Integer.MIN_VALUE : Long.MIN_VALUE);
        Value within = code.lt(code.abs(a), limit);
        Value beyond = code.select(
                code.lt(code.constant(a.type(), 0), a), most, code.select(code.isNaN(a), code.integer(to, 0), least));
        return code.select(within, inside, beyond);
    }

    /** In three pieces, each of which an int holds. */
    private Value wide(Value a) {
        Value value = code.convert(a, ScalarType.F64);
        Value size = code.abs(value);
        Value inRange = code.select(code.lt(size, code.f64(0x1p63)), size, code.f64(0));
        Value high = code.convert(code.mul(inRange, code.f64(0x1p-32)), ScalarType.I32);
        Value rest = code.sub(inRange, code.mul(code.convert(high, ScalarType.F64), code.f64(0x1p32)));
        Value middle = code.convert(code.mul(rest, code.f64(0x1p-16)), ScalarType.I32);
        Value last = code.sub(rest, code.mul(code.convert(middle, ScalarType.F64), code.f64(0x1p16)));
        Value low = code.convert(last, ScalarType.I32);
        Value bits = code.or(
                code.or(code.shl(long64(high), 32), code.shl(long64(middle), 16)), long64(low));
        return code.select(code.lt(value, code.f64(0)), code.neg(bits), bits);
    }

    private Value long64(Value a) {
        return code.convert(a, ScalarType.I64);
    }
}
