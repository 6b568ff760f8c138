package org.imbrex.bench.accuracy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.math.Functions;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/** One function in one dtype, as the vector lowering computes it, held against the oracle chunk by chunk. */
final class Measurement {
    private static final int CHUNK = 1 << 16;

    /** The worst distance seen, where, and among how many inputs. */
    record Worst(double ulp, double x, double y, long inputs) {
        Worst max(Worst other) {
            Worst larger = other.ulp > ulp ? other : this;
            return new Worst(larger.ulp, larger.x, larger.y, inputs + other.inputs);
        }
    }

    private final UlpOracle oracle;
    private final Function function;
    private final DType dtype;
    private final boolean single;
    private final HostKernel kernel;

    Measurement(UlpOracle oracle, Function function, DType dtype) {
        this.oracle = oracle;
        this.function = function;
        this.dtype = dtype;
        this.single = dtype == DType.F32;
        this.kernel = kernel(function, dtype);
    }

    /** Every {@code stride}th of all 2^32 floats. */
    Worst everyFloat(int stride, int threads) throws InterruptedException, ExecutionException {
        long inputs = ((1L << 32) + stride - 1) / stride;
        return run(inputs, threads, (x, y, from, random) -> {
            for (int i = 0; i < CHUNK; i++) {
                x.setAtIndex(ValueLayout.JAVA_INT, i, (int) ((from + i) * stride));
            }
        });
    }

    Worst atRandom(long inputs, int threads) throws InterruptedException, ExecutionException {
        return run(inputs, threads, (x, y, from, random) -> {
            Inputs source = new Inputs(function, dtype, random);
            for (int i = 0; i < CHUNK; i++) {
                source.put(x, y, i);
            }
        });
    }

    private interface Filling {
        void fill(MemorySegment x, MemorySegment y, long from, SplittableRandom random);
    }

    private Worst run(long inputs, int threads, Filling filling) throws InterruptedException, ExecutionException {
        AtomicLong next = new AtomicLong();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Worst>> parts = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                parts.add(pool.submit(() -> part(inputs, next, filling)));
            }
            Worst worst = new Worst(-1, 0, 0, 0);
            for (Future<Worst> part : parts) {
                worst = worst.max(part.get());
            }
            return worst;
        }
    }

    /** Takes chunk after chunk, until all are taken; a chunk's number seeds its random inputs. */
    private Worst part(long inputs, AtomicLong next, Filling filling) {
        Worst worst = new Worst(-1, 0, 0, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment x = arena.allocate((long) CHUNK * dtype.bytes(), 64);
            MemorySegment y = arena.allocate((long) CHUNK * dtype.bytes(), 64);
            MemorySegment found = arena.allocate((long) CHUNK * dtype.bytes(), 64);
            MemorySegment at = arena.allocate(ValueLayout.JAVA_LONG);
            Tile tile = new Tile(0, new long[] {0}, new long[] {CHUNK}, 0, 1);
            for (long from = next.getAndAdd(CHUNK); from < inputs; from = next.getAndAdd(CHUNK)) {
                filling.fill(x, y, from, new SplittableRandom(20261124L + from));
                kernel.run(tile, new long[] {x.address(), y.address()}, new long[] {found.address()});
                double ulp = oracle.worst(single, Accuracy.FUNCTIONS.indexOf(function), x, y, found, CHUNK, at);
                long i = at.get(ValueLayout.JAVA_LONG, 0);
                worst = worst.max(new Worst(ulp, element(x, i), element(y, i), CHUNK));
            }
        }
        return worst;
    }

    private double element(MemorySegment array, long i) {
        return single ? array.getAtIndex(ValueLayout.JAVA_FLOAT, i) : array.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
    }

    private static HostKernel kernel(Function function, DType dtype) {
        Code code = new Code();
        Value x = code.load(dtype.scalar(), 0);
        Value result = function.arity() == 1
                ? Functions.apply(code, function, x)
                : Functions.apply(code, function, x, code.load(dtype.scalar(), 1));
        MapStage stage = new MapStage(
                new long[] {CHUNK},
                List.of(new View(0, dtype, 0, new long[] {1}), new View(1, dtype, 0, new long[] {1})),
                code.body(result),
                List.of(new View(2, dtype, 0, new long[] {1})));
        return Lowerings.vector(stage);
    }
}
