package org.imbrex.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.scalar.Value;
import org.junit.jupiter.api.Test;

/** What has one right answer: rounding, remainders, integers, powers by constants. */
class ExactTest {
    private static final long SEED = Long.getLong("imbrex.seed", 5);
    private static final ScalarType[] FLOATS = {ScalarType.F32, ScalarType.F64};

    @Test
    void roundingIsExactAndKeepsTheSignOfZero() {
        Random random = new Random(SEED);
        double[] x = new double[20_000];
        for (int i = 0; i < x.length; i++) {
            double near = random.nextInt(-6, 7) * 0.5 + (random.nextInt(3) - 1) * 0x1p-22;
            double any = Float.intBitsToFloat(random.nextInt());
            double large = Math.scalb(random.nextDouble(-1, 1), random.nextInt(60));
            x[i] = (float) (i % 3 == 0 ? near : i % 3 == 1 ? any : large);
        }
        for (ScalarType type : FLOATS) {
            same(type, Function.ROUND, x, Math::rint);
            same(type, Function.FLOOR, x, Math::floor);
            same(type, Function.CEIL, x, Math::ceil);
            same(type, Function.TRUNC, x, v -> v < 0 || 1 / v < 0 ? Math.ceil(v) : Math.floor(v));
        }
    }

    private static void same(ScalarType type, Function function, double[] x, DoubleUnaryOperator oracle) {
        double[] expected = Arrays.stream(x).map(oracle).toArray();
        assertThat(Evaluated.of(function, type, x)).as("%s %s seed %d", function, type, SEED).isEqualTo(expected);
    }

    @Test
    void remaindersAreExactForAnyQuotient() {
        Random random = new Random(SEED);
        for (ScalarType type : FLOATS) {
            boolean single = type == ScalarType.F32;
            double[] a = new double[5000];
            double[] b = new double[a.length];
            for (int i = 0; i < a.length; i++) {
                a[i] = finite(random, single);
                boolean near = random.nextBoolean();
                double other = near ? a[i] * random.nextDouble(-1, 1) / (1 + random.nextInt(9)) : finite(random, single);
                b[i] = single ? (float) other : other;
                if (near && random.nextBoolean()) {
                    a[i] = b[i] * random.nextInt(100); // often a multiple, often just not
                    a[i] = single ? (float) a[i] : a[i];
                }
            }
            double[] rest = Evaluated.of(Function.MOD, type, a, b);
            double[] quotient = Evaluated.of(Function.FLOORDIV, type, a, b);
            for (int i = 0; i < a.length; i++) {
                if (b[i] == 0 || !Double.isFinite(a[i])) {
                    continue;
                }
                String what = "%s and %s in %s, seed %d"
                        .formatted(Double.toHexString(a[i]), Double.toHexString(b[i]), type, SEED);
                double truncated = a[i] % b[i]; // Java's is exact
                double expected = truncated != 0 && truncated < 0 != b[i] < 0 ? truncated + b[i] : truncated;
                expected = expected == 0 ? Math.copySign(0, b[i]) : expected;
                assertThat((Double) rest[i]).as("%% of " + what).isEqualTo((Double) (single ? (float) expected : expected));
                floors(what, single, a[i], b[i], quotient[i]);
            }
        }
    }

    /** As NumPy's, the quotient is the floor rounded to nearest, or, where the rounded difference divides so, next to it. */
    private static void floors(String what, boolean single, double a, double b, double found) {
        BigDecimal exact = new BigDecimal(a).divide(new BigDecimal(b), 400, RoundingMode.FLOOR);
        double floor = exact.setScale(0, RoundingMode.FLOOR).doubleValue();
        double expected = single ? (float) floor : floor;
        if (Double.isInfinite(expected)) {
            assertThat(Math.abs(found)).as("// of " + what).isGreaterThanOrEqualTo(single ? Float.MAX_VALUE : Double.MAX_VALUE);
            return;
        }
        double unit = single ? Math.ulp((float) expected) : Math.ulp(expected);
        double allowed = unit < 1 ? 0 : unit;
        assertThat(Math.abs(found - expected)).as("// of %s: %s instead of %s", what, found, expected).isLessThanOrEqualTo(allowed);
    }

    private static double finite(Random random, boolean single) {
        while (true) {
            double x = single ? Float.intBitsToFloat(random.nextInt()) : Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(x)) {
                return random.nextBoolean() ? x : (single ? (float) random.nextDouble(-9, 9) : random.nextDouble(-9, 9));
            }
        }
    }

    @Test
    void integersDivideAndWrapAsInNumPy() {
        long[] edges = {
            0, 1, -1, 2, -2, 3, -7, 10, 1000, Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE + 1, Long.MAX_VALUE,
            Long.MIN_VALUE, Long.MIN_VALUE + 1, 1L << 40, -(1L << 40) + 1
        };
        long[] a = new long[edges.length * edges.length];
        long[] b = new long[a.length];
        for (int i = 0; i < a.length; i++) {
            a[i] = edges[i / edges.length];
            b[i] = edges[i % edges.length];
        }
        table(Function.FLOORDIV, a, b, (x, y) -> y == 0 ? 0 : Math.floorDiv(x, y));
        table(Function.MOD, a, b, (x, y) -> y == 0 ? 0 : Math.floorMod(x, y));
        table(Function.POW, a, b, ExactTest::power);
        table(Function.MINIMUM, a, b, Math::min);
        table(Function.MAXIMUM, a, b, Math::max);
    }

    private static void table(Function function, long[] a, long[] b, LongBinaryOperator oracle) {
        long[] found = Evaluated.bits(function, ScalarType.I64, a, b);
        long[] narrow = Evaluated.bits(function, ScalarType.I32, a, b);
        for (int i = 0; i < a.length; i++) {
            String what = "%d %s %d".formatted(a[i], function.text(), b[i]);
            assertThat(found[i]).as(what).isEqualTo(oracle.applyAsLong(a[i], b[i]));
            int x = (int) a[i];
            int y = (int) b[i];
            assertThat((int) narrow[i]).as("i32 " + what).isEqualTo((int) oracle.applyAsLong(x, y));
        }
    }

    private static long power(long base, long exponent) {
        if (exponent < 0) {
            return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
        }
        long result = 1;
        long square = base;
        for (long rest = exponent; rest != 0; rest >>= 1, square *= square) {
            result = rest % 2 == 0 ? result : result * square;
        }
        return result;
    }

    @Test
    void constantExponentsAreDirect() {
        Random random = new Random(SEED);
        for (double exponent : new double[] {-1, 0.5, 1, 2, 3, 4}) {
            for (int i = 0; i < 2000; i++) {
                double x = Math.scalb(random.nextDouble(-1, 1), random.nextInt(-70, 70));
                double found = constantPower(x, exponent);
                double expected = exponent == 0.5 ? Math.sqrt(x) : exponent == -1 ? 1 / x : new BigDecimal(x)
                        .pow((int) exponent)
                        .doubleValue();
                String what = x + " ** " + exponent + " seed " + SEED;
                if (exponent < 3) {
                    assertThat((Double) found).as(what).isEqualTo((Double) expected);
                } else {
                    assertThat(Math.abs(found - expected)).as(what).isLessThanOrEqualTo(Math.ulp(expected));
                }
            }
        }
        assertThat(constantPower(1e200, 3)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(constantPower(-1e200, 3)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(constantPower(Double.NEGATIVE_INFINITY, 4)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(constantPower(Double.NaN, 3)).isNaN();
        assertThat((Double) constantPower(-0.0, 3)).isEqualTo((Double) (-0.0));
    }

    /** Folded: every instruction's meaning comes from {@link Semantics}. */
    private static double constantPower(double x, double exponent) {
        Code code = new Code();
        Value result = Functions.apply(code, Function.POW, code.f64(x), code.f64(exponent));
        return Semantics.f64(code.constant(result).orElseThrow());
    }

    @Test
    void boolsAreComparedAndCombined() {
        long[] a = {0, 0, 1, 1};
        long[] b = {0, 1, 0, 1};
        Object[][] cases = {
            {Function.AND, new long[] {0, 0, 0, 1}}, {Function.OR, new long[] {0, 1, 1, 1}},
            {Function.XOR, new long[] {0, 1, 1, 0}}, {Function.EQ, new long[] {1, 0, 0, 1}},
            {Function.NE, new long[] {0, 1, 1, 0}}, {Function.LT, new long[] {0, 1, 0, 0}},
            {Function.LE, new long[] {1, 1, 0, 1}}, {Function.GT, new long[] {0, 0, 1, 0}},
            {Function.GE, new long[] {1, 0, 1, 1}}, {Function.MINIMUM, new long[] {0, 0, 0, 1}},
            {Function.MAXIMUM, new long[] {0, 1, 1, 1}}
        };
        for (Object[] c : cases) {
            assertThat(Evaluated.bits((Function) c[0], ScalarType.BOOL, a, b)).as(c[0].toString()).isEqualTo((long[]) c[1]);
        }
        assertThat(Evaluated.bits(Function.INVERT, ScalarType.BOOL, a)).isEqualTo(new long[] {1, 1, 0, 0});
    }
}
