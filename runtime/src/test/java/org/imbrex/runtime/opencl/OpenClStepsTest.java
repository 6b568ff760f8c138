package org.imbrex.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.RandomStages;
import org.imbrex.kernels.contract.StepContract;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.opencl.OpenClTarget.Style;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.junit.jupiter.api.Test;

/** Time steps in boxes, and as launches, give the bits of whole single steps. */
class OpenClStepsTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", 1);
    /** Each is a kernel to build. */
    private static final int CASES = Integer.getInteger("imbrex.test.steps", 30);

    private static void check(OpenClFixture f, String name, IterateStage stage, long seed) {
        Random random = new Random(seed);
        try (RandomStages.Case made = StepContract.made(name, stage, random)) {
            LoweringContract.check(made, f.runner(stage), random);
        }
    }

    private static IterateStage first(String text, DType dtype, long... extents) {
        Shape shape = new Shape(extents);
        Map<String, ArrayType> types = new LinkedHashMap<>();
        Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
        for (String input : Parser.parse(text).inputs()) {
            types.put(input, new ArrayType(dtype, shape));
            buffers.put(input, new Program.Buffer(dtype, shape, shape.strides()));
        }
        Program program = Fuser.fuse(Typing.check(List.of(Parser.parse(text)), types), buffers);
        return (IterateStage) program.stages().stream()
                .filter(stage -> stage instanceof IterateStage)
                .findFirst()
                .orElseThrow();
    }

    private static boolean inBoxes(OpenClFixture f, IterateStage stage) {
        return Lowerings.openCl(stage, f.options.target()).source().contains("__kernel void steps(");
    }

    @Test
    void iterationsByChanceGiveTheReferencesBits() {
        int boxes = 0;
        try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(Style.LOOPS, true))) {
            for (long seed = SEED; seed < SEED + CASES; seed++) {
                StepContract.Case c = StepContract.of(seed);
                for (Stage stage : c.program().stages()) {
                    if (stage instanceof IterateStage iterate) {
                        check(f, "seed " + seed + ": " + c.text(), iterate, seed);
                        boxes += inBoxes(f, iterate) ? 1 : 0;
                        break;
                    }
                }
            }
        }
        assertThat(boxes).as("stages that were computed in boxes").isGreaterThan(CASES / 5);
    }

    @Test
    void manyBoxesOfATileGiveTheReferencesBits() {
        String heat = "u + 0.1 * ((at(u, -1, 0) + at(u, 1, 0)) + (at(u, 0, -1) + at(u, 0, 1)) - 4 * u)";
        try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(Style.LOOPS, true))) {
            for (IterateStage stage : List.of(
                    first("iterate(" + heat + ", steps=5)", DType.F64, 210, 520),
                    first("iterate(u=stencil(at(u, 2) - v, mode='reflect'), v=stencil(at(v, -1) + exp(u), mode=3),"
                            + " steps=6)[1]", DType.F32, 150_000),
                    first("iterate(stencil(at(u, -1, 0, 1) + sin(u), mode='symmetric'), steps=2)", DType.F32, 70, 40, 60))) {
                assertThat(inBoxes(f, stage)).isTrue();
                check(f, stage.toString(), stage, SEED);
            }
        }
    }

    @Test
    void stepsForGpusAreLaunchesAndGiveTheReferencesBits() {
        try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(Style.ITEMS, true).withInPlace(false))) {
            IterateStage stage = first("iterate(stencil(at(u, -1, 0) + at(u, 0, 2), mode='edge'), steps=4)", DType.I32, 17, 23);
            assertThat(inBoxes(f, stage)).isFalse();
            check(f, stage.toString(), stage, SEED);
        }
    }
}
