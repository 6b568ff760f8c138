package org.imbrex.kernels.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.imbrex.kernels.lower.Lowerings;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class GoldenCaseTest {
    @TestFactory
    Stream<DynamicTest> theReferenceGivesWhatNumPyGives() {
        return GoldenCase.all().stream()
                .map(golden -> DynamicTest.dynamicTest(golden.toString(), () -> golden.check(Lowerings::reference)));
    }

    @Test
    void aResultOutsideItsBoundIsTold() {
        GoldenCase golden = GoldenCase.all().getFirst();
        Values wrong = new Values(golden.expected().type(), golden.expected().bits().clone());
        wrong.bits()[3] += 1;
        assertThatThrownBy(() -> golden.check(wrong))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("c000: a + b: at element 3 expected");
    }
}
