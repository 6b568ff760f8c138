package org.imbrex.kernels.lower;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.matmul.ProductBlocks;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reductions over a first axis whose rows are long: as many rows a pass as all arrays together allow. */
class LongColumnsTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final long COLUMNS = 2200;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 9})
    void passesOfFewRowsHaveTheReferencesBits(int arrays) {
        Random random = new Random(SEED);
        for (int ways : new int[] {8, 12}) {
            try (Case c = next(arrays, 100 + random.nextInt(200), random)) {
                Lowering lowering =
                        Lowerings.vector(c.stage(), new Loops(Loops.When.AT_ONCE), ProductBlocks.USUAL, ways);
                LoweringContract.check(c, LoweringContract.runner(lowering), random);
            }
        }
    }

    /** What stands down the rows is read once a pass; what steps over columns is no loop of whole vectors. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void loadsThatStandOrStepHaveTheReferencesBits(long step) {
        Random random = new Random(SEED);
        for (long columns : new long[] {40, 600, COLUMNS}) {
            try (Case c = standing(100 + random.nextInt(200), columns, step, random)) {
                Lowering lowering = Lowerings.vector(c.stage(), new Loops(Loops.When.AT_ONCE), ProductBlocks.USUAL, 8);
                LoweringContract.check(c, LoweringContract.runner(lowering), random);
            }
        }
    }

    /** Two sums of differences to a row, times what lies {@code step} columns apart. */
    private static Case standing(long rows, long columns, long step, Random random) {
        Arena arena = Arena.ofShared();
        List<View> loads = List.of(
                new View(0, DType.F32, 0, new long[] {columns, 1}),
                new View(1, DType.F32, 0, new long[] {0, 1}),
                new View(2, DType.F32, 0, new long[] {step * columns, step}));
        List<MemorySegment> inputs = List.of(
                values(arena, rows * columns, random), values(arena, columns, random), values(arena, step * rows * columns, random));
        Code code = new Code();
        Value off = code.sub(code.load(ScalarType.F32, 0), code.load(ScalarType.F32, 1));
        Value scaled = code.mul(off, code.load(ScalarType.F32, 2));
        return sums("step " + step + ", " + rows + " rows", rows, columns, loads, code.body(off, scaled), Combine.SUM, inputs, arena);
    }

    /** The sum, and the greatest, of products of as many arrays and a factor a row. */
    private static Case next(int arrays, long rows, Random random) {
        Arena arena = Arena.ofShared();
        Code code = new Code();
        List<View> loads = new ArrayList<>(List.of(new View(0, DType.F32, 0, new long[] {1, 0})));
        Value product = code.load(ScalarType.F32, 0);
        List<MemorySegment> inputs = new ArrayList<>(List.of(values(arena, rows, random)));
        for (int array = 1; array <= arrays; array++) {
            loads.add(new View(array, DType.F32, 0, new long[] {COLUMNS, 1}));
            inputs.add(values(arena, rows * COLUMNS, random));
            product = code.mul(product, code.load(ScalarType.F32, array));
        }
        return sums(arrays + " arrays of " + rows + " rows", rows, COLUMNS, loads, code.body(product, product), Combine.MAX, inputs, arena);
    }

    /** The sum of the body's first result, and the second's as told. */
    private static Case sums(
            String name, long rows, long columns, List<View> loads, Body body, Combine second, List<MemorySegment> inputs, Arena arena) {
        Code epilogue = new Code();
        List<View> stores = new ArrayList<>();
        for (int k = 0; k < 2; k++) {
            stores.add(new View(inputs.size() + k, DType.F32, 0, new long[] {1}));
        }
        ReduceStage stage = new ReduceStage(
                new long[] {rows, columns}, 0, 1, loads, body, List.of(Combine.SUM, second),
                epilogue.body(epilogue.load(ScalarType.F32, 0), epilogue.load(ScalarType.F32, 1)), stores);
        return new Case(name + ", -Dimbrex.test.seed=" + SEED, stage, inputs, new long[] {columns, columns}, arena);
    }

    private static MemorySegment values(Arena arena, long count, Random random) {
        MemorySegment memory = arena.allocate(4 * count, 64);
        for (long i = 0; i < count; i++) {
            Elements.write(DType.F32, memory.address() + 4 * i, Float.floatToRawIntBits(random.nextFloat() + 0.5f));
        }
        return memory;
    }
}
