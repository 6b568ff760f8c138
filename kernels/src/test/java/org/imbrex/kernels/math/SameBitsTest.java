package org.imbrex.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Interpreted, compiled scalar and vector code give the same bits, rare paths included. */
class SameBitsTest {
    private static final long SEED = Long.getLong("imbrex.seed", 9);
    private static final int COUNT = 103;

    private static final double[] SPECIAL = {
        0.0, -0.0, 1, -1, 0.5, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, 1e-40, -1e-310, 1e5, -1e30,
        88.8, -104.2, 710.2, 2, 3
    };

    @ParameterizedTest
    @EnumSource(Function.class)
    void everyLoweringGivesTheSameBits(Function function) {
        if (function == Function.WHERE) {
            return; // its condition is of another type
        }
        for (ScalarType type : new ScalarType[] {ScalarType.F32, ScalarType.F64}) {
            long[][] arguments = arguments(type, function.arity());
            Code code = new Code();
            Value[] values = new Value[arguments.length];
            for (int k = 0; k < values.length; k++) {
                values[k] = code.load(type, k);
            }
            if (isForBits(function)) {
                continue;
            }
            Interpreter interpreter = new Interpreter(code.body(Functions.apply(code, function, values)));
            long[] expected = new long[COUNT];
            for (int i = 0; i < COUNT; i++) {
                long[] element = new long[arguments.length];
                for (int k = 0; k < element.length; k++) {
                    element[k] = arguments[k][i];
                }
                interpreter.run(new long[0], element);
                expected[i] = canonical(type, interpreter.result(0));
            }
            for (Loops.When when : new Loops.When[] {Loops.When.NEVER, Loops.When.AT_ONCE}) {
                long[] found = Evaluated.bits(new Loops(when), function, type, arguments);
                for (int i = 0; i < COUNT; i++) {
                    assertThat(canonical(type, found[i]))
                            .as("%s %s %s element %d, seed %d", function, type, when, i, SEED)
                            .isEqualTo(expected[i]);
                }
            }
        }
    }

    private static boolean isForBits(Function function) {
        return function == Function.AND
                || function == Function.OR
                || function == Function.XOR
                || function == Function.INVERT;
    }

    /** Payloads of NaN are free. */
    private static long canonical(ScalarType type, long bits) {
        if (type == ScalarType.F32) {
            float x = Float.intBitsToFloat((int) bits);
            return Float.isNaN(x) ? Float.floatToIntBits(Float.NaN) : (int) bits;
        }
        return Double.isNaN(Double.longBitsToDouble(bits)) ? Double.doubleToLongBits(Double.NaN) : bits;
    }

    private static long[][] arguments(ScalarType type, int count) {
        Random random = new Random(SEED);
        long[][] arguments = new long[count][COUNT];
        for (long[] argument : arguments) {
            for (int i = 0; i < COUNT; i++) {
                // ordinary vectors, then special lanes
                double x = i < 40 || random.nextInt(3) > 0
                        ? (random.nextDouble() - 0.5) * 20
                        : SPECIAL[random.nextInt(SPECIAL.length)];
                argument[i] = type == ScalarType.F32
                        ? Float.floatToRawIntBits((float) x)
                        : Double.doubleToRawLongBits(x);
            }
        }
        return arguments;
    }
}
