package org.imbrex.kernels.reduce;

import java.util.Arrays;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Tile;

/** The oracle: {@link CanonicalTree} to the letter, one result after the other. */
public record ReduceReference(ReduceStage stage) implements HostKernel {
    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return;
        }
        Interpreter epilogue = new Interpreter(stage.epilogue());
        boolean partial = tile.isPartial(stage);
        long[] kept = tile.lo().clone();
        long number = 0;
        do {
            long[] accumulators = node(kept, tile, loads);
            if (partial) {
                for (int k = 0; k < accumulators.length; k++) {
                    ScalarType type = stage.body().resultType(k);
                    Elements.write(Elements.dense(type), stores[k] + number * type.bytes(), accumulators[k]);
                }
            } else {
                epilogue.run(kept, accumulators);
                Walk.write(stage.stores(), stores, kept, epilogue);
            }
            number++;
        } while (Walk.next(kept, tile.lo(), tile.hi()));
    }

    /** The tree's node over the tile's leaves, for each accumulator. */
    private long[] node(long[] kept, Tile tile, long[] loads) {
        Interpreter body = new Interpreter(stage.body());
        Interpreter[] combine = new Interpreter[stage.combines().size()];
        for (int k = 0; k < combine.length; k++) {
            combine[k] = Interpreter.of(stage.combines().get(k), stage.body().resultType(k));
        }
        int leaves = Math.toIntExact(tile.leafTo() - tile.leafFrom());
        long[][] level = new long[combine.length][leaves];
        for (int leaf = 0; leaf < leaves; leaf++) {
            leaf(tile.leafFrom() + leaf, leaf, kept, loads, body, combine, level);
        }
        long[] root = new long[combine.length];
        for (int k = 0; k < combine.length; k++) {
            int nodes = leaves;
            while (nodes > 1) {
                for (int i = 0; i < nodes / 2; i++) {
                    level[k][i] = apply(combine[k], level[k][2 * i], level[k][2 * i + 1]);
                }
                if (nodes % 2 == 1) {
                    level[k][nodes / 2] = level[k][nodes - 1];
                }
                nodes = (nodes + 1) / 2;
            }
            root[k] = level[k][0];
        }
        return root;
    }

    private void leaf(
            long leaf, int slot, long[] kept, long[] loads, Interpreter body, Interpreter[] combine, long[][] into) {
        long[][] lanes = new long[combine.length][CanonicalTree.LANES];
        for (int k = 0; k < combine.length; k++) {
            Combine c = stage.combines().get(k);
            Arrays.fill(lanes[k], c.identity(stage.body().resultType(k)));
        }
        long[] read = new long[stage.loads().size()];
        long[] index = new long[stage.extents().length];
        System.arraycopy(kept, 0, index, 0, stage.from());
        System.arraycopy(kept, stage.from(), index, stage.to(), kept.length - stage.from());
        long first = leaf * CanonicalTree.LEAF;
        long end = Math.min(first + CanonicalTree.LEAF, stage.reduced());
        for (long r = first; r < end; r++) {
            long rest = r;
            for (int axis = stage.to() - 1; axis >= stage.from(); axis--) {
                index[axis] = rest % stage.extents()[axis];
                rest /= stage.extents()[axis];
            }
            Walk.read(stage.loads(), loads, index, read);
            body.run(index, read);
            int lane = (int) (r % CanonicalTree.LANES);
            for (int k = 0; k < combine.length; k++) {
                lanes[k][lane] = apply(combine[k], lanes[k][lane], body.result(k));
            }
        }
        for (int k = 0; k < combine.length; k++) {
            for (int half = CanonicalTree.LANES / 2; half >= 1; half /= 2) {
                for (int i = 0; i < half; i++) {
                    lanes[k][i] = apply(combine[k], lanes[k][i], lanes[k][i + half]);
                }
            }
            into[k][slot] = lanes[k][0];
        }
    }

    private static long apply(Interpreter combine, long a, long b) {
        combine.run(new long[0], a, b);
        return combine.result(0);
    }
}
