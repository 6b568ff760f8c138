package org.imbrex.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTest {
    private static final String MEANS = "mean(blocks(x, 8), axis=1)";

    private static double[] values(int count) {
        double[] values = new double[count];
        Random random = new Random(count);
        java.util.Arrays.setAll(values, i -> random.nextDouble() * 100 - 30);
        return values;
    }

    @Test
    void meansOfBlocksAreWithinTwoUlpOfTheExactMean() {
        for (int rows : new int[] {1000, 1003, 8, 7, 1}) {
            double[] data = values(rows * 3);
            for (int i = 0; i < data.length; i++) {
                data[i] = Math.abs(data[i]); // no cancellation: the mean is as well conditioned as its terms
            }
            try (Engine engine = Engine.open()) {
                Array means = engine.eval(MEANS, Map.of("x", Array.of(data, rows, 3)));
                int blocks = (rows + 7) / 8;
                assertThat(means.shape()).isEqualTo(Shape.of(blocks, 3));
                for (int block = 0; block < blocks; block++) {
                    for (int column = 0; column < 3; column++) {
                        int end = Math.min(rows, block * 8 + 8);
                        BigDecimal sum = BigDecimal.ZERO;
                        for (int row = block * 8; row < end; row++) {
                            sum = sum.add(new BigDecimal(data[row * 3 + column]));
                        }
                        double exact = sum.divide(BigDecimal.valueOf(end - block * 8L), java.math.MathContext.DECIMAL128)
                                .doubleValue();
                        assertThat(Math.abs(means.getDouble(block, column) - exact))
                                .isLessThanOrEqualTo(2 * Math.ulp(exact));
                    }
                }
            }
        }
    }

    @Test
    void textAndLambdaGiveTheSame() {
        try (Engine engine = Engine.open()) {
            Array x = Array.of(values(1003 * 3), 1003, 3);
            assertThat(engine.eval(Expr.of(u -> u.blocks(8).mean(1)), x).toDoubleArray())
                    .isEqualTo(engine.eval(MEANS, Map.of("x", x)).toDoubleArray());
        }
    }

    @Test
    void reductionsOverRandomNumbersAreNeverStored() {
        try (Engine engine = Engine.open()) {
            String pi = "4 * mean(random(4000000, 1, dtype=f32) ** 2 + random(4000000, 2, dtype=f32) ** 2 < 1)";
            Engine.Run run = engine.run(pi, Map.of(), RunOptions.defaults().withMemory(2_000_000));
            assertThat(run.result().getDouble()).isBetween(Math.PI - 0.0025, Math.PI + 0.0025);
        }
    }

    @Test
    void timeStepsOfAnArrayLargerThanTheBudgetHaveTheBitsOfSingleOnes() {
        String step = "u + 0.1*(at(u,-1,0) + at(u,1,0) + at(u,0,-1) + at(u,0,1) - 4*u)";
        for (String mode : new String[] {"edge", "wrap"}) {
            String text = "stencil(" + step + ", mode='" + mode + "')";
            try (Engine engine = Engine.open()) {
                Array u = Array.of(values(1500 * 400), 1500, 400);
                Array one = u;
                for (int t = 0; t < 20; t++) {
                    one = engine.eval(text, Map.of("u", one));
                }
                Array many = engine.run(
                                "iterate(" + text + ", steps=20)",
                                Map.of("u", u),
                                RunOptions.defaults().withMemory(2_500_000).withThreads(2))
                        .result();
                assertThat(many.toDoubleArray()).isEqualTo(one.toDoubleArray());
            }
        }
    }

    @Test
    void bitsAreTheSameOnEveryDeviceTileAndThreadCount() {
        double[] data = values(5003 * 3);
        String[] expressions = {
            MEANS,
            "exp(x / 50) * sin(x) + x ** 1.7",
            "sum(x, axis=0)",
            "var(x)",
            "stencil(at(x, -1, 0) - 2 * x + at(x, 1, 0), mode='wrap')",
            "argmax(x, axis=0)",
            "transpose(x) @ x"
        };
        try (Engine engine = Engine.open()) {
            Map<String, Array> inputs = Map.of("x", Array.of(data, 5003, 3));
            for (String expression : expressions) {
                byte[] expected = bytes(engine.run(expression, inputs, RunOptions.defaults().withDevice("reference")));
                for (RunOptions options : new RunOptions[] {
                    RunOptions.defaults().withThreads(1),
                    RunOptions.defaults().withThreads(2).withTile(1, 1),
                    RunOptions.defaults().withTile(100, 2).withVerify(0.1),
                    RunOptions.defaults().withMemory(1 << 20)
                }) {
                    assertThat(bytes(engine.run(expression, inputs, options))).as(expression).isEqualTo(expected);
                }
            }
        }
    }

    private static byte[] bytes(Engine.Run run) {
        byte[] bytes = new byte[Math.toIntExact(run.result().bytes())];
        run.result().copyTo(MemorySegment.ofArray(bytes).asSlice(0, bytes.length));
        run.result().close();
        return bytes;
    }

    @Test
    void filesLargerThanTheBudgetAreEvaluatedInParts(@TempDir Path folder) throws Exception {
        long rows = 3_000_000;
        Path file = folder.resolve("big.npy");
        try (Engine engine = Engine.open()) {
            float[] data = new float[(int) rows];
            for (int i = 0; i < data.length; i++) {
                data[i] = i % 977 * 0.25f;
            }
            Map<String, Array> inputs = Map.of("x", Array.of(data));
            engine.write(Parser.parse("x"), inputs, file, RunOptions.defaults());
            RunOptions small = RunOptions.defaults().withMemory(1 << 20);
            Map<String, Array> stored = Map.of("x", engine.read(file));
            Summary summary = engine.write(Parser.parse("x * 2 + 1"), stored, folder.resolve("y.npy"), small);
            assertThat(summary.peakBytes()).isLessThanOrEqualTo(1 << 20);
            Array y = engine.read(folder.resolve("y.npy"));
            assertThat(y.getDouble(rows - 1)).isEqualTo(data[(int) rows - 1] * 2 + 1);
            assertThat(engine.run("sum(x)", inputs, small).result().getDouble())
                    .isEqualTo(engine.run("sum(x)", stored, RunOptions.defaults()).result().getDouble());
        }
        assertThat(Files.list(folder).map(p -> p.getFileName().toString())).containsExactlyInAnyOrder("big.npy", "y.npy");
    }

    @Test
    void closingFreesEverything() {
        Engine engine = Engine.open();
        Array x = Array.of(values(1000));
        for (int k = 0; k < 10; k++) {
            engine.eval("x + 1", Map.of("x", x)).close();
        }
        assertThat(engine.openBytes()).isZero();
        Array kept = engine.eval("x + 1", Map.of("x", x));
        assertThat(engine.openBytes()).isPositive();
        engine.close();
        assertThat(engine.openBytes()).isZero();
        assertThatThrownBy(kept::toDoubleArray).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> engine.eval("x", Map.of("x", x))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void wrongExpressionsAreToldBeforeAnythingRuns() {
        try (Engine engine = Engine.open()) {
            Map<String, Array> inputs = Map.of("x", Array.of(values(6), 2, 3));
            for (String wrong : new String[] {
                "x +", "foo(x)", "y + 1", "x[5]", "sum(x, axis=2)", "x @ x", "x & 1", "reshape(x, (4, 2))", "x + f32(x)[:, :2]"
            }) {
                assertThatThrownBy(() -> engine.eval(wrong, inputs))
                        .as(wrong)
                        .isInstanceOf(ImbrexException.class)
                        .message()
                        .containsPattern("expected|make them equal")
                        .doesNotContain("\n");
            }
            assertThat(engine.openBytes()).isZero();
        }
    }

    @Test
    void nativeMemoryIsReadInPlace() {
        try (Engine engine = Engine.open();
                Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_INT, 1, 2, 3, 4);
            Array x = Array.wrap(memory, DType.I32, Shape.of(2, 2));
            assertThat(engine.eval("transpose(x) * 10", Map.of("x", x)).toIntArray()).containsExactly(10, 30, 20, 40);
        }
    }
}
