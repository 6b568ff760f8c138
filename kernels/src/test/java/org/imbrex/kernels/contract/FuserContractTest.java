package org.imbrex.kernels.contract;

import org.imbrex.kernels.lower.Lowerings;
import org.junit.jupiter.api.Test;

class FuserContractTest {
    @Test
    void programsGiveTheBitsOfTheirNodes() {
        FuserContract.check(Lowerings::reference, 1, 3000);
    }
}
