package org.imbrex.runtime.merge;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.Stages;
import org.junit.jupiter.api.Test;

class MergeTreeTest {
    private static final long SEED = System.nanoTime();

    @Test
    void theRootIsTheSameForAnyRunLengthAndAnyOrder() {
        Random random = new Random(SEED);
        for (int round = 0; round < 300; round++) {
            int leaves = 1 + random.nextInt(70);
            ReduceStage stage = Stages.reduce(
                    DType.F32, Combine.SUM, new long[] {(long) leaves * CanonicalTree.LEAF}, 0, 1);
            float[] values = new float[leaves];
            for (int leaf = 0; leaf < leaves; leaf++) {
                values[leaf] = random.nextFloat() * (1 << random.nextInt(20));
            }
            float expected = pairwise(values, leaves);
            int run = 1 << random.nextInt(7);
            try (Arena arena = Arena.ofConfined()) {
                AtomicInteger held = new AtomicInteger();
                MergeTree tree = new MergeTree(stage);
                List<Tile> tiles = new ArrayList<>();
                for (int leaf = 0; leaf < leaves; leaf += run) {
                    tiles.add(new Tile(0, new long[0], new long[0], leaf, Math.min(leaf + run, leaves)));
                }
                Collections.shuffle(tiles, random);
                Optional<Partial> root = Optional.empty();
                for (Tile tile : tiles) {
                    assertThat(root).isEmpty();
                    float[] part = java.util.Arrays.copyOfRange(values, (int) tile.leafFrom(), (int) tile.leafTo());
                    MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_FLOAT, pairwise(part, part.length));
                    held.incrementAndGet();
                    root = tree.offer(tile, new Partial(List.of(memory), held::decrementAndGet));
                }
                float found = root.orElseThrow().accumulators().getFirst().get(ValueLayout.JAVA_FLOAT, 0);
                assertThat(Float.floatToRawIntBits(found))
                        .as("seed %d, %d leaves in runs of %d", SEED, leaves, run)
                        .isEqualTo(Float.floatToRawIntBits(expected));
                root.orElseThrow().release().run();
                assertThat(held).hasValue(0);
            }
        }
    }

    /** The tree by its definition: level by level. */
    private static float pairwise(float[] level, int n) {
        float[] nodes = level.clone();
        while (n > 1) {
            int next = (n + 1) / 2;
            for (int k = 0; k < next; k++) {
                nodes[k] = 2 * k + 1 < n ? nodes[2 * k] + nodes[2 * k + 1] : nodes[2 * k];
            }
            n = next;
        }
        return nodes[0];
    }

    @Test
    void combinesAsTheKernelsDo() {
        double[] specials = {0.0, -0.0, 1.5, -1.5, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY,
            Double.MIN_VALUE, Double.MAX_VALUE, Integer.MAX_VALUE, Integer.MIN_VALUE, 3, 7, -2};
        for (ScalarType type : List.of(ScalarType.I32, ScalarType.I64, ScalarType.F32, ScalarType.F64)) {
            for (Combine how : Combine.values()) {
                for (double a : specials) {
                    for (double b : specials) {
                        long left = Semantics.apply(
                                org.imbrex.kernels.scalar.Op.CONVERT, type, ScalarType.F64, Semantics.bits(a), 0, 0);
                        long right = Semantics.apply(
                                org.imbrex.kernels.scalar.Op.CONVERT, type, ScalarType.F64, Semantics.bits(b), 0, 0);
                        if (type == ScalarType.F64) {
                            left = Semantics.bits(a);
                            right = Semantics.bits(b);
                        }
                        Code code = new Code();
                        Value folded = how.apply(code, code.constant(type, left), code.constant(type, right));
                        long expected = code.body(folded).instr(0).imm();
                        try (Arena arena = Arena.ofConfined()) {
                            MemorySegment l = arena.allocate(8, 8);
                            MemorySegment r = arena.allocate(8, 8);
                            put(l, type, left);
                            put(r, type, right);
                            Combiner.combine(how, type, l, r, 1);
                            assertThat(get(l, type))
                                    .as("%s %s of %s and %s", how, type, a, b)
                                    .isEqualTo(nan(type, expected) ? get(l, type) : expected);
                            assertThat(nan(type, get(l, type))).isEqualTo(nan(type, expected));
                        }
                    }
                }
            }
        }
    }

    private static boolean nan(ScalarType type, long bits) {
        return type == ScalarType.F32 && Float.isNaN(Semantics.f32(bits))
                || type == ScalarType.F64 && Double.isNaN(Semantics.f64(bits));
    }

    private static void put(MemorySegment at, ScalarType type, long bits) {
        if (type.bytes() == 4) {
            at.set(ValueLayout.JAVA_INT, 0, (int) bits);
        } else {
            at.set(ValueLayout.JAVA_LONG, 0, bits);
        }
    }

    private static long get(MemorySegment at, ScalarType type) {
        return type.bytes() == 4 ? at.get(ValueLayout.JAVA_INT, 0) : at.get(ValueLayout.JAVA_LONG, 0);
    }
}
