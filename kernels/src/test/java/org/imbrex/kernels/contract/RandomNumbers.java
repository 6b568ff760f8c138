package org.imbrex.kernels.contract;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.math.Functions;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.typing.Node;

/** Random arrays in plain Java: what the counters, words and distributions are. */
public final class RandomNumbers {
    private RandomNumbers() {}

    /** Philox 4x32-10 on words of 32 bits. */
    public static int[] philox(int[] counter, int[] key) {
        int[] x = counter.clone();
        int[] k = key.clone();
        for (int round = 0; round < 10; round++) {
            long a = (x[0] & 0xFFFFFFFFL) * 0xD2511F53L;
            long b = (x[2] & 0xFFFFFFFFL) * 0xCD9E8D57L;
            x = new int[] {(int) (b >>> 32) ^ x[1] ^ k[0], (int) b, (int) (a >>> 32) ^ x[3] ^ k[1], (int) a};
            k[0] += 0x9E3779B9;
            k[1] += 0xBB67AE85;
        }
        return x;
    }

    static long[] of(Node.Random random) {
        long[] bits = new long[Math.toIntExact(random.type().shape().elements())];
        for (int i = 0; i < bits.length; i++) {
            int[] words = philox(
                    new int[] {i, 0, random.distribution().ordinal(), 0},
                    new int[] {(int) random.seed(), (int) (random.seed() >>> 32)});
            bits[i] = element(random, words);
        }
        return bits;
    }

    private static long element(Node.Random random, int[] words) {
        boolean single = random.type().dtype() == DType.F32;
        long high = (words[0] & 0xFFFFFFFFL) << 32 | (words[1] & 0xFFFFFFFFL);
        long low = (words[2] & 0xFFFFFFFFL) << 32 | (words[3] & 0xFFFFFFFFL);
        return switch (random.distribution()) {
            case RANDOM ->
                single
                        ? Semantics.bits((words[0] >>> 8) * 0x1p-24f)
                        : Semantics.bits((high >>> 11) * 0x1p-53);
            case RANDINT ->
                random.lo() + Math.unsignedMultiplyHigh((long) words[0] << 32, random.hi() - random.lo());
            case NORMAL -> {
                if (single) {
                    float u = ((words[0] >>> 1) + 1L) * 0x1p-31f;
                    float v = (words[2] >>> 8) * 0x1p-24f;
                    float radius = (float) Math.sqrt(-2 * (float) function(ScalarType.F32, Function.LOG).applyAsDouble(
                            Semantics.bits(u)));
                    yield Semantics.bits(radius * (float) function(ScalarType.F32, Function.COS).applyAsDouble(
                            Semantics.bits((float) (2 * Math.PI) * v)));
                }
                double u = ((high >>> 11) + 1) * 0x1p-53;
                double v = (low >>> 11) * 0x1p-53;
                double radius =
                        Math.sqrt(-2 * function(ScalarType.F64, Function.LOG).applyAsDouble(Semantics.bits(u)));
                yield Semantics.bits(radius
                        * function(ScalarType.F64, Function.COS).applyAsDouble(Semantics.bits(2 * Math.PI * v)));
            }
        };
    }

    private static final Map<String, LongToDoubleFunction> FUNCTIONS = new HashMap<>();

    /** One of our functions, from raw bits to the value. */
    private static LongToDoubleFunction function(ScalarType type, Function function) {
        return FUNCTIONS.computeIfAbsent(type + function.text(), name -> {
            Code code = new Code();
            Interpreter body = new Interpreter(code.body(Functions.apply(code, function, code.load(type, 0))));
            return bits -> {
                body.run(new long[0], bits);
                return type == ScalarType.F32 ? Semantics.f32(body.result(0)) : Semantics.f64(body.result(0));
            };
        });
    }
}
