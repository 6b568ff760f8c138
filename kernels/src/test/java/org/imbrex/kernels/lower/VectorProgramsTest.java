package org.imbrex.kernels.lower;

import java.util.stream.Stream;
import org.imbrex.kernels.contract.FuserContract;
import org.imbrex.kernels.contract.GoldenCase;
import org.imbrex.kernels.loop.Loops;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Whole programs in vector code, from the first element. */
class VectorProgramsTest {
    private final Loops loops = new Loops(Loops.When.AT_ONCE);

    @TestFactory
    Stream<DynamicTest> vectorsGiveWhatNumPyGives() {
        return GoldenCase.all().stream()
                .map(golden -> DynamicTest.dynamicTest(
                        golden.toString(), () -> golden.check(stage -> Lowerings.vector(stage, loops))));
    }

    @Test
    void programsGiveTheBitsOfTheirNodes() {
        FuserContract.check(stage -> Lowerings.vector(stage, loops), 10_001, 400);
    }
}
