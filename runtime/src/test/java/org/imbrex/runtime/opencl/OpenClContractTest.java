package org.imbrex.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.RandomStages;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.opencl.OpenClTarget.Style;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.runtime.BackendContract;
import org.junit.jupiter.api.Test;

/** Kernels take long to build, so most stages here share one with others; see {@code RandomStages.ofFewKernels}. */
class OpenClContractTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", 1);
    private static final int STAGES_PER_KERNEL = 100;
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
            check(f, stages, KERNELS * STAGES_PER_KERNEL, SEED, stage -> true);
        }
    }

    @Test
    void itemsGiveTheReferencesBitsForAnyLayoutAndTile() {
        try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(Style.ITEMS, false).withInPlace(false))) {
            RandomStages stages = RandomStages.ofFewKernels(SEED + 1, ELEMENTS, STAGES_PER_KERNEL);
            // reductions for GPUs hold barriers, which take a processor's driver five seconds and more to compile
            Set<Body> reductions = new HashSet<>();
            check(f, stages, KERNELS / 2 * STAGES_PER_KERNEL, SEED, stage -> !(stage instanceof ReduceStage reduce)
                    || reductions.contains(reduce.body())
                    || reductions.size() < 2 && reductions.add(reduce.body()));
        }
    }

    @Test
    void textMadeForALayoutGivesTheReferencesBits() {
        for (Style style : Style.values()) {
            try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(style, true))) {
                check(f, new RandomStages(SEED + 2, 3000), 16, SEED, stage -> true);
            }
        }
    }

    @Test
    void wholeProgramsGiveTheReferencesBits() {
        try (OpenClFixture f = new OpenClFixture(o -> o)) {
            assertThat(f.device.info().exact()).isTrue();
        }
        int cases = Integer.getInteger("imbrex.test.programs", 6);
        assertThat(BackendContract.check(new OpenClBackend(), SEED, cases)).isEqualTo(2L * cases);
    }
}
