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
        Code epilogue = new Code();
        List<View> stores = new ArrayList<>();
        for (int k = 1; k <= 2; k++) {
            stores.add(new View(arrays + k, DType.F32, 0, new long[] {1}));
        }
        ReduceStage stage = new ReduceStage(
                new long[] {rows, COLUMNS}, 0, 1, loads, code.body(product, product), List.of(Combine.SUM, Combine.MAX),
                epilogue.body(epilogue.load(ScalarType.F32, 0), epilogue.load(ScalarType.F32, 1)), stores);
        return new Case(
                arrays + " arrays of " + rows + " rows, -Dimbrex.test.seed=" + SEED, stage, inputs, new long[] {COLUMNS, COLUMNS},
                arena);
    }

    private static MemorySegment values(Arena arena, long count, Random random) {
        MemorySegment memory = arena.allocate(4 * count, 64);
        for (long i = 0; i < count; i++) {
            Elements.write(DType.F32, memory.address() + 4 * i, Float.floatToRawIntBits(random.nextFloat() + 0.5f));
        }
        return memory;
    }
}
