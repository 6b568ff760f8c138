package org.imbrex.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.scalar.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No result is further from the true value than one unit in its last place; {@link Precise} knows that value. */
class AccuracyTest {
    private static final long SEED = Long.getLong("imbrex.seed", 3);
    private static final int INPUTS = 150;

    /** Near multiples of pi/2 (Muller, Elementary Functions), at limits of ranges, at thresholds of our reductions. */
    private static final double[] HARD = {
        0x1.6ac5b262ca1ffp849, 0x1.921fb54442d18p0, 0x1.2d97c7f3321d2p2, 0x1.1475cc9eedf01p5, 0x1p24, 0x1.fffffep14,
        0x1p15, 0x1p16, 1e22, 0x1.fffffffffffffp1023, 0x1.fffffep127, 709.7, 88.7, -87.4, -103, -708.5, -744, 0.34657359,
        0.34657360, 1.0397207, 0.70710678, 1.41421356, 0.66666666, 1.33333333, 0x1.fffffep-1, 0x1.000002p0, 1.0000000001,
        0.5, 0.50000006, 1e-8, 1e-20, 1e-40, 1e-310, 9.0109, 22.18
    };

    @ParameterizedTest
    @EnumSource(
            value = Function.class,
            names = {
                "EXP", "EXPM1", "LOG", "LOG1P", "LOG2", "LOG10", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "SINH",
                "COSH", "TANH", "ATAN2", "HYPOT", "POW"
            })
    void errsByLessThanOneUnit(Function function) {
        for (ScalarType type : new ScalarType[] {ScalarType.F32, ScalarType.F64}) {
            Random random = new Random(SEED + function.ordinal());
            double[] x = new double[INPUTS + HARD.length];
            double[] y = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                double hard = i < HARD.length ? HARD[i] : draw(random);
                x[i] = fit(function, random, rounded(type, hard));
                y[i] = other(function, random, type, x[i]);
            }
            double[] found = function.arity() == 1
                    ? Evaluated.of(function, type, x)
                    : Evaluated.of(function, type, x, y);
            for (int i = 0; i < x.length; i++) {
                check(function, type, x[i], y[i], found[i]);
            }
        }
    }

    private static void check(Function function, ScalarType type, double x, double y, double found) {
        if (!Double.isFinite(x) || !Double.isFinite(y) || !isInDomain(function, x)) {
            return;
        }
        boolean single = type == ScalarType.F32;
        BigDecimal truth = Precise.of(function, x, y);
        double rounded = rounded(type, truth.doubleValue());
        String what = "%s(%s, %s) in %s, seed %d: %s instead of %s"
                .formatted(function.text(), Double.toHexString(x), Double.toHexString(y), type, SEED, found, truth);
        if (Double.isInfinite(rounded)) {
            assertThat(found).as(what).isEqualTo(rounded);
            return;
        }
        double unit = single ? Math.ulp((float) rounded) : Math.ulp(rounded);
        double error = new BigDecimal(found).subtract(truth).abs().doubleValue();
        assertThat(error / unit).as(what).isLessThanOrEqualTo(1);
    }

    private static boolean isInDomain(Function function, double x) {
        return switch (function) {
            case LOG, LOG2, LOG10, POW -> x > 0;
            case LOG1P -> x > -1;
            case ASIN, ACOS -> Math.abs(x) <= 1;
            // beyond, the oracle's powers grow without need
            case EXP, EXPM1, SINH, COSH, TANH -> Math.abs(x) < 800;
            default -> x != 0;
        };
    }

    /** Draws again what lies outside of a function's domain. */
    private static double fit(Function function, Random random, double x) {
        return switch (function) {
            case LOG, LOG2, LOG10, POW -> Math.abs(x);
            case ASIN, ACOS -> Math.abs(x) > 1 ? (float) (random.nextDouble() * 2 - 1) : x;
            default -> x;
        };
    }

    private static double other(Function function, Random random, ScalarType type, double x) {
        double most = type == ScalarType.F32 ? 103 : 744;
        double y = function == Function.POW
                ? (random.nextDouble() * 2 - 1) * most / Math.max(1e-6, Math.abs(Math.log(x)))
                : x * Math.exp(random.nextGaussian() * 3);
        return rounded(type, y);
    }

    private static double draw(Random random) {
        double sign = random.nextBoolean() ? 1 : -1;
        return switch (random.nextInt(4)) {
            case 0 -> sign * random.nextDouble();
            case 1 -> sign * random.nextDouble() * 90;
            case 2 -> 1 + sign * Math.exp(-random.nextDouble() * 30);
            default -> sign * Math.exp(random.nextGaussian() * 15);
        };
    }

    private static double rounded(ScalarType type, double x) {
        return type == ScalarType.F32 ? (float) x : x;
    }
}
