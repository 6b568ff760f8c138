package org.imbrex.runtime.opencl;

import java.util.Random;
import java.util.function.Predicate;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.RandomStages;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.opencl.OpenClTarget.Style;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Stage;
import org.junit.jupiter.api.Test;

/** Kernels take long to build, so most stages here share one with others; see {@code RandomStages.ofFewKernels}. */
class OpenClContractTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", 1);
    private static final int STAGES_PER_KERNEL = 90;
    /** Of the 13 kinds in turn; building one takes a second and more, so a long run is asked for. */
    private static final int KERNELS = Integer.getInteger("imbrex.test.kernels", 26);
    private static final int ELEMENTS = 600;

    private static void check(OpenClFixture f, RandomStages stages, int count, long seed, Predicate<Stage> which) {
        for (int i = 0; i < count; i++) {
            try (Case c = stages.next()) {
                if (which.test(c.stage())) {
                    LoweringContract.check(c, f.runner(c.stage()), new Random(seed + i));
                }
            }
        }
    }

    @Test
    void loopsGiveTheReferencesBitsForAnyLayoutAndTile() {
        try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(Style.LOOPS, false))) {
            RandomStages stages = RandomStages.ofFewKernels(SEED, ELEMENTS, STAGES_PER_KERNEL);
            check(f, stages, KERNELS * STAGES_PER_KERNEL, SEED, stage -> stage instanceof MapStage);
        }
    }

    @Test
    void itemsGiveTheReferencesBitsForAnyLayoutAndTile() {
        try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(Style.ITEMS, false).withInPlace(false))) {
            RandomStages stages = RandomStages.ofFewKernels(SEED + 1, ELEMENTS, STAGES_PER_KERNEL);
            check(f, stages, KERNELS / 2 * STAGES_PER_KERNEL, SEED, stage -> stage instanceof MapStage);
        }
    }

    @Test
    void textMadeForALayoutGivesTheReferencesBits() {
        for (Style style : Style.values()) {
            try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(style, true))) {
                check(f, new RandomStages(SEED + 2, 3000), KERNELS, SEED, stage -> stage instanceof MapStage);
            }
        }
    }
}
