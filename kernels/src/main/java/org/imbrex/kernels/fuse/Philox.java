package org.imbrex.kernels.fuse;

import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.math.Functions;
import org.imbrex.kernels.math.Philox4x32;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.typing.Node;

/**
 * Elements of random arrays, each from a block of its own of Philox 4x32-10: the counter's words 0 and 1 are the
 * element's row-major index, low word first, word 2 is the distribution's number, word 3 is 0; the key is the seed, low
 * word first.
 */
final class Philox {
    private static final double TWO_PI = 2 * Math.PI;

    private Philox() {}

    /** The element at a row-major index, an I64. */
    static Value element(Code code, Node.Random random, Value index) {
        Value[] words = Philox4x32.block(
                code,
                new Value[] {
                    Philox4x32.low(code, index),
                    code.ushr(index, 32),
                    code.i64(random.distribution().ordinal()),
                    code.i64(0)
                },
                random.seed());
        boolean single = random.type().dtype() == DType.F32;
        return switch (random.distribution()) {
            case RANDOM -> single ? uniform32(code, words[0]) : uniform64(code, words[0], words[1], 0);
            case NORMAL -> normal(code, words, single);
            case RANDINT ->
                code.add(
                        code.i64(random.lo()),
                        random.hi() - random.lo() == 1L << 32
                                ? words[0]
                                : code.ushr(code.mul(words[0], code.i64(random.hi() - random.lo())), 32));
        };
    }

    /** The upper 53 bits of two words, and {@code more}, times 2^-53. */
    private static Value uniform64(Code code, Value high, Value low, int more) {
        Value bits = code.or(code.shl(high, 21), code.ushr(low, 11));
        return code.mul(code.convert(code.add(bits, code.i64(more)), ScalarType.F64), code.f64(0x1p-53));
    }

    /** The upper 24 bits of a word times 2^-24. */
    private static Value uniform32(Code code, Value word) {
        Value bits = code.convert(code.ushr(word, 8), ScalarType.I32);
        return code.mul(code.convert(bits, ScalarType.F32), code.f32(0x1p-24f));
    }

    /** By Box and Muller: a radius of u in (0, 1], an angle of v in [0, 1). */
    private static Value normal(Code code, Value[] words, boolean single) {
        ScalarType type = single ? ScalarType.F32 : ScalarType.F64;
        Value u = single
                ? code.mul(
                        code.convert(code.add(code.ushr(words[0], 1), code.i64(1)), ScalarType.F32),
                        code.f32(0x1p-31f))
                : uniform64(code, words[0], words[1], 1);
        Value v = single ? uniform32(code, words[2]) : uniform64(code, words[2], words[3], 0);
        Value log = Functions.apply(code, Function.LOG, u);
        Value radius = code.sqrt(code.mul(code.real(type, -2), log));
        Value angle = code.mul(code.real(type, TWO_PI), v);
        return code.mul(radius, Functions.apply(code, Function.COS, angle));
    }
}
