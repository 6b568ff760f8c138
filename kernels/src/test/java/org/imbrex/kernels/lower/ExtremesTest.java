package org.imbrex.kernels.lower;

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

    private static void check(Combine how, DType dtype, Random random) {
        // some leaves, or enough for one loop over all of them
        long n = 1 + random.nextInt(random.nextBoolean() ? 1500 : 6000);
        try (Case c = ExtremeCases.next(how, dtype, 1 + random.nextInt(3), n, random, SEED)) {
            Lowering lowering = Lowerings.vector(c.stage(), new Loops(Loops.When.AT_ONCE));
            LoweringContract.check(c, LoweringContract.runner(lowering), random);
        }
    }

    @Test
    void zerosInfinitiesAndNaNs() {
        Random random = new Random(SEED);
        for (int i = 0; i < 400; i++) {
            Combine how = random.nextBoolean() ? Combine.MIN : Combine.MAX;
            check(how, random.nextBoolean() ? DType.F32 : DType.F64, random);
        }
    }

    @Test
    void integers() {
        Random random = new Random(SEED);
        for (int i = 0; i < 200; i++) {
            Combine how = Combine.values()[random.nextInt(Combine.values().length)];
            check(how, random.nextBoolean() ? DType.I32 : DType.I64, random);
        }
    }
}
