package org.imbrex.kernels.loop;

import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/**
 * Rewrites what narrow vector units lack: below 512 bits x86 has no conversions between 64-bit integers and floats, and
 * the Vector API would call Java code for each lane.
 */
final class Legal {
    private static final double TWO_63 = 0x1p63;

    private final Code code = new Code();

    private Legal() {}

    /** A body of the same meaning that this machine's vectors can run. */
    static Body of(Body body) {
        boolean asks = body.instrs().stream().anyMatch(i -> i.op() == Op.CONVERT && isWide(body, i));
        return asks && Lanes.bits() < 512 ? new Legal().rewrite(body) : body;
    }

    private static boolean isWide(Body body, Instr convert) {
        ScalarType from = body.instr(convert.a()).type();
        return from == ScalarType.I64 && convert.type().isFloat() || from.isFloat() && convert.type() == ScalarType.I64;
    }

    private Body rewrite(Body body) {
        Value[] values = new Value[body.instrs().size()];
        for (int id = 0; id < values.length; id++) {
            Instr i = body.instr(id);
            if (i.op() != Op.CONVERT || !isWide(body, i)) {
                values[id] = Bodies.append(code, i, values);
                continue;
            }
            Value a = values[i.a()];
            values[id] = switch (i.type()) {
                case I64 -> toLong(code.convert(a, ScalarType.F64));
                case F64 -> toDouble(a);
                default -> code.convert(toDouble(stickyForFloat(a)), ScalarType.F32);
            };
        }
        return code.body(body.results().stream().map(r -> values[r]).toArray(Value[]::new));
    }

    /** Low half + 2^52 and high half + 2^84 are put together as bits; one addition rounds. */
    private Value toDouble(Value x) {
        Value low = code.or(code.and(x, code.i64(0xffffffffL)), code.i64(0x4330000000000000L));
        Value high = code.xor(code.ushr(x, 32), code.i64(0x4530000080000000L));
        Value rest = code.sub(code.bitcast(high, ScalarType.F64), code.f64(0x1p84 + 0x1p63 + 0x1p52));
        return code.add(rest, code.bitcast(low, ScalarType.F64));
    }

    /**
     * Beyond 2^53, the low 11 bits gathered into the one above, far below where a float rounds: then the way through a
     * double rounds only once.
     */
    private Value stickyForFloat(Value x) {
        Value rest = code.and(x, code.i64(0x7ff));
        Value rounded = code.or(code.and(x, code.i64(~0x7ffL)), code.i64(0x800));
        Value sticky = code.select(code.eq(rest, code.i64(0)), x, rounded);
        Value size = code.xor(x, code.shr(x, 63));
        return code.select(code.lt(size, code.i64(1L << 53)), x, sticky);
    }

    /** Truncates, saturates, and takes NaN to 0, by shifting the significand. */
    private Value toLong(Value a) {
        Value bits = code.bitcast(a, ScalarType.I64);
        Value sign = code.shr(bits, 63);
        Value exponent = code.sub(code.and(code.ushr(bits, 52), code.i64(0x7ff)), code.i64(1075));
        Value significand = code.or(code.and(bits, code.i64((1L << 52) - 1)), code.i64(1L << 52));
        Value isSmall = code.lt(exponent, code.i64(0));
        Value right = least(code.neg(exponent), 63);
        Value left = least(exponent, 11);
        Value zero = code.i64(0);
        Value size = code.select(
                isSmall,
                code.ushr(significand, code.select(isSmall, right, zero)),
                code.shl(significand, code.select(isSmall, zero, left)));
        Value whole = code.sub(code.xor(size, sign), sign);
        Value limit = code.xor(code.i64(Long.MAX_VALUE), sign);
        Value inRange = code.select(code.lt(code.abs(a), code.f64(TWO_63)), whole, limit);
        return code.select(code.isNaN(a), zero, inRange);
    }

    private Value least(Value a, long most) {
        return code.select(code.lt(a, code.i64(most)), a, code.i64(most));
    }
}
