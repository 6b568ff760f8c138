package org.imbrex.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.scalar.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against StrictMath, which is within 1 ulp in f64 and as good as exact in f32; the bench measures finer. */
class FunctionsTest {
    private static final long SEED = System.nanoTime();
    private static final long[] NONE = {};

    private static final Map<Function, DoubleUnaryOperator> UNARY = Map.ofEntries(
            Map.entry(Function.EXP, StrictMath::exp),
            Map.entry(Function.EXPM1, StrictMath::expm1),
            Map.entry(Function.LOG, StrictMath::log),
            Map.entry(Function.LOG1P, StrictMath::log1p),
            Map.entry(Function.LOG10, StrictMath::log10),
            Map.entry(Function.SIN, StrictMath::sin),
            Map.entry(Function.COS, StrictMath::cos),
            Map.entry(Function.TAN, StrictMath::tan),
            Map.entry(Function.ASIN, StrictMath::asin),
            Map.entry(Function.ACOS, StrictMath::acos),
            Map.entry(Function.ATAN, StrictMath::atan),
            Map.entry(Function.SINH, StrictMath::sinh),
            Map.entry(Function.COSH, StrictMath::cosh),
            Map.entry(Function.TANH, StrictMath::tanh),
            Map.entry(Function.SQRT, Math::sqrt),
            Map.entry(Function.FLOOR, Math::floor),
            Map.entry(Function.CEIL, Math::ceil),
            Map.entry(Function.ROUND, Math::rint),
            Map.entry(Function.TRUNC, x -> x < 0 ? Math.ceil(x) : Math.floor(x)));

    private static final Map<Function, DoubleBinaryOperator> BINARY = Map.of(
            Function.ATAN2, StrictMath::atan2, Function.HYPOT, StrictMath::hypot, Function.POW, StrictMath::pow);

    private static final double[] SPECIAL = {
        0.0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1e-30, -1e-30, 1e30, -1e30, Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY, Double.NaN, 0x1p-140, 88.8, -104.5, 0.35, 1e5, 1.5, -2.5, 0x1p31
    };

    private static Interpreter code(Function function, ScalarType type) {
        Code code = new Code();
        Value x = code.load(type, 0);
        Value result = function.arity() == 1
                ? Functions.apply(code, function, x)
                : Functions.apply(code, function, x, code.load(type, 1));
        return new Interpreter(code.body(result));
    }

    private static double run(Interpreter code, ScalarType type, double x, double y) {
        if (type == ScalarType.F32) {
            code.run(NONE, Semantics.bits((float) x), Semantics.bits((float) y));
            return Semantics.f32(code.result(0));
        }
        code.run(NONE, Semantics.bits(x), Semantics.bits(y));
        return Semantics.f64(code.result(0));
    }

    private static void close(String what, ScalarType type, double found, double expected) {
        if (Double.isNaN(expected) || Double.isNaN(found)) {
            assertThat(found).as(what).isNaN();
            assertThat(expected).as(what).isNaN();
            return;
        }
        boolean single = type == ScalarType.F32;
        double rounded = single ? (float) expected : expected;
        if (rounded == 0) {
            assertThat(found == 0 && 1 / found == 1 / rounded || found != 0 && Math.abs(found) <= (single ? 0x1p-149 : 0x1p-1074))
                    .as("%s: %s instead of %s", what, found, rounded)
                    .isTrue();
        } else if (Double.isInfinite(rounded) || Double.isInfinite(found)) {
            double largest = single ? Float.MAX_VALUE : Double.MAX_VALUE;
            assertThat(Math.signum(found)).as(what).isEqualTo(Math.signum(rounded));
            assertThat(Math.abs(found)).as(what).isGreaterThanOrEqualTo(largest);
        } else {
            // f32: 1 ulp; f64: 1 ulp of ours and 1 of StrictMath's
            double ulp = single ? Math.ulp((float) rounded) : 2 * Math.ulp(rounded);
            assertThat(Math.abs(found - expected)).as("%s: %s instead of %s", what, found, expected).isLessThanOrEqualTo(ulp);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void functionsAreCloseToStrictMath(ScalarType type) {
        Random random = new Random(SEED);
        UNARY.forEach((function, oracle) -> {
            Interpreter code = code(function, type);
            for (int i = 0; i < 4000; i++) {
                double x = i < SPECIAL.length ? SPECIAL[i] : draw(random, type);
                x = type == ScalarType.F32 ? (float) x : x;
                close(function + " of " + Double.toHexString(x) + " seed " + SEED, type, run(code, type, x, 0), oracle.applyAsDouble(x));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void functionsOfTwoAreCloseToStrictMath(ScalarType type) {
        Random random = new Random(SEED);
        BINARY.forEach((function, oracle) -> {
            Interpreter code = code(function, type);
            for (int i = 0; i < SPECIAL.length * SPECIAL.length + 3000; i++) {
                boolean special = i < SPECIAL.length * SPECIAL.length;
                double x = special ? SPECIAL[i / SPECIAL.length] : draw(random, type);
                double y = special ? SPECIAL[i % SPECIAL.length] : draw(random, type);
                x = type == ScalarType.F32 ? (float) x : x;
                y = type == ScalarType.F32 ? (float) y : y;
                double expected = oracle.applyAsDouble(x, y);
                if (function == Function.POW && (x == 1 || (x == -1 && Double.isInfinite(y)))) {
                    expected = 1; // C99, where Java says NaN
                }
                String what = function + " of " + Double.toHexString(x) + ", " + Double.toHexString(y) + " seed " + SEED;
                close(what, type, run(code, type, x, y), expected);
            }
        });
    }

    private static double draw(Random random, ScalarType type) {
        return switch (random.nextInt(5)) {
            case 0 -> type == ScalarType.F32
                    ? Float.intBitsToFloat(random.nextInt())
                    : Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextDouble() * 2 - 1;
            case 2 -> (random.nextDouble() - 0.5) * 60;
            case 3 -> (random.nextDouble() - 0.5) * (type == ScalarType.F32 ? 200 : 1450);
            default -> Math.exp(random.nextGaussian() * 8) * (random.nextBoolean() ? 1 : -1);
        };
    }

    @Test
    void floatRemaindersAreExactAndHaveTheDivisorsSign() {
        Random random = new Random(SEED);
        for (ScalarType type : new ScalarType[] {ScalarType.F32, ScalarType.F64}) {
            Interpreter mod = code(Function.MOD, type);
            Interpreter div = code(Function.FLOORDIV, type);
            for (int i = 0; i < 3000; i++) {
                double a = draw(random, type);
                double b = draw(random, type);
                a = type == ScalarType.F32 ? (float) a : a;
                b = type == ScalarType.F32 ? (float) b : b;
                String what = a + " % " + b + " seed " + SEED;
                double found = run(mod, type, a, b);
                if (!Double.isFinite(a) || b == 0 || Double.isNaN(b)) {
                    assertThat(found).as(what).isNaN();
                    continue;
                }
                double rest = type == ScalarType.F32 ? (float) a % (float) b : a % b;
                double expected = rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
                expected = type == ScalarType.F32 ? (float) expected : expected;
                assertThat(found).as(what).isEqualTo(expected == 0 ? Math.copySign(0, b) : expected);
                double quotient = run(div, type, a, b);
                assertThat(quotient).as(what).isEqualTo(Math.rint(quotient));
            }
        }
    }

    @Test
    void integersDivideAsNumPyDoes() {
        int[] values = {0, 1, -1, 2, -2, 7, -7, 100, Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE + 1};
        Interpreter div = code(Function.FLOORDIV, ScalarType.I32);
        Interpreter mod = code(Function.MOD, ScalarType.I32);
        Interpreter pow = code(Function.POW, ScalarType.I32);
        for (int a : values) {
            for (int b : values) {
                div.run(NONE, a, b);
                mod.run(NONE, a, b);
                assertThat((int) div.result(0)).as("%d // %d", a, b).isEqualTo(b == 0 ? 0 : Math.floorDiv(a, b));
                assertThat((int) mod.result(0)).as("%d %% %d", a, b).isEqualTo(b == 0 ? 0 : Math.floorMod(a, b));
                if (b >= 0 && b < 1000) {
                    int expected = 1;
                    for (int k = 0; k < b; k++) {
                        expected *= a;
                    }
                    pow.run(NONE, a, b);
                    assertThat((int) pow.result(0)).as("%d ** %d", a, b).isEqualTo(expected);
                }
            }
        }
    }
}
