package org.imbrex.runtime.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.Stages;
import org.junit.jupiter.api.Test;

class TilerTest {
    private static final long SEED = System.nanoTime();

    @Test
    void tilesCoverEachIndexAndLeafOnce() {
        Random random = new Random(SEED);
        for (int round = 0; round < 500; round++) {
            ReduceStage stage =
                    anyLayout((ReduceStage) Stages.randomReduction(random).stages().getFirst(), random);
            long[] user = new long[3];
            java.util.Arrays.setAll(user, k -> 1 + random.nextInt(10));
            TileLimits limits = new TileLimits(
                    1 + random.nextInt(4),
                    1 + random.nextInt(100_000),
                    Long.MAX_VALUE,
                    random.nextBoolean() ? Optional.of(user) : Optional.empty(),
                    random.nextBoolean() ? OptionalLong.of(1L << random.nextInt(4)) : OptionalLong.empty());
            Tiling tiling = Tiler.cut(0, stage, limits, tile -> 0);
            long covered = 0;
            for (long number = 0; number < tiling.count(); number++) {
                Tile tile = tiling.tile(number);
                long run = tile.leafTo() - tile.leafFrom();
                assertThat(tile.leafFrom() % Long.highestOneBit(Math.max(1, 2 * run - 1)))
                        .as("seed %d: %s is one node", SEED, tile)
                        .isZero();
                covered += tile.elements() * run;
            }
            assertThat(covered)
                    .as("seed %d, %s", SEED, tiling)
                    .isEqualTo(Footprint.whole(0, stage).elements() * stage.leaves());
        }
    }

    @Test
    void rangesHoldEveryElementThatATileReads() {
        Random random = new Random(SEED);
        for (int round = 0; round < 200; round++) {
            ReduceStage stage =
                    (ReduceStage) Stages.randomReduction(random).stages().getFirst();
            TileLimits limits = new TileLimits(
                    2, 1 + random.nextInt(2000), Long.MAX_VALUE, Optional.empty(), OptionalLong.of(1));
            Tiling tiling = Tiler.cut(0, stage, limits, tile -> 0);
            Tile tile = tiling.tile(random.nextLong(tiling.count()));
            long[][] box = Footprint.box(stage, 0, tile);
            long[] range = Footprint.loadRange(stage, 0, tile);
            View view = stage.loads().getFirst();
            long reduced = Math.min(tile.leafTo() * 128, stage.reduced());
            long[] index = new long[stage.extents().length];
            for (long r = tile.leafFrom() * 128; r < reduced; r++) {
                long rest = r;
                for (int axis = stage.to() - 1; axis >= stage.from(); axis--) {
                    index[axis] = rest % stage.extents()[axis];
                    rest /= stage.extents()[axis];
                }
                for (int axis = 0; axis < index.length; axis++) {
                    if (axis < stage.from() || axis >= stage.to()) {
                        index[axis] = box[0][axis];
                    } else {
                        assertThat(index[axis]).as("seed %d", SEED).isBetween(box[0][axis], box[1][axis] - 1);
                    }
                }
                assertThat(view.element(index)).as("seed %d", SEED).isBetween(range[0], range[1]);
            }
        }
    }

    @Test
    void largeMapsAreCutInSlabsOfTheLeadingAxis() {
        Stage stage = Stages.stencilThenSquare(10_000, 5_000, EdgeMode.EDGE).stages().getFirst();
        Tiling tiling = Tiler.cut(0, stage, TileLimits.of(2, 1 << 20, Long.MAX_VALUE), tile -> 0);
        assertThat(tiling.box()[1]).isEqualTo(5_000);
        assertThat(tiling.count()).isBetween(8L, 3_000L);
    }

    @Test
    void smallStagesAreOneTile() {
        Stage stage = Stages.blockMeans(1000, 8, 3).stages().getFirst();
        assertThat(Tiler.cut(0, stage, TileLimits.of(2, 1 << 20, Long.MAX_VALUE), tile -> 0).count())
                .isEqualTo(1);
    }

    @Test
    void aWholeReductionIsCutAlongItsLeaves() {
        Stage stage = Stages.reduce(DType.F32, Combine.SUM, new long[] {20_000_000}, 0, 1);
        Tiling tiling = Tiler.cut(0, stage, TileLimits.of(2, 1 << 20, Long.MAX_VALUE), tile -> 0);
        assertThat(tiling.count()).isBetween(8L, 200L);
        assertThat(Long.bitCount(tiling.run())).isEqualTo(1);
    }

    @Test
    void transposedReductionsAreCutInSlabsOfMemory() {
        ReduceStage rows = Stages.reduce(DType.F32, Combine.SUM, new long[] {4096, 4096}, 0, 1);
        Tiling tiling = Tiler.cut(0, turned(rows), TileLimits.of(2, 1 << 20, Long.MAX_VALUE), tile -> 0);
        assertThat(tiling.run()).as("leaves of a row of memory").isEqualTo(32);
        assertThat(tiling.box()[0]).as("rows of memory").isBetween(1L, 64L);
        ReduceStage columns = Stages.reduce(DType.F32, Combine.SUM, new long[] {4096, 4096}, 1, 2);
        tiling = Tiler.cut(0, turned(columns), TileLimits.of(2, 4 << 20, Long.MAX_VALUE), tile -> 0);
        assertThat(tiling.box()[0]).as("columns of memory").isEqualTo(4096);
        assertThat(tiling.run()).as("leaves of a column of memory").isBetween(1L, 2L);
    }

    /** The same over a square array that is read transposed. */
    private static ReduceStage turned(ReduceStage stage) {
        long[] strides = stage.loads().getFirst().strides();
        return withStrides(stage, new long[] {strides[1], strides[0]});
    }

    /** The same with the steps of its first load among other axes, backwards, or none. */
    private static ReduceStage anyLayout(ReduceStage stage, Random random) {
        long[] strides = stage.loads().getFirst().strides().clone();
        for (int axis = strides.length - 1; axis > 0 && random.nextBoolean(); axis--) {
            int other = random.nextInt(axis + 1);
            long stride = strides[axis];
            strides[axis] = random.nextInt(4) == 0 ? 0 : strides[other];
            strides[other] = random.nextBoolean() ? stride : -stride;
        }
        return withStrides(stage, strides);
    }

    private static ReduceStage withStrides(ReduceStage stage, long[] strides) {
        List<View> loads = new ArrayList<>(stage.loads());
        View first = loads.getFirst();
        loads.set(0, new View(first.buffer(), first.dtype(), first.offset(), strides));
        return new ReduceStage(
                stage.extents(), stage.from(), stage.to(), loads, stage.body(), stage.combines(), stage.epilogue(),
                stage.stores());
    }

    @Test
    void columnsOfALargeArrayAreReducedByRowsWhenMemoryIsShort() {
        Program program = Stages.reduction(DType.F64, Combine.SUM, new long[] {1_000_000, 100}, 0, 1);
        Stage stage = program.stages().getFirst();
        long limit = 10 << 20;
        Tiling tiling = Tiler.cut(0, stage, TileLimits.of(2, 1L << 30, limit), tile -> {
            long[] range = Footprint.bufferRange(stage, 0, tile);
            return (range[1] - range[0] + 1) * 8;
        });
        assertThat(tiling.box()[0]).isEqualTo(100);
        assertThat(tiling.count()).isBetween(80L, 320L);
    }

    @Test
    void aBudgetThatHoldsNoTileIsTold() {
        Stage stage = Stages.reduce(DType.F32, Combine.SUM, new long[] {1000, 1000}, 1, 2);
        assertThatThrownBy(() -> Tiler.cut(0, stage, TileLimits.of(2, 1 << 20, 100), tile -> 512))
                .isInstanceOf(ImbrexException.class)
                .hasMessageContaining("takes 512 bytes");
    }

    @Test
    void productsAreCutByTheirWorkInSlabsOfRows() {
        assertThat(product(256, 256, 256, 1).box()).containsExactly(256, 256);
        assertThat(product(256, 256, 256, 2).box()).containsExactly(128, 256);
        assertThat(product(2048, 2048, 2048, 2).box()).containsExactly(256, 2048);
        assertThat(product(1, 8192, 8192, 2).box()).containsExactly(1, 1024);
        assertThat(product(8, 8, 8, 2).count()).isEqualTo(1);
    }

    private static Tiling product(long rows, long inner, long cols, int workers) {
        MatMulStage stage = new MatMulStage(
                new long[] {rows, cols},
                inner,
                new View(0, DType.F32, 0, new long[] {inner, 1}),
                new View(1, DType.F32, 0, new long[] {cols, 1}),
                new View(2, DType.F32, 0, new long[] {cols, 1}));
        return Tiler.cut(0, stage, TileLimits.of(workers, 1 << 20, Long.MAX_VALUE), tile -> 0);
    }
}
