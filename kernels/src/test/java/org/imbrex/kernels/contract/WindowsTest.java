package org.imbrex.kernels.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;
import org.imbrex.kernels.typing.Typing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reductions of windows that overlap: their bits, their digits, and that no stage reduces window after window. */
class WindowsTest {
    private static final long[] SHAPE = {150, 3};

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sum(rolling(x, W), axis=1)",
                "mean(rolling(x, W), axis=1, keepdims=true)",
                "max(rolling(x, W), axis=1) - min(rolling(x, W), axis=1)",
                "prod(rolling(x, W), axis=1)",
                "var(rolling(x, W), axis=1)",
                "std(rolling(x, W), axis=1, keepdims=true)",
                "nanmean(rolling(x, W), axis=1)",
                "nanmax(rolling(x, W), axis=1)",
                "nanstd(rolling(x, W), axis=1)",
                "argmin(rolling(x, W), axis=1)",
                "any(rolling(x, W) > 0.4, axis=1)",
                "count(rolling(x, W) > 0.4, axis=1)",
                "sum(rolling(x, W) * rolling(y, W) + 1, axis=1)",
                "sum(rolling(x, W), axis=(0, 1))",
                "mean(rolling(x, W), axis=(1, 2))",
                "var(rolling(x, W), axis=(0, 1))",
                "sum(rolling(x[::2, 1:], W), axis=1)",
                "sum(rolling(x, W)[3:], axis=1)",
                "sum(rolling(x, W)[3:, ::-1], axis=1)",
                "sum(rolling(x, W)[::2], axis=1)",
                "mean(rolling(x, W) - mean(rolling(x, W), axis=1, keepdims=true), axis=1)",
                "sum(rolling(x, W) * x[0], axis=1)",
                "sum(rolling(random((150, 3), 5), W), axis=1) + x[0]",
            })
    void theBitsAreThoseOfEachWindowByItself(String text) {
        for (DType dtype : List.of(DType.F64, DType.F32)) {
            for (int window : new int[] {2, 16, 17, 23, 64, 70}) {
                check(text.replace("W", Integer.toString(window)), dtype);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"I64", "I32", "I8", "U8", "BOOL"})
    void ofIntegersToo(DType dtype) {
        check("sum(rolling(x, 30), axis=1)", dtype);
        check("max(rolling(x, 66), axis=1)", dtype);
        check("mean(rolling(x, 21), axis=1)", dtype);
        check("var(rolling(x, 21), axis=1)", dtype);
    }

    private static void check(String text, DType dtype) {
        Random random = new Random(text.hashCode());
        Map<String, ArrayType> types = new LinkedHashMap<>();
        Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
        Map<String, Values> inputs = new LinkedHashMap<>();
        for (String name : List.of("x", "y")) {
            ArrayType type = new ArrayType(dtype, new Shape(SHAPE));
            types.put(name, type);
            buffers.put(name, new Program.Buffer(dtype, type.shape(), type.shape().strides()));
            long[] bits = new long[(int) type.shape().elements()];
            Arrays.setAll(bits, i -> bits(dtype, random));
            inputs.put(name, new Values(type, bits));
        }
        List<Node> nodes = Typing.check(List.of(Parser.parse(text)), types);
        long[] expected = NodeEvaluator.evaluate(nodes, inputs).getFirst().bits();
        Program program = Fuser.fuse(nodes, buffers);
        assertThat(ProgramRunner.run(program, inputs, Lowerings::reference).getFirst().bits())
                .as("%s of %s", text, dtype)
                .isEqualTo(expected);
        assertThat(ProgramRunner.run(program, inputs, Lowerings::vector).getFirst().bits())
                .as("%s of %s by vectors", text, dtype)
                .isEqualTo(expected);
    }

    private static long bits(DType dtype, Random random) {
        double value = random.nextInt(40) == 0 ? Double.NaN : random.nextDouble();
        return switch (dtype) {
            case F64 -> Semantics.bits(value);
            case F32 -> Semantics.bits((float) value);
            case BOOL -> random.nextInt(2);
            case U8 -> random.nextInt(256);
            default -> random.nextInt(256) - 128;
        };
    }

    @Test
    void noStageReducesLongWindows() {
        for (String reduction : List.of("sum", "mean", "min", "max", "var", "std", "nanmean")) {
            for (int window : new int[] {17, 100, 5000}) {
                Program program = program(reduction + "(rolling(x, " + window + "), axis=1)", 20_000);
                assertThat(program.stages().stream().anyMatch(ReduceStage.class::isInstance))
                        .as("%s of %d", reduction, window)
                        .isFalse();
                assertThat(program.stages().size()).isLessThanOrEqualTo(2 * (2 + (int) (Math.log(window) / Math.log(8))));
            }
        }
    }

    @Test
    void randomNumbersThatWindowsShareAreMadeOnce() {
        int alone = instructions(program("random((20000,), 7) + x", 20_000));
        assertThat(instructions(program("sum(rolling(random((20000,), 7), 100), axis=1)", 20_000)))
                .isLessThan(2 * alone);
    }

    private static int instructions(Program program) {
        return program.stages().stream()
                .mapToInt(stage -> ((MapStage) stage).body().instrs().size())
                .sum();
    }

    private static Program program(String text, long rows) {
        ArrayType type = new ArrayType(DType.F32, new Shape(new long[] {rows}));
        return Fuser.fuse(
                Typing.check(List.of(Parser.parse(text)), Map.of("x", type)),
                Map.of("x", new Program.Buffer(type.dtype(), type.shape(), type.shape().strides())));
    }

    /** A spike that has left the window leaves nothing behind, and far from zero the variance has its digits. */
    @Test
    void windowsKeepTheirDigits() {
        int rows = 3000;
        int window = 500;
        Random random = new Random(5);
        double[] x = new double[rows];
        Arrays.setAll(x, i -> (float) (i == 10 ? 1e12 : 1000 + random.nextGaussian()));
        ArrayType type = new ArrayType(DType.F32, new Shape(new long[] {rows}));
        long[] bits = Arrays.stream(x).mapToLong(v -> Semantics.bits((float) v)).toArray();
        Map<String, Values> inputs = Map.of("x", new Values(type, bits));
        List<double[]> found = new ArrayList<>();
        for (String reduction : List.of("mean", "var")) {
            Values values = ProgramRunner.run(
                            program(reduction + "(rolling(x, " + window + "), axis=1)", rows), inputs, Lowerings::reference)
                    .getFirst();
            found.add(Arrays.stream(values.bits()).mapToDouble(b -> Values.real(DType.F32, b)).toArray());
        }
        for (int i = 0; i + window <= rows; i++) {
            double mean = Arrays.stream(x, i, i + window).average().orElseThrow();
            double variance = Arrays.stream(x, i, i + window).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
            assertThat(found.get(0)[i] / mean - 1).as("mean %d", i).isBetween(-6e-7, 6e-7);
            assertThat(found.get(1)[i] / variance - 1).as("variance %d", i).isBetween(-3e-5, 3e-5);
        }
    }
}
