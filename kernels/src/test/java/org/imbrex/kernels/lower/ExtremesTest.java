package org.imbrex.kernels.lower;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.RandomStages;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.junit.jupiter.api.Test;

/** Minima and maxima where equal values differ in their bits, and where NaN, seldom, must win; and all of integers. */
class ExtremesTest {
    private static final double[] ZEROS = {0.0, -0.0};
    private static final double[] NEGATIVE = {-1.0, -2.5, -0.0, -1e-310, Double.NEGATIVE_INFINITY};
    private static final double[] POSITIVE = {1.0, 2.5, 0.0, 1e-310, 1e-42};
    private static final double[] INFINITE = {Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0.0, -0.0, 1.0};
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());

    private static void check(Combine how, DType dtype, long rows, long n, double[] values, double nan, Random random) {
        Code code = new Code();
        Value x = code.load(dtype.scalar(), 0);
        Body body = code.body(x);
        long[] extents = {rows, n};
        ReduceStage stage = new ReduceStage(
                extents, 1, 2,
                List.of(new View(0, dtype, 0, new long[] {n, 1})),
                body, List.of(how), body,
                List.of(new View(1, dtype, 0, new long[] {1})));
        Arena arena = Arena.ofShared();
        MemorySegment input = arena.allocate(rows * n * dtype.bytes(), 64);
        for (long i = 0; i < rows * n; i++) {
            double sign = random.nextBoolean() ? Double.longBitsToDouble(0xfff8L << 48) : Double.NaN;
            double value = values.length == 0 || random.nextDouble() < nan ? sign : values[random.nextInt(values.length)];
            long bits = switch (dtype) {
                case F32 -> Float.floatToRawIntBits((float) value);
                case F64 -> Double.doubleToRawLongBits(value);
                case I32 -> random.nextInt();
                default -> random.nextLong();
            };
            Elements.write(dtype, input.address() + i * dtype.bytes(), bits);
        }
        Lowering lowering = Lowerings.vector(stage, new Loops(Loops.When.AT_ONCE));
        String name = how + " of " + Arrays.toString(extents) + " " + dtype + ", -Dimbrex.test.seed=" + SEED;
        try (RandomStages.Case c = new RandomStages.Case(name, stage, List.of(input), new long[] {rows}, arena)) {
            LoweringContract.check(c, LoweringContract.runner(lowering), random);
        }
    }

    @Test
    void zerosInfinitiesAndNaNs() {
        Random random = new Random(SEED);
        for (int i = 0; i < 400; i++) {
            Combine how = random.nextBoolean() ? Combine.MIN : Combine.MAX;
            DType dtype = random.nextBoolean() ? DType.F32 : DType.F64;
            double[][] all = {ZEROS, NEGATIVE, POSITIVE, INFINITE};
            double nan = random.nextBoolean() ? 0 : 0.0005;
            check(how, dtype, 1 + random.nextInt(3), length(random), all[random.nextInt(all.length)], nan, random);
        }
    }

    @Test
    void integers() {
        Random random = new Random(SEED);
        for (int i = 0; i < 200; i++) {
            Combine how = Combine.values()[random.nextInt(Combine.values().length)];
            DType dtype = random.nextBoolean() ? DType.I32 : DType.I64;
            check(how, dtype, 1 + random.nextInt(3), length(random), new double[0], 0, random);
        }
    }

    /** Some leaves, or enough for one loop over all of them. */
    private static int length(Random random) {
        return 1 + random.nextInt(random.nextBoolean() ? 1500 : 6000);
    }
}
