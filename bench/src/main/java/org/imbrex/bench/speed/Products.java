package org.imbrex.bench.speed;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.schedule.RunOptions;

/**
 * Matrix products of the engine beside OpenBLAS's on the same data, in turn in one process, so that a drifting machine
 * slows both; where the library is missing its columns stay empty. Products in GFlop/s, matrix-vector products in GB/s.
 *
 * <p>Usage: {@code Products [device, default vector] [seconds a line, default 2] [only lines that contain this]}. Which
 * kernels OpenBLAS chose stands in the first line; {@code OPENBLAS_CORETYPE=SkylakeX} has it use AVX-512 where an older
 * version does not know the processor.
 */
public final class Products {
    private static final int[] SIDES = {256, 512, 1536, 2048};
    private static final int LONG = 8192;

    private final Engine engine;
    private final String device;
    private final double seconds;
    private final String only;
    private final Optional<OpenBlas> blas = OpenBlas.find();

    private Products(Engine engine, String device, double seconds, String only) {
        this.engine = engine;
        this.device = device;
        this.seconds = seconds;
        this.only = only;
    }

    public static void main(String[] args) {
        try (Engine engine = Engine.open()) {
            new Products(
                            engine,
                            args.length > 0 ? args[0] : "vector",
                            args.length > 1 ? Double.parseDouble(args[1]) : 2,
                            args.length > 2 ? args[2] : "")
                    .run();
        }
    }

    private void run() {
        System.out.printf("OpenBLAS: %s%n", blas.map(OpenBlas::core).orElse("not installed"));
        System.out.printf(
                "%-28s %7s %9s %9s %9s %9s %9s %7s%n",
                "work", "threads", "unit", "imbrex", "least", "most", "openblas", "ratio");
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            for (int side : SIDES) {
                product("matmul-" + dtype + "-" + side, dtype, side, side, side, false, false);
            }
            product("turned-a-" + dtype + "-1536", dtype, 1536, 1536, 1536, true, false);
            product("turned-b-" + dtype + "-1536", dtype, 1536, 1536, 1536, false, true);
            product("tall-" + dtype + "-65536x16x64", dtype, 65536, 16, 64, false, false);
            product("skinny-" + dtype + "-65536x64x16", dtype, 65536, 64, 16, false, false);
            product("gram-" + dtype + "-32x65536x32", dtype, 32, 65536, 32, true, false);
            vector("matvec-" + dtype + "-8192", dtype, false);
            vector("vecmat-" + dtype + "-8192", dtype, true);
        }
    }

    private void product(String name, DType dtype, int rows, int inner, int cols, boolean turnA, boolean turnB) {
        if (!name.contains(only)) {
            return;
        }
        try (Arena own = Arena.ofShared()) {
            MemorySegment a = values(own, dtype, (long) rows * inner);
            MemorySegment b = values(own, dtype, (long) inner * cols);
            MemorySegment c = values(own, dtype, (long) rows * cols);
            Map<String, Array> inputs = Map.of(
                    "a", Array.wrap(a, dtype, turnA ? Shape.of(inner, rows) : Shape.of(rows, inner)),
                    "b", Array.wrap(b, dtype, turnB ? Shape.of(cols, inner) : Shape.of(inner, cols)));
            String expression = (turnA ? "transpose(a)" : "a") + " @ " + (turnB ? "transpose(b)" : "b");
            line(name, "GFlop/s", 2e-9 * rows * inner * cols, expression, inputs, (library, threads) ->
                    library.product(dtype, a, turnA, b, turnB, c, rows, inner, cols));
        }
    }

    private void vector(String name, DType dtype, boolean turn) {
        if (!name.contains(only)) {
            return;
        }
        try (Arena own = Arena.ofShared()) {
            MemorySegment a = values(own, dtype, (long) LONG * LONG);
            MemorySegment x = values(own, dtype, LONG);
            MemorySegment y = values(own, dtype, LONG);
            Map<String, Array> inputs = Map.of(
                    "a", Array.wrap(a, dtype, Shape.of(LONG, LONG)), "x", Array.wrap(x, dtype, Shape.of(LONG)));
            double gigabytes = 1e-9 * LONG * LONG * dtype.bytes();
            line(name, "GB/s", gigabytes, turn ? "x @ a" : "a @ x", inputs, (library, threads) ->
                    library.vector(dtype, a, turn, x, y, LONG, LONG));
            line("sum of the same matrix", "GB/s", gigabytes, "sum(a)", inputs, (library, threads) -> {});
        }
    }

    private void line(
            String name, String unit, double work, String expression, Map<String, Array> inputs,
            BiConsumer<OpenBlas, Integer> theirs) {
        for (int threads = 1; threads <= Math.min(2, Runtime.getRuntime().availableProcessors()); threads++) {
            int count = threads;
            blas.ifPresent(library -> library.threads(count));
            RunOptions options = RunOptions.defaults().withDevice(device).withThreads(threads);
            Runnable ours = () -> engine.run(expression, inputs, options).result().close();
            Runnable peer = () -> blas.ifPresent(library -> theirs.accept(library, count));
            long until = System.nanoTime() + (long) (seconds * 1e9);
            while (System.nanoTime() < until) {
                ours.run();
            }
            List<Double> mine = new ArrayList<>();
            List<Double> its = new ArrayList<>();
            until = System.nanoTime() + (long) (seconds * 1e9);
            while (System.nanoTime() < until || mine.size() < 3) {
                // a few of each at a time: what the other has left in the caches costs little, and both run warm
                int times = (int) Math.clamp(20e6 / Math.max(1, nanos(ours)), 1, 200);
                for (int k = 0; k < times; k++) {
                    mine.add(work / nanos(ours) * 1e9);
                }
                for (int k = 0; k < times; k++) {
                    its.add(work / nanos(peer) * 1e9);
                }
            }
            mine.sort(null);
            boolean compared = blas.isPresent() && median(its) < 1e6;
            System.out.printf(
                    Locale.ROOT,
                    "%-28s %7d %9s %9.1f %9.1f %9.1f %9s %7s%n",
                    name,
                    threads,
                    unit,
                    median(mine),
                    mine.getFirst(),
                    mine.getLast(),
                    compared ? "%.1f".formatted(median(its)) : "",
                    compared ? "%.2f".formatted(median(mine) / median(its)) : "");
        }
    }

    private static double nanos(Runnable work) {
        long began = System.nanoTime();
        work.run();
        return Math.max(1, System.nanoTime() - began);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(0d);
    }

    private static MemorySegment values(Arena arena, DType dtype, long count) {
        MemorySegment memory = arena.allocate(count * dtype.bytes(), 64);
        for (long i = 0; i < count; i++) {
            double value = (i * 7919 % 977 - 400) * 0.01;
            if (dtype == DType.F32) {
                memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
            } else {
                memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
            }
        }
        return memory;
    }
}
