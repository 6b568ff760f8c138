package org.imbrex.kernels.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.lower.Lowerings;
import org.junit.jupiter.api.Test;

class LoweringContractTest {
    @Test
    void theReferenceGivesTheSameBitsForAnyTiles() {
        LoweringContract.check(Lowerings::reference, 1, 2000, 600);
    }

    @Test
    void aKernelThatWritesOneByteTooManyIsFound() {
        RandomStages stages = new RandomStages(2, 100);
        try (Case c = stages.next()) {
            LoweringContract.Runner reference = LoweringContract.runner(Lowerings.reference(c.stage()));
            assertThatThrownBy(() -> LoweringContract.check(
                            c,
                            (tile, loads, stores) -> {
                                reference.run(tile, loads, stores);
                                var last = stores.getLast();
                                last.set(java.lang.foreign.ValueLayout.JAVA_BYTE, last.byteSize() - 1, (byte) 0);
                            },
                            new Random(1)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("seed 2, stage ");
        }
    }
}
