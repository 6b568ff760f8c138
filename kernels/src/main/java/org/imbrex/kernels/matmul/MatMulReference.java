package org.imbrex.kernels.matmul;

import java.util.Arrays;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;

/** The oracle: one element after the other, in the one order that {@link MatMulStage} gives. */
public record MatMulReference(MatMulStage stage) implements HostKernel {
    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return;
        }
        long[] index = tile.lo().clone();
        Interpreter epilogue = new Interpreter(stage.epilogue());
        long[] others = Arrays.copyOfRange(loads, 2, 2 + stage.others().size());
        long[] more = new long[others.length];
        long[] read = new long[1 + others.length];
        do {
            long sum = 0;
            for (long from = 0; from < stage.inner(); from += MatMulStage.BLOCK) {
                long block = block(index, from, Math.min(stage.inner(), from + MatMulStage.BLOCK), loads);
                sum = from == 0 ? block : apply(Op.ADD, sum, block, 0);
            }
            Walk.read(stage.others(), others, index, more);
            System.arraycopy(more, 0, read, 1, more.length);
            read[0] = sum;
            epilogue.run(index, read);
            Walk.write(stage.stores(), stores, index, epilogue);
        } while (Walk.next(index, tile.lo(), tile.hi()));
    }

    private long block(long[] index, long from, long to, long[] loads) {
        long[] inA = index.clone();
        long[] inB = index.clone();
        long sum = 0; // +0 in every dtype
        for (long k = from; k < to; k++) {
            inA[index.length - 1] = k;
            inB[index.length - 2] = k;
            long a = read(stage.a(), loads[0], inA);
            long b = read(stage.b(), loads[1], inB);
            sum = stage.dtype().isFloat()
                    ? apply(Op.FMA, a, b, sum)
                    : apply(Op.ADD, sum, apply(Op.MUL, a, b, 0), 0);
        }
        return sum;
    }

    private static long read(View view, long base, long[] index) {
        long element = view.element(index);
        return element < 0 ? view.fill() : Elements.read(view.dtype(), base + element * view.dtype().bytes());
    }

    private long apply(Op op, long a, long b, long c) {
        ScalarType type = stage.dtype().scalar();
        return Semantics.apply(op, type, type, a, b, c);
    }
}
