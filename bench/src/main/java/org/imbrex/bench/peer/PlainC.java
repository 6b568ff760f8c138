package org.imbrex.bench.peer;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.imbrex.bench.limit.CLoops;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.work.Work;
import org.imbrex.kernels.type.DType;

/** Plain C loops with OpenMP, as gcc -O3 -march=native makes them. */
final class PlainC implements Peer {
    private static final AddressLayout P = ValueLayout.ADDRESS;
    private static final MemoryLayout L = ValueLayout.JAVA_LONG;
    private static final MemoryLayout I = ValueLayout.JAVA_INT;
    private static final Set<String> FAMILIES =
            Set.of("fma3", "sqrt-exp", "sin-axpy", "sum", "heat5", "heat5-64steps");

    private final String version;
    private final Map<String, MethodHandle> elementwise;
    private final MethodHandle sum;
    private final MethodHandle heat;

    PlainC(CLoops loops) {
        version = loops.maker() + " -O3 -march=native -fopenmp";
        elementwise = Map.of(
                "fma3", loops.handle("fma3", P, P, P, P, L, L, I),
                "sqrt-exp", loops.handle("sqrtexp", P, P, P, P, L, L, I),
                "sin-axpy", loops.handle("sinaxpy", P, P, P, P, L, L, I));
        sum = loops.handle("sum", P, P, L, L, I);
        heat = loops.handle("heat", P, P, P, L, L, L, L, I);
    }

    @Override
    public String name() {
        return "c";
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public boolean isCheap() {
        return true;
    }

    @Override
    public boolean takes(Work work) {
        return FAMILIES.contains(work.family());
    }

    private interface Loop {
        double run(long times) throws Throwable;
    }

    @Override
    public Optional<Trial> trial(Work work, Map<String, MemorySegment> inputs, int threads) {
        long n = work.inputs().values().iterator().next().shape().elements();
        return switch (work.family()) {
            case "fma3", "sqrt-exp", "sin-axpy" -> {
                MethodHandle loop = elementwise.get(work.family());
                Result result = Result.of(DType.F32, n);
                MemorySegment a = inputs.get("a");
                MemorySegment b = inputs.get("b");
                MemorySegment c = inputs.get("c");
                yield trial(result, times -> (double) loop.invokeExact(result.memory(), a, b, c, n, times, threads));
            }
            case "sum" -> {
                Result result = Result.of(DType.F32, 1);
                MemorySegment a = inputs.get("a");
                yield trial(result, times -> (double) sum.invokeExact(result.memory(), a, n, times, threads));
            }
            case "heat5", "heat5-64steps" -> {
                long steps = work.family().equals("heat5") ? 1 : 64;
                Result result = Result.of(DType.F32, n);
                MemorySegment between = Result.of(DType.F32, n).memory();
                MemorySegment u = inputs.get("u");
                long rows = work.inputs().get("u").shape().extent(0);
                long cols = work.inputs().get("u").shape().extent(1);
                yield trial(result, times ->
                        (double) heat.invokeExact(result.memory(), u, between, rows, cols, steps, times, threads));
            }
            default -> Optional.empty();
        };
    }

    private static Optional<Trial> trial(Result result, Loop loop) {
        return Optional.of(new Trial() {
            @Override
            public double seconds(int times) {
                try {
                    return loop.run(times);
                } catch (Throwable e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public double check() {
                return result.sum();
            }
        });
    }
}
