package org.imbrex.kernels.contract;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/** Reductions along rows of floats that are equal and differ in their bits, with NaN now and then, or of any integers. */
public final class ExtremeCases {
    /** Of which a row's elements are taken. */
    private static final double[][] VALUES = {
        {0.0, -0.0},
        {-1.0, -2.5, -0.0, -1e-310, Double.NEGATIVE_INFINITY},
        {1.0, 2.5, 0.0, 1e-310, 1e-42},
        {Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0.0, -0.0, 1.0}
    };

    private ExtremeCases() {}

    /** @param how each result's combination; the elements of all are the same */
    public static Case next(List<Combine> how, DType dtype, long rows, long n, Random random, long seed) {
        Code code = new Code();
        Body body = code.body(Collections.nCopies(how.size(), code.load(dtype.scalar(), 0)).toArray(Value[]::new));
        Code epilogue = new Code();
        Value[] results = new Value[how.size()];
        View[] stores = new View[how.size()];
        for (int k = 0; k < results.length; k++) {
            results[k] = epilogue.load(dtype.scalar(), k);
            stores[k] = new View(1 + k, dtype, 0, new long[] {1});
        }
        long[] extents = {rows, n};
        ReduceStage stage = new ReduceStage(
                extents, 1, 2,
                List.of(new View(0, dtype, 0, new long[] {n, 1})),
                body, how, epilogue.body(results), List.of(stores));
        Arena arena = Arena.ofShared();
        MemorySegment input = arena.allocate(rows * n * dtype.bytes(), 64);
        double[] values = VALUES[random.nextInt(VALUES.length)];
        double nan = random.nextBoolean() ? 0 : 0.0005;
        for (long i = 0; i < rows * n; i++) {
            double none = random.nextBoolean() ? Double.longBitsToDouble(0xfff8L << 48) : Double.NaN;
            double value = random.nextDouble() < nan ? none : values[random.nextInt(values.length)];
            long bits = switch (dtype) {
                case F32 -> Float.floatToRawIntBits((float) value);
                case F64 -> Double.doubleToRawLongBits(value);
                case I32 -> random.nextInt();
                default -> random.nextLong();
            };
            Elements.write(dtype, input.address() + i * dtype.bytes(), bits);
        }
        String name = how + " of " + Arrays.toString(extents) + " " + dtype + ", -Dimbrex.test.seed=" + seed;
        return new Case(name, stage, List.of(input), LongStream.generate(() -> rows).limit(how.size()).toArray(), arena);
    }
}
