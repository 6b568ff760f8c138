package org.imbrex.kernels.line;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/** The oracle: one line after the other, as raw bits. */
public record LineReference(LineStage stage) implements HostKernel {
    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return;
        }
        long[] hi = tile.hi().clone();
        for (int axis = 0; axis < hi.length; axis++) {
            hi[axis] = stage.cuts(axis) ? hi[axis] : 1;
        }
        long[] index = tile.lo().clone();
        do {
            write(index, stores[0], apply(stage.line(), stage.dtype(), read(index, loads), carry(index, loads)));
        } while (Walk.next(index, tile.lo(), hi));
    }

    /** The index in what is read of element {@code i}, or its half, of the line through {@code of}. */
    private static void place(long[] index, long[] of, int axis, int plain, long i, boolean pairs) {
        System.arraycopy(of, 0, index, 0, plain);
        index[axis] = pairs ? i / 2 : i;
        if (pairs) {
            index[plain] = i % 2;
        }
    }

    private long[] read(long[] of, long[] bases) {
        boolean pairs = stage.line().readsPairs();
        long[] index = new long[stage.extents().length];
        long[] bits = new long[Math.toIntExact(stage.line().from() * (pairs ? 2 : 1))];
        long[] read = new long[stage.inputs().size()];
        Interpreter body = new Interpreter(stage.body());
        for (int i = 0; i < bits.length; i++) {
            place(index, of, stage.axis(), stage.plainAxes(), i, pairs);
            Walk.read(stage.inputs(), bases, index, read);
            body.run(index, read);
            bits[i] = narrow(stage.dtype(), body.result(0));
        }
        return bits;
    }

    private static long narrow(DType dtype, long bits) {
        return switch (dtype) {
            case I8 -> (byte) bits;
            case I16 -> (short) bits;
            case U8 -> bits & 0xff;
            default -> bits;
        };
    }

    /** What the line carries on from: the identity where there is no carry. */
    private long carry(long[] of, long[] bases) {
        if (!(stage.line() instanceof Line.Cumulate cumulate)) {
            return 0;
        }
        if (stage.carry().isEmpty()) {
            return cumulate.identity(stage.dtype().scalar());
        }
        View view = stage.carry().get();
        long[] index = of.clone();
        index[stage.axis()] = 0;
        return Elements.read(view.dtype(), bases[bases.length - 1] + view.element(index) * view.dtype().bytes());
    }

    private void write(long[] of, long base, long[] bits) {
        boolean pairs = stage.line().writesPairs();
        DType dtype = stage.store().dtype();
        long[] index = new long[stage.domain().length];
        for (int i = 0; i < bits.length; i++) {
            place(index, of, stage.axis(), stage.plainAxes(), i, pairs);
            Elements.write(dtype, base + stage.store().element(index) * dtype.bytes(), bits[i]);
        }
    }

    /**
     * What a line becomes, in raw bits of the scalar types.
     *
     * @param carry what running sums begin with
     */
    public static long[] apply(Line line, DType dtype, long[] x, long carry) {
        return switch (line) {
            case Line.Sort sort -> Arrays.stream(sorted(dtype, x)).mapToLong(i -> x[i]).toArray();
            case Line.ArgSort sort ->
                IntStream.range(0, x.length)
                        .boxed()
                        .sorted(Comparator.comparingLong(i -> Order.rank(dtype, x[i])))
                        .mapToLong(i -> i)
                        .toArray();
            case Line.Select select -> {
                int[] sorted = sorted(dtype, x);
                yield select.ranks().stream()
                        .mapToLong(rank -> x[sorted[Math.toIntExact(rank)]])
                        .toArray();
            }
            case Line.Cumulate cumulate -> cumulated(cumulate, dtype, x, carry);
            case Line.Count count -> {
                long[] counts = new long[count.bins()];
                for (long bin : x) {
                    if (bin >= 0 && bin < counts.length) {
                        counts[(int) bin]++;
                    }
                }
                yield counts;
            }
            case Line.Fourier fourier -> FourierReference.apply(fourier, dtype, x);
        };
    }

    private static int[] sorted(DType dtype, long[] x) {
        return IntStream.range(0, x.length)
                .boxed()
                .sorted(Comparator.comparingLong(i -> Order.key(dtype, x[i])))
                .mapToInt(i -> i)
                .toArray();
    }

    private static long[] cumulated(Line.Cumulate line, DType dtype, long[] x, long carry) {
        ScalarType type = dtype.scalar();
        Op op = line.how() == Combine.SUM ? Op.ADD : Op.MUL;
        long[] result = new long[x.length];
        long offset = carry;
        long sum = line.identity(type);
        for (int i = 0; i < x.length; i++) {
            if (i > 0 && i % line.leaf() == 0) {
                offset = Semantics.apply(op, type, type, offset, sum, 0);
                sum = line.identity(type);
            }
            if (line.exclusive()) {
                result[i] = Semantics.apply(op, type, type, offset, sum, 0);
            }
            sum = Semantics.apply(op, type, type, sum, x[i], 0);
            if (!line.exclusive()) {
                result[i] = Semantics.apply(op, type, type, offset, sum, 0);
            }
        }
        return result;
    }
}
