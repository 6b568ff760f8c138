package org.imbrex.kernels.lower;

import java.util.List;
import java.util.Random;
import org.imbrex.kernels.contract.ExtremeCases;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.type.DType;
import org.junit.jupiter.api.Test;

/** Minima and maxima where equal values differ in their bits, and where NaN, seldom, must win; and all of integers. */
class ExtremesTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());

    private static void check(List<Combine> how, DType dtype, long rows, long n, Random random) {
        Loops.When when = random.nextInt(4) == 0 ? Loops.When.NEVER : Loops.When.AT_ONCE;
        try (Case c = ExtremeCases.next(how, dtype, rows, n, random, SEED)) {
            Lowering lowering = Lowerings.vector(c.stage(), new Loops(when));
            LoweringContract.check(c, LoweringContract.runner(lowering), random);
        }
    }

    /** Some leaves, or enough for one loop over all of them. */
    private static long length(Random random) {
        return 1 + random.nextInt(random.nextBoolean() ? 1500 : 6000);
    }

    private static List<Combine> extremes(Random random) {
        return random.nextInt(3) == 0
                ? List.of(Combine.MIN, Combine.MAX)
                : List.of(random.nextBoolean() ? Combine.MIN : Combine.MAX);
    }

    private static DType floats(Random random) {
        return random.nextBoolean() ? DType.F32 : DType.F64;
    }

    @Test
    void zerosInfinitiesAndNaNsHaveTheReferencesBits() {
        Random random = new Random(SEED);
        for (int i = 0; i < 400; i++) {
            check(extremes(random), floats(random), 1 + random.nextInt(3), length(random), random);
        }
    }

    /** A row of several chunks, each with a value of its own. */
    @Test
    void longRowsHaveTheReferencesBits() {
        Random random = new Random(SEED);
        for (int i = 0; i < 6; i++) {
            check(extremes(random), floats(random), 1, 150_000 + random.nextInt(200_000), random);
        }
    }

    @Test
    void integersHaveTheReferencesBits() {
        Random random = new Random(SEED);
        for (int i = 0; i < 200; i++) {
            Combine how = Combine.values()[random.nextInt(Combine.values().length)];
            check(List.of(how), random.nextBoolean() ? DType.I32 : DType.I64, 1 + random.nextInt(3), length(random), random);
        }
    }
}
