package org.imbrex.kernels.lower;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.function.Supplier;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.matmul.ProductBlocks;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.ImbrexException;
import org.junit.jupiter.api.Test;

/** Products of every form by every way to compute them: the reference's bits, and nothing beside them written. */
class ProductsTest {
    private static final long SEED = System.nanoTime();
    private static final DType[] DTYPES = {DType.F32, DType.F64, DType.I32, DType.I64};
    /** Around the ends of vectors, of transposed squares and of blocks of k. */
    private static final long[] INNERS = {0, 1, 2, 7, 31, 40, 255, 256, 257, 263, 300, 512, 513};

    private final Random random = new Random(SEED);
    private Supplier<ProductBlocks> blocks = () -> ProductBlocks.USUAL;

    @Test
    void vectorCodeGivesTheReferencesBits() {
        check(new Loops(Loops.When.AT_ONCE), 10);
    }

    @Test
    void blocksOfAnySizeGiveTheReferencesBits() {
        blocks = () -> new ProductBlocks(
                1 + random.nextInt(9), 1 + random.nextInt(4), 1 << 10 + random.nextInt(6), 1 << 10 + random.nextInt(6));
        check(new Loops(Loops.When.NEVER), 60);
        check(new Loops(Loops.When.AT_ONCE), 10);
    }

    @Test
    void blocksThatNoKernelHasAreRefused() {
        for (int[] wrong : new int[][] {{0, 1}, {1, 0}, {17, 1}, {1, 9}, {-1, -1}}) {
            assertThatThrownBy(() -> ProductBlocks.USUAL.withRegisters(wrong[0], wrong[1]))
                    .isInstanceOf(ImbrexException.class)
                    .hasMessageContaining("found a register block of " + wrong[0]);
        }
        assertThatThrownBy(() -> ProductBlocks.USUAL.withPanels(0, 4096)).hasMessageContaining("0 bytes");
    }

    @Test
    void scalarCodeGivesTheReferencesBits() {
        check(new Loops(Loops.When.NEVER), 100);
    }

    @Test
    void compiledCodeGivesTheReferencesBits() throws InterruptedException {
        assumeTrue(Loops.vectorBits() >= 256);
        Loops loops = new Loops(Loops.When.WARM, 1);
        check(loops, 10);
        Loops.awaitCompiled();
        check(loops, 100);
    }

    /** A matrix times a vector turns pieces of the matrix, and leaves scalar code the last of each row. */
    @Test
    void rowsEndAnywhereInABlock() {
        Loops loops = new Loops(Loops.When.AT_ONCE);
        for (DType dtype : DTYPES) {
            for (long inner = 30; inner < 42; inner++) {
                check(loops, dtype, new long[] {1, 17, 1}, inner);
                check(loops, dtype, new long[] {1, 1, 17}, inner);
            }
            for (long inner = 250; inner < 266; inner++) {
                check(loops, dtype, new long[] {1, 9, 1}, inner);
            }
            for (int more = 0; more < 12; more++) { // rows that meet in the cache have code of their own
                check(loops, dtype, new long[] {1, 17, 1}, 4096 / dtype.bytes());
            }
        }
    }

    private void check(Loops loops, int cases) {
        for (int number = 0; number < cases; number++) {
            DType dtype = DTYPES[random.nextInt(4)];
            long inner = INNERS[random.nextInt(INNERS.length)];
            long rows = 1 + random.nextInt(random.nextBoolean() ? 40 : 3);
            long cols = 1 + random.nextInt(random.nextBoolean() ? 50 : 3);
            check(loops, dtype, new long[] {1 + random.nextInt(2), rows, cols}, inner);
        }
    }

    private void check(Loops loops, DType dtype, long[] domain, long inner) {
        long batch = domain[0];
        long rows = domain[1];
        long cols = domain[2];
        try (Arena arena = Arena.ofConfined()) {
            View a = view(0, dtype, batch, rows, inner, random.nextInt(3) == 0);
            View b = view(1, dtype, batch, inner, cols, random.nextInt(3) == 0);
            View c = view(2, dtype, batch, rows, cols, false);
            MatMulStage stage = new MatMulStage(domain, inner, a, b, c);
            long[] loads = {
                values(arena, dtype, a, batch, rows, inner).address(),
                values(arena, dtype, b, batch, inner, cols).address()
            };
            MemorySegment expected = values(arena, dtype, c, batch, rows, cols);
            MemorySegment found = arena.allocate(expected.byteSize(), 64).copyFrom(expected);
            Tile whole = new Tile(0, new long[3], stage.domain(), 0, 1);
            Lowerings.reference(stage).run(whole, loads, new long[] {expected.address()});
            ProductBlocks cutting = blocks.get();
            Lowering lowering = Lowerings.vector(stage, loops, cutting, random.nextBoolean() ? 8 : 12);
            long cut = random.nextLong(rows + 1);
            for (long[] part : new long[][] {{0, cut}, {cut, rows}}) {
                Tile tile = new Tile(0, new long[] {0, part[0], 0}, new long[] {batch, part[1], cols}, 0, 1);
                lowering.run(tile, loads, new long[] {found.address()});
            }
            assertThat(expected.mismatch(found))
                    .as("first byte that differs, seed %d, cut at %d, %s: %s", SEED, cut, cutting, stage)
                    .isEqualTo(-1);
        }
    }

    /** Dense, or with gaps, one of the two matrix axes inmost; a batch may repeat. */
    private View view(int buffer, DType dtype, long batch, long rows, long cols, boolean repeats) {
        long gap = random.nextInt(3);
        boolean turned = random.nextInt(3) == 0;
        long[] strides = turned
                ? new long[] {(rows + gap) * (cols + gap), 1, rows + gap}
                : new long[] {(rows + gap) * (cols + gap), cols + gap, 1};
        strides[0] = repeats ? 0 : strides[0];
        return new View(buffer, dtype, random.nextInt(3), strides);
    }

    private MemorySegment values(Arena arena, DType dtype, View view, long batch, long rows, long cols) {
        long[] range = view.range(new long[3], new long[] {batch, rows, cols});
        long elements = Math.max(range[1], 0) + 3;
        MemorySegment memory = arena.allocate(elements * dtype.bytes(), 64);
        for (long element = 0; element < elements; element++) {
            boolean tiny = random.nextInt(40) == 0; // products that round to -0
            double value = tiny ? -Math.scalb(1d, dtype == DType.F32 ? -80 : -600) : random.nextGaussian();
            long bits = switch (dtype) {
                case F32 -> Semantics.bits((float) value);
                case F64 -> Semantics.bits(value);
                case I32 -> random.nextInt();
                default -> random.nextLong();
            };
            Elements.write(dtype, memory.address() + element * dtype.bytes(), bits);
        }
        return memory;
    }
}
