package org.imbrex.bench.accuracy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.imbrex.kernels.expr.Function;

/** Draws inputs: any bits, values over the function's interesting range, neighbours of hard points. */
final class Inputs {
    /** Arguments near multiples of pi/2, thresholds of reductions, limits of ranges (Muller, Elementary Functions). */
    private static final double[] HARD = {
        0x1.6ac5b262ca1ffp849, 0x1.921fb54442d18p0, 0x1.921fb54442d18p1, 0x1.2d97c7f3321d2p2, 0x1.0p24, 0x1.0p15,
        0x1.ae92p16, 0x1.fffffffffffffp1023, 0x1p-1022, 0x1p-1074, 709.782712893384, -745.1332191019412, 710.4758600739439,
        -708.3964185322641, 0.35, 0.5, 1, -1, 0.41421356237309503, 0.7071067811865476, 1.4142135623730951, -0.29289321881345254,
        0.3465735902799726, 1.0397207708399179, 88.72283905206835, -103.97208, 0, -0.0, 2, 10, 1e22, 3.1415926535897932e5
    };

    private final Function function;
    private final boolean single;
    private final SplittableRandom random;

    Inputs(Function function, boolean single, SplittableRandom random) {
        this.function = function;
        this.single = single;
        this.random = random;
    }

    void put(MemorySegment x, MemorySegment y, int i) {
        double a = one();
        double b = one();
        if (function == Function.POW && random.nextInt(4) != 0) {
            a = Math.exp(random.nextDouble(-20, 20));
            // powers whose result is an ordinary number
            b = random.nextDouble(-1, 1) * (single ? 88 : 709) / Math.max(1e-3, Math.abs(Math.log(a)));
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
        return switch (random.nextInt(8)) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> near(HARD[random.nextInt(HARD.length)]);
            case 2 -> near(random.nextInt(-100_000, 100_000) * (Math.PI / 2));
            case 3 -> random.nextDouble(-1, 1);
            case 4 -> random.nextDouble(-1, 1) * Math.exp(random.nextDouble(-50, 10));
            case 5 -> Math.exp(random.nextDouble(-2, 2)) * (random.nextBoolean() ? 1 : -1);
            case 6 -> random.nextDouble(-30, 30);
            default -> random.nextDouble(single ? -105 : -750, single ? 90 : 712);
        };
    }

    private double near(double value) {
        long bits = Double.doubleToRawLongBits(value) + random.nextInt(-8, 9);
        return single ? (float) value + random.nextInt(-4, 5) * Math.ulp((float) value) : Double.longBitsToDouble(bits);
    }
}
