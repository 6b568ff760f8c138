package org.imbrex.kernels.lower;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.NodeEvaluator;
import org.imbrex.kernels.contract.PlaceCases;
import org.imbrex.kernels.contract.ProgramRunner;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.contract.Values;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;
import org.imbrex.kernels.typing.Typing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the least and the greatest are: the first of equal ones, or the first NaN, over one axis and over several. */
class PlacesTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());

    @Test
    void placesInAnyTileAreTheReferences() {
        Random random = new Random(SEED);
        for (int i = 0; i < 400; i++) {
            int from = random.nextInt(4);
            int to = from + 1 + random.nextInt(4 - from);
            ScalarType type = random.nextBoolean() ? ScalarType.I32 : ScalarType.I64;
            try (Case c = PlaceCases.next(from, to, type, random.nextInt(to - from < 4 ? 4 : 2), random, SEED)) {
                Lowering lowering = Lowerings.vector(c.stage(), new Loops(Loops.When.AT_ONCE));
                LoweringContract.check(c, LoweringContract.runner(lowering), random);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "argmax(x)                        | 5000",
                "argmin(x)                        | 7 300",
                "argmax(x)                        | 1 5 260",
                "argmin(x)                        | 9 1 4 90",
                "argmax(x, axis=(1, 2))           | 3 40 33",
                "argmin(x, axis=(0, 1))           | 60 5 20",
                "argmax(x, axis=(0, 1))           | 60 5 3",
                "argmax(x, axis=(0, 2))           | 6 5 70",
                "argmin(x, axis=1)                | 4 900",
                "argmax(x, axis=0)                | 900 40",
                "argmax(x, axis=0)                | 1 40",
                "argmin(transpose(x))             | 30 70",
                "argmax(x[::2, ::3])              | 70 300",
                "argmax(x[:, None] + x[None, :])  | 80",
                "argmax(2 * x + 1, axis=(1, 2))   | 2 25 31",
                "argmin(x) + argmax(x)            | 12 200",
                "argmax(x)                        | 1 3000",
                "argmin(x)                        | 3000 1",
            })
    void theFirstOfEqualOnesIsTold(String text, String extents) {
        Random random = new Random(SEED);
        for (DType dtype : List.of(DType.F32, DType.F64, DType.I32, DType.U8, DType.BOOL)) {
            for (int one = 1; one <= 5000; one *= 70) {
                check(text, extents, dtype, one, random);
            }
        }
    }

    /** @param one how many different values there are, about */
    private static void check(String text, String extents, DType dtype, int one, Random random) {
        long[] shape = Arrays.stream(extents.trim().split(" ")).mapToLong(Long::parseLong).toArray();
        ArrayType type = new ArrayType(dtype, new Shape(shape));
        long[] bits = new long[(int) type.shape().elements()];
        boolean mayBeNaN = random.nextBoolean();
        Arrays.setAll(bits, i -> bits(dtype, one, mayBeNaN, random));
        Map<String, Values> inputs = Map.of("x", new Values(type, bits));
        List<Node> nodes = Typing.check(List.of(Parser.parse(text.trim())), Map.of("x", type));
        long[] expected = NodeEvaluator.evaluate(nodes, inputs).getFirst().bits();
        Program program = Fuser.fuse(
                nodes, Map.of("x", new Program.Buffer(dtype, type.shape(), type.shape().strides())));
        Loops loops = new Loops(Loops.When.AT_ONCE);
        assertThat(ProgramRunner.run(program, inputs, Lowerings::reference).getFirst().bits())
                .as("%s of %s (%s), seed %d", text, dtype, extents, SEED)
                .isEqualTo(expected);
        assertThat(ProgramRunner.run(program, inputs, stage -> Lowerings.vector(stage, loops)).getFirst().bits())
                .as("%s of %s (%s) by vectors, seed %d", text, dtype, extents, SEED)
                .isEqualTo(expected);
    }

    private static long bits(DType dtype, int one, boolean mayBeNaN, Random random) {
        int value = random.nextInt(one) - one / 2;
        double real = mayBeNaN && random.nextInt(2000) == 0 ? Double.NaN : value == 0 && random.nextBoolean() ? -0.0 : value;
        return switch (dtype) {
            case F64 -> Semantics.bits(real);
            case F32 -> Semantics.bits((float) real);
            case BOOL -> value & 1;
            case U8 -> value & 0xff;
            default -> value;
        };
    }
}
