package org.imbrex.bench.accuracy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.type.DType;

/** Draws inputs: any bits, values over the function's interesting range, neighbours of hard points. */
final class Inputs {
    /**
     * Limits of ranges, thresholds of our reductions, and the doubles nearest to a multiple of pi/2 (Muller, Elementary
     * Functions, table 11.1; Kahan's program).
     */
    private static final double[] HARD = {
        0x1.6ac5b262ca1ffp849, 0x1.921fb54442d18p0, 0x1.921fb54442d18p1, 0x1.2d97c7f3321d2p2, 0x1.0p24, 0x1.0p15,
        0x1.ae92p16, 0x1.fffffffffffffp1023, 0x1p-1022, 0x1p-1074, 709.782712893384, -745.1332191019412,
        710.4758600739439, -708.3964185322641, 0.35, 0.5, 1, -1, 0.41421356237309503, 0.7071067811865476,
        1.4142135623730951, -0.29289321881345254, 0.3465735902799726, 1.0397207708399179, 88.72283905206835, -103.97208,
        -87.33654475055310, 0, -0.0, 2, 10, 1e22, 3.1415926535897932e5, 0.2, 9.010913347279289, 22.18070977791825,
        Double.POSITIVE_INFINITY, Double.NaN
    };

    private final Function function;
    private final boolean single;
    private final SplittableRandom random;

    Inputs(Function function, DType dtype, SplittableRandom random) {
        this.function = function;
        this.single = dtype == DType.F32;
        this.random = random;
    }

    void put(MemorySegment x, MemorySegment y, int i) {
        double a = one();
        double b = one();
        if (function == Function.POW && random.nextInt(4) != 0) {
            a = random.nextBoolean() ? Math.exp(random.nextDouble(-20, 20)) : Math.abs(one());
            // powers whose result is an ordinary number, or just not
            double most = (single ? 104 : 746) / Math.max(1e-10, Math.abs(Math.log(a)));
            b = random.nextDouble(-1, 1) * most;
        } else if (function.arity() == 2 && random.nextInt(2) == 0) {
            b = a * Math.exp(random.nextDouble(-4, 4));
        }
        if (single) {
            x.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) a);
            y.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) b);
        } else {
            x.setAtIndex(ValueLayout.JAVA_DOUBLE, i, a);
            y.setAtIndex(ValueLayout.JAVA_DOUBLE, i, b);
        }
    }

    private double one() {
        return switch (random.nextInt(10)) {
            case 0 -> single ? Float.intBitsToFloat(random.nextInt()) : Double.longBitsToDouble(random.nextLong());
            case 1 -> near(HARD[random.nextInt(HARD.length)]);
            case 2 -> near(random.nextInt(-100_000, 100_000) * (Math.PI / 2));
            case 3 -> random.nextDouble(-1, 1);
            case 4 -> random.nextDouble(-1, 1) * powerOfTwo(-80, 14);
            case 5 -> powerOfTwo(-3, 3) * (1 + random.nextDouble()) * (random.nextBoolean() ? 1 : -1);
            case 6 -> random.nextDouble(-30, 30);
            case 7 -> 1 + random.nextDouble(-1, 1) * powerOfTwo(single ? -24 : -53, 0);
            case 8 -> near(random.nextLong(1L << 40) * (Math.PI / 2));
            default -> random.nextDouble(single ? -105 : -750, single ? 90 : 712);
        };
    }

    private double powerOfTwo(int from, int to) {
        return Double.longBitsToDouble((random.nextInt(from, to + 1) + 1023L) << 52);
    }

    private double near(double value) {
        long bits = Double.doubleToRawLongBits(value) + random.nextInt(-8, 9);
        return single ? (float) value + random.nextInt(-4, 5) * Math.ulp((float) value) : Double.longBitsToDouble(bits);
    }
}
