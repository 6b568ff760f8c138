package org.imbrex.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Locale;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.scalar.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Zeros with their sign, infinities and NaN, as C99's annex F and NumPy have them, in both types. */
class SpecialValuesTest {

    /** function, arguments, result; every sign of zero counts. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "exp -inf 0", "exp inf inf", "exp 0 1", "exp -0 1", "exp nan nan", "exp 1e30 inf", "exp -1e30 0",
                "expm1 -inf -1", "expm1 inf inf", "expm1 0 0", "expm1 -0 -0", "expm1 nan nan", "expm1 -1e30 -1",
                "log 0 -inf", "log -0 -inf", "log 1 0", "log -1 nan", "log inf inf", "log -inf nan", "log nan nan",
                "log2 0 -inf", "log2 1 0", "log2 8 3", "log2 0.125 -3", "log2 -2 nan", "log2 inf inf", "log2 nan nan",
                "log10 0 -inf", "log10 1 0", "log10 1000 3", "log10 -2 nan", "log10 inf inf", "log10 nan nan",
                "log1p -1 -inf", "log1p 0 0", "log1p -0 -0", "log1p -2 nan", "log1p inf inf", "log1p nan nan",
                "sin 0 0", "sin -0 -0", "sin inf nan", "sin -inf nan", "sin nan nan",
                "cos 0 1", "cos -0 1", "cos inf nan", "cos nan nan",
                "tan 0 0", "tan -0 -0", "tan inf nan", "tan nan nan",
                "asin 0 0", "asin -0 -0", "asin 1.5 nan", "asin -inf nan", "asin nan nan",
                "acos 1 0", "acos 1.5 nan", "acos -inf nan", "acos nan nan",
                "atan 0 0", "atan -0 -0", "atan nan nan",
                "sinh 0 0", "sinh -0 -0", "sinh inf inf", "sinh -inf -inf", "sinh nan nan",
                "cosh 0 1", "cosh inf inf", "cosh -inf inf", "cosh nan nan",
                "tanh 0 0", "tanh -0 -0", "tanh inf 1", "tanh -inf -1", "tanh nan nan", "tanh 1e30 1",
                "hypot inf nan inf", "hypot nan -inf inf", "hypot nan 1 nan", "hypot 0 -0 0", "hypot -3 4 5",
                "atan2 0 0 0", "atan2 -0 0 -0", "atan2 0 1 0", "atan2 -0 1 -0", "atan2 0 inf 0", "atan2 -1 inf -0",
                "atan2 nan 1 nan", "atan2 1 nan nan",
                "** nan 0 1", "** 1 nan 1", "** 1 inf 1", "** -1 inf 1", "** -1 -inf 1", "** 0.5 inf 0", "** 0.5 -inf inf",
                "** 2 inf inf", "** 2 -inf 0", "** -2 inf inf", "** 0 -1 inf", "** -0 -1 -inf", "** -0 -3 -inf",
                "** -0 -2 inf", "** -0 -0.5 inf", "** -0 3 -0", "** 0 3 0", "** -0 2 0", "** -2 3 -8", "** -2 2 4",
                "** -2 0.5 nan", "** inf -1 0", "** inf 2 inf", "** -inf 3 -inf", "** -inf 2 inf", "** -inf -3 -0",
                "** -inf -2 0", "** -inf 0.5 inf", "** 2 nan nan", "** nan 2 nan", "** 0 nan nan", "** 3 4 81",
                "** 2 -inf 0", "** 0 inf 0", "** 0 -inf inf", "** 1e30 1e30 inf", "** 1e-30 1e30 0",
                "% 7 inf 7", "% -7 inf inf", "% 5 0 nan", "% inf 5 nan", "% nan 5 nan", "% -0 5 0", "% 0 -5 -0",
                "% -7.5 2 0.5", "% 7.5 -2 -0.5", "// 1 0 inf", "// -1 0 -inf", "// 0 0 nan", "// -7.5 2 -4", "// 7 inf 0",
                "// -7 inf -1", "// nan 1 nan", "// -0 1 -0",
                "floor -0 -0", "floor -0.5 -1", "floor inf inf", "floor nan nan", "ceil -0.5 -0", "ceil -0 -0",
                "ceil 0.5 1", "ceil nan nan", "round 0.5 0", "round 1.5 2", "round -0.5 -0", "round -2.5 -2", "round inf inf",
                "trunc -0.9 -0", "trunc 1.9 1", "trunc -inf -inf", "trunc nan nan",
                "sign nan nan", "sign -0 0", "sign -3 -1", "sign inf 1", "sqrt -0 -0", "sqrt -1 nan",
                "minimum nan 1 nan", "minimum 1 nan nan", "minimum 2 1 1", "maximum nan 1 nan", "maximum 1 nan nan",
                "maximum -inf 1 1", "clip 5 0 3 3", "clip -5 0 3 0", "clip nan 0 3 nan", "clip 1 3 2 2",
                "isnan nan true", "isnan inf false", "isinf -inf true", "isinf nan false", "isfinite 1 true",
                "isfinite inf false", "isfinite nan false", "== nan nan false", "!= nan nan true", "< 1 nan false"
            })
    void specialValuesAreThoseOfC99AndNumPy(String text) {
        String[] words = text.split(" ");
        Function function = Arrays.stream(Function.values())
                .filter(f -> words[0].equals(f.symbol().isEmpty() ? f.text() : f.symbol())
                        || words[0].equals(f.text()))
                .findFirst()
                .orElseThrow();
        double[] arguments = new double[function.arity()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = number(words[i + 1]);
        }
        String expected = words[arguments.length + 1];
        for (ScalarType type : new ScalarType[] {ScalarType.F32, ScalarType.F64}) {
            if (expected.equals("true") || expected.equals("false")) {
                assertThat(bool(function, type, arguments)).as(text + " " + type).isEqualTo(expected.equals("true"));
                continue;
            }
            double found = Evaluated.at(function, type, arguments);
            // boxed doubles are equal where NaN is, and the signs of zeros are
            assertThat((Double) found).as(text + " " + type).isEqualTo((Double) number(expected));
        }
    }

    @Test
    void anglesOfAxesAreMultiplesOfHalfPi() {
        double[][] cases = {
            {0, -1, Math.PI}, {-0.0, -1, -Math.PI}, {0, -0.0, Math.PI}, {-0.0, -0.0, -Math.PI}, {1, 0, Math.PI / 2},
            {-1, -0.0, -Math.PI / 2}, {Double.POSITIVE_INFINITY, 1, Math.PI / 2},
            {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Math.PI / 4},
            {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, -3 * Math.PI / 4},
            {1, Double.NEGATIVE_INFINITY, Math.PI}, {-1, Double.NEGATIVE_INFINITY, -Math.PI}
        };
        for (double[] c : cases) {
            assertThat(Evaluated.at(Function.ATAN2, ScalarType.F64, c[0], c[1])).isEqualTo(c[2]);
            assertThat((float) Evaluated.at(Function.ATAN2, ScalarType.F32, c[0], c[1])).isEqualTo((float) c[2]);
        }
        assertThat(Evaluated.at(Function.ATAN, ScalarType.F64, Double.POSITIVE_INFINITY)).isEqualTo(Math.PI / 2);
        assertThat(Evaluated.at(Function.ATAN, ScalarType.F64, Double.NEGATIVE_INFINITY)).isEqualTo(-Math.PI / 2);
        assertThat(Evaluated.at(Function.ACOS, ScalarType.F64, -1)).isEqualTo(Math.PI);
    }

    private static boolean bool(Function function, ScalarType type, double[] arguments) {
        long[][] bits = new long[arguments.length][1];
        for (int i = 0; i < bits.length; i++) {
            bits[i][0] = type == ScalarType.F32
                    ? Float.floatToRawIntBits((float) arguments[i])
                    : Double.doubleToRawLongBits(arguments[i]);
        }
        return Evaluated.bits(function, type, bits)[0] == 1;
    }

    private static double number(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan" -> Double.NaN;
            default -> Double.parseDouble(text);
        };
    }
}
