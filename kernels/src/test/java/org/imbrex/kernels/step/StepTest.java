package org.imbrex.kernels.step;

import static org.assertj.core.api.Assertions.assertThat;

import org.imbrex.kernels.contract.StepContract;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.Stage;
import org.junit.jupiter.api.Test;

class StepTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", 1);
    private static final int CASES = Integer.getInteger("imbrex.test.steps", 60);

    private static HostKernel vector(Stage stage, Loops loops) {
        return stage instanceof IterateStage iterate
                ? new StepVector(iterate, loops)
                : Lowerings.reference(stage);
    }

    @Test
    void theReferenceGivesTheBitsOfSingleSteps() {
        StepContract.check(Lowerings::reference, SEED, CASES);
    }

    @Test
    void compiledLoopsGiveTheBitsOfSingleSteps() {
        Loops vectors = new Loops(Loops.When.AT_ONCE);
        StepContract.check(stage -> vector(stage, vectors), SEED, CASES / 3);
        Loops scalar = new Loops(Loops.When.NEVER);
        StepContract.check(stage -> vector(stage, scalar), SEED, CASES);
    }

    @Test
    void bitsDoNotDependOnTiles() {
        Loops scalar = new Loops(Loops.When.NEVER);
        int stages = StepContract.checkTiles(Lowerings::reference, SEED, CASES)
                + StepContract.checkTiles(stage -> vector(stage, scalar), SEED, CASES);
        assertThat(stages).isGreaterThan(CASES);
    }
}
