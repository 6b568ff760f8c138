package org.imbrex.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.imbrex.runtime.BackendContract;
import org.junit.jupiter.api.Test;

class VectorBackendTest {
    @Test
    void vectorGivesTheReferencesBits() {
        int cases = Integer.getInteger("imbrex.test.cases", 80);
        assertThat(BackendContract.check(new VectorBackend(2), 1, cases)).isEqualTo(2L * cases);
    }
}
