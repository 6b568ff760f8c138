package org.imbrex.kernels.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.map.MapVector;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.typing.Node;
import org.imbrex.kernels.typing.Typing;
import org.junit.jupiter.api.Test;

class RandomNumbersTest {
    private static final Loops AT_ONCE = new Loops(Loops.When.AT_ONCE);

    private static HostKernel vector(Stage stage) {
        return stage instanceof MapStage map ? new MapVector(map, AT_ONCE) : Lowerings.reference(stage);
    }

    private static long[] bits(String text) {
        List<Node> nodes = Typing.check(List.of(Parser.parse(text)), Map.of());
        long[] expected = NodeEvaluator.evaluate(nodes, Map.of()).getFirst().bits();
        var program = Fuser.fuse(nodes, Map.of());
        assertThat(ProgramRunner.run(program, Map.of(), Lowerings::reference).getFirst().bits())
                .isEqualTo(expected);
        assertThat(ProgramRunner.run(program, Map.of(), RandomNumbersTest::vector).getFirst().bits())
                .isEqualTo(expected);
        return expected;
    }

    @Test
    void loweringsGiveTheBitsOfPlainJava() {
        for (String text : List.of(
                "random((7, 11), 1)",
                "random(500, -3, dtype=f32)",
                "normal((3, 5, 17), 123456789012)",
                "normal((400,), 5, dtype=f32)",
                "randint((300,), 9, -10, 11)",
                "randint((300,), 9, 0, 4294967296)",
                "random((6, 9), 2)[::-1, 3]",
                "at(random((50,), 2), -1) + transpose(random((1, 50), 2))[:, 0]",
                "where(random((4, 40), 8) < 0.5, normal((40,), 8), randint((4, 1), 8, 0, 100))")) {
            bits(text);
        }
    }

    @Test
    void anElementDependsOnSeedAndIndexOnly() {
        long[] few = bits("random((10,), 4)");
        long[] many = bits("random((100, 2), 4)");
        assertThat(java.util.Arrays.copyOf(many, 10)).isEqualTo(few);
        assertThat(bits("random((10,), 5)")).isNotEqualTo(few);
    }

    /** With fixed seeds: the numbers are always the same, so the test never fails by chance. */
    @Test
    void uniformNumbersAreUniform() {
        long[] bits = NodeEvaluator.evaluate(
                        Typing.check(List.of(Parser.parse("random((100000,), 17)")), Map.of()), Map.of())
                .getFirst()
                .bits();
        int[] counts = new int[100];
        double mean = 0;
        double serial = 0;
        double before = 0.5;
        for (long b : bits) {
            double value = Semantics.f64(b);
            assertThat(value).isBetween(0.0, 1 - 0x1p-53);
            counts[(int) (value * 100)]++;
            mean += value / bits.length;
            serial += (value - 0.5) * (before - 0.5) * 12 / bits.length;
            before = value;
        }
        double chi = 0;
        for (int count : counts) {
            chi += (count - 1000.0) * (count - 1000.0) / 1000;
        }
        assertThat(chi).isBetween(66.5, 139.0); // 99 degrees of freedom: 0.5 % on either side
        assertThat(mean).isBetween(0.5 - 3 * 0.00091, 0.5 + 3 * 0.00091);
        assertThat(serial).isBetween(-3 * 0.0032, 3 * 0.0032);
    }

    @Test
    void normalNumbersAreNormal() {
        for (String dtype : List.of("f64", "f32")) {
            long[] bits = NodeEvaluator.evaluate(
                            Typing.check(List.of(Parser.parse("normal((40000,), 3, dtype=" + dtype + ")")), Map.of()),
                            Map.of())
                    .getFirst()
                    .bits();
            double[] moments = new double[5];
            int beyond = 0;
            for (long b : bits) {
                double value = dtype.equals("f64") ? Semantics.f64(b) : Semantics.f32(b);
                for (int k = 1; k < 5; k++) {
                    moments[k] += Math.pow(value, k) / bits.length;
                }
                beyond += Math.abs(value) > 1.959964 ? 1 : 0;
            }
            assertThat(moments[1]).isBetween(-0.015, 0.015);
            assertThat(moments[2]).isBetween(0.98, 1.02);
            assertThat(moments[3]).isBetween(-0.06, 0.06);
            assertThat(moments[4]).isBetween(2.85, 3.15);
            assertThat(beyond).isBetween(1870, 2130);
        }
    }
}
