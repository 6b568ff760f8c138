package org.imbrex.kernels.lower;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.imbrex.kernels.contract.FuserContract;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.RandomStages;
import org.imbrex.kernels.loop.Loops;
import org.junit.jupiter.api.Test;

/** Run once with the machine's own vectors and once with 128-bit ones. */
class VectorTest {
    private static final int CASES = Integer.getInteger("imbrex.test.cases", 10_000);

    @Test
    void vectorCodeGivesTheReferencesBits() {
        Loops loops = new Loops(Loops.When.AT_ONCE);
        LoweringContract.check(stage -> Lowerings.vector(stage, loops), 11, CASES, 500);
    }

    @Test
    void scalarCodeGivesTheReferencesBits() {
        Loops loops = new Loops(Loops.When.NEVER);
        LoweringContract.check(stage -> Lowerings.vector(stage, loops), 12, CASES / 5, 500);
    }

    @Test
    void expressionsGiveTheBitsOfTheirNodes() {
        Loops loops = new Loops(Loops.When.AT_ONCE);
        FuserContract.check(stage -> Lowerings.vector(stage, loops), 5000, CASES / 10);
    }

    @Test
    void bodiesTooLargeForTheJitAreCut() {
        Loops loops = new Loops(Loops.When.AT_ONCE);
        RandomStages stages = new RandomStages(14, 700, 1500);
        for (int i = 0; i < CASES / 100; i++) {
            try (RandomStages.Case c = stages.next()) {
                LoweringContract.check(
                        c, LoweringContract.runner(Lowerings.vector(c.stage(), loops)), new Random(i));
            }
        }
    }

    /**
     * As C2 compiles it, not as the Vector API's Java code computes it. Some 128-bit loops are never fast, and waiting
     * for them takes long.
     */
    @Test
    void compiledVectorCodeGivesTheReferencesBits() throws InterruptedException {
        assumeTrue(Loops.vectorBits() >= 256);
        Loops loops = new Loops(Loops.When.WARM, 1);
        for (int i = 0; i < CASES / 250; i++) {
            try (RandomStages.Case c = new RandomStages(1000 + i, 4000).next()) {
                Lowering lowering = Lowerings.vector(c.stage(), loops);
                LoweringContract.Runner runner = LoweringContract.runner(lowering);
                LoweringContract.check(c, runner, new Random(i));
                Loops.awaitCompiled();
                LoweringContract.check(c, runner, new Random(i));
            }
        }
    }
}
