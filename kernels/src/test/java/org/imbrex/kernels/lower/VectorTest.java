package org.imbrex.kernels.lower;

import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.loop.Loops;
import org.junit.jupiter.api.Test;

class VectorTest {
    @Test
    void vectorCodeGivesTheReferencesBits() {
        Loops loops = new Loops(Loops.When.AT_ONCE);
        LoweringContract.check(stage -> Lowerings.vector(stage, loops), 11, 2000, 1000);
    }

    @Test
    void scalarCodeGivesTheReferencesBits() {
        Loops loops = new Loops(Loops.When.NEVER);
        LoweringContract.check(stage -> Lowerings.vector(stage, loops), 12, 2000, 1000);
    }
}
