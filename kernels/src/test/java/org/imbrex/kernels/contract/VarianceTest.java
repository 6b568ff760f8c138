package org.imbrex.kernels.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One pass over the data keeps the digits that two would, whatever the first elements are. */
class VarianceTest {
    private static final int COUNT = 20_000;
    private static final int FIRST = COUNT / 64;

    /** @param roundings how many units in the last place the result may be off */
    private record Sample(String name, int roundings, IntToDoubleFunction element) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Sample> samples() {
        Random random = new Random(3);
        double[] normal = random.doubles(COUNT).map(u -> u - 0.5).toArray();
        return Stream.of(
                new Sample("about zero", 16, i -> normal[i]),
                new Sample("far from zero", 16, i -> 4096 + normal[i]),
                new Sample("farther", 16, i -> -1e6 + 1000 * normal[i]),
                new Sample("a ramp", 64, i -> i),
                new Sample("the first few far off", 512, i -> normal[i] + (i < FIRST ? 1e5 : 0)),
                new Sample("all but the first few far off", 512, i -> normal[i] + (i < FIRST ? 0 : 1e5)),
                new Sample("the first alone far off", 64, i -> normal[i] + (i == 0 ? 1e6 : 0)),
                new Sample("the last alone far off", 64, i -> normal[i] + (i == COUNT - 1 ? 1e6 : 0)));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void itIsNearTheExactOne(Sample sample) {
        for (DType dtype : List.of(DType.F32, DType.F64)) {
            double[] x = values(dtype, sample.element());
            double exact = exact(x);
            double eps = dtype == DType.F32 ? 0x1p-24 : 0x1p-53;
            assertThat(Math.abs(variance(dtype, x) - exact) / exact)
                    .as("%s of %s", dtype, sample)
                    .isLessThan(sample.roundings() * eps);
        }
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "F64"})
    void ofEqualElementsItIsNothingBesideThem(DType dtype) {
        double[] x = values(dtype, i -> 1234.567);
        double ulp = dtype == DType.F32 ? Math.ulp(1234.567f) : Math.ulp(1234.567);
        assertThat(variance(dtype, x)).isBetween(0.0, 16 * ulp * ulp);
    }

    @Test
    void whatIsNotFiniteMakesItNaN() {
        for (double odd : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            for (int at : new int[] {0, COUNT - 1}) {
                assertThat(variance(DType.F64, values(DType.F64, i -> i == at ? odd : i))).isNaN();
            }
        }
    }

    private static double[] values(DType dtype, IntToDoubleFunction element) {
        double[] x = new double[COUNT];
        Arrays.setAll(x, i -> dtype == DType.F32 ? (float) element.applyAsDouble(i) : element.applyAsDouble(i));
        return x;
    }

    private static double exact(double[] x) {
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal squares = BigDecimal.ZERO;
        for (double v : x) {
            BigDecimal of = new BigDecimal(v);
            sum = sum.add(of);
            squares = squares.add(of.multiply(of));
        }
        BigDecimal n = new BigDecimal(x.length);
        return squares.subtract(sum.multiply(sum).divide(n, new MathContext(200)))
                .divide(n, new MathContext(200))
                .doubleValue();
    }

    private static double variance(DType dtype, double[] x) {
        ArrayType type = new ArrayType(dtype, new Shape(new long[] {COUNT}));
        Program program = Fuser.fuse(
                Typing.check(List.of(Parser.parse("var(x)")), Map.of("x", type)),
                Map.of("x", new Program.Buffer(dtype, type.shape(), type.shape().strides())));
        long[] bits = new long[COUNT];
        Arrays.setAll(bits, i -> dtype == DType.F32 ? Semantics.bits((float) x[i]) : Semantics.bits(x[i]));
        Values result = ProgramRunner.run(program, Map.of("x", new Values(type, bits)), Lowerings::reference)
                .getFirst();
        return Values.real(dtype, result.bits()[0]);
    }
}
