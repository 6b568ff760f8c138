package org.imbrex.bench.speed;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.schedule.RunOptions;

/**
 * The speed lines of the engine: each expression beside C's triad, read sum or stencil loop over arrays of the same size,
 * in turn in one process, so that a drifting machine slows both. Prints medians, spread and ratios.
 *
 * <p>Usage: {@code Speed STREAM.C [device, default vector] [rounds, default 15]}
 */
public final class Speed {
    private static final int N = 20_000_000;
    private static final int SIDE = 4096;
    private static final int WARM_SECONDS = 6;

    private final CLoops c;
    private final Engine engine;
    private final Arena arena;
    private final RunOptions options;
    private final int rounds;
    private final int threads = Runtime.getRuntime().availableProcessors();

    private Speed(CLoops c, Engine engine, Arena arena, String device, int rounds) {
        this.c = c;
        this.engine = engine;
        this.arena = arena;
        this.options = RunOptions.defaults().withDevice(device);
        this.rounds = rounds;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        CLoops c = CLoops.build(Path.of(args[0]));
        try (Engine engine = Engine.open();
                Arena arena = Arena.ofShared()) {
            new Speed(c, engine, arena, args.length > 1 ? args[1] : "vector", args.length > 2 ? Integer.parseInt(args[2]) : 15)
                    .run();
        }
    }

    private void run() {
        MemorySegment a = floats(N);
        MemorySegment b = floats(N);
        MemorySegment d = floats(N);
        MemorySegment out = floats(N);
        Map<String, Array> inputs = new LinkedHashMap<>();
        inputs.put("a", wrap(a, N));
        inputs.put("b", wrap(b, N));
        inputs.put("c", wrap(d, N));
        MemorySegment sum = arena.allocate(4, 4);
        DoubleSupplier triad = () -> c.triad(out, a, b, N, threads);
        DoubleSupplier read = () -> c.readsum(a, N, threads, sum);
        System.out.printf(Locale.ROOT, "%-34s %9s %9s %9s %9s %7s%n", "work", "GB/s", "least", "most", "limit", "ratio");
        line("a*b+c", inputs, 16L * N, triad, 12L * N);
        line("sqrt(a*a+b*b)/(1+exp(-c))", inputs, 16L * N, triad, 12L * N);
        line("2*a+b*sin(c)", inputs, 16L * N, triad, 12L * N);
        line("sum(a)", inputs, 4L * N, read, 4L * N);
        line("min(a)", inputs, 4L * N, read, 4L * N);

        MemorySegment u = floats(SIDE * SIDE);
        MemorySegment v = floats(SIDE * SIDE);
        Map<String, Array> grid = Map.of("u", Array.wrap(u, DType.F32, Shape.of(SIDE, SIDE)));
        DoubleSupplier heat = () -> c.heat(v, u, SIDE, SIDE, threads);
        line("u+0.1*(at(u,-1,0)+at(u,1,0)+(at(u,0,-1)+at(u,0,1))-4*u)", grid, 8L * SIDE * SIDE, heat, 8L * SIDE * SIDE);
        line("mean(u, axis=0)", grid, 4L * SIDE * SIDE, read, 4L * N);
        line("mean(u, axis=1)", grid, 4L * SIDE * SIDE, read, 4L * N);

        int rows = 8_000_000;
        MemorySegment x = arena.allocate(rows * 24L, 64);
        for (long i = 0; i < rows * 3L; i++) {
            x.setAtIndex(ValueLayout.JAVA_DOUBLE, i, i % 1000 * 0.125);
        }
        Map<String, Array> table = Map.of("x", Array.wrap(x, DType.F64, Shape.of(rows, 3)));
        line("mean(blocks(x, 8), axis=1)", table, 27L * rows, read, 4L * N);
        small(Map.of("x", Array.wrap(x.asSlice(0, 24_000), DType.F64, Shape.of(1000, 3))));
    }

    private void line(String expression, Map<String, Array> inputs, long bytes, DoubleSupplier limit, long limitBytes) {
        long until = System.nanoTime() + WARM_SECONDS * 1_000_000_000L;
        while (System.nanoTime() < until) {
            time(expression, inputs);
        }
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        if (limit.getAsDouble() <= 0) {
            throw new IllegalStateException("the limit took no time");
        }
        for (int round = 0; round < rounds; round++) {
            double mine = bytes / time(expression, inputs) / 1e9;
            double its = limitBytes / limit.getAsDouble() / 1e9;
            ours.add(mine);
            theirs.add(its);
            ratios.add(mine / its);
        }
        ours.sort(null);
        System.out.printf(
                Locale.ROOT,
                "%-34s %9.1f %9.1f %9.1f %9.1f %7.2f%n",
                expression.length() > 34 ? expression.substring(0, 31) + "..." : expression,
                median(ours),
                ours.getFirst(),
                ours.getLast(),
                median(theirs),
                median(ratios));
    }

    private double time(String expression, Map<String, Array> inputs) {
        long began = System.nanoTime();
        Engine.Run run = engine.run(expression, inputs, options);
        double seconds = (System.nanoTime() - began) / 1e9;
        run.result().close();
        return seconds;
    }

    /** The warm small call through the public API, in batches. */
    private void small(Map<String, Array> inputs) {
        double[] micros = new double[200];
        for (int batch = 0; batch < micros.length; batch++) {
            long began = System.nanoTime();
            for (int k = 0; k < 1000; k++) {
                engine.eval("mean(blocks(x, 8), axis=1)", inputs).close();
            }
            micros[batch] = (System.nanoTime() - began) / 1e6;
        }
        double[] warm = Arrays.copyOfRange(micros, micros.length / 2, micros.length);
        Arrays.sort(warm);
        System.out.printf(Locale.ROOT, "mean(blocks(x, 8), axis=1) of 1000 x 3, warm, through the API: %.1f us (least %.1f, most %.1f)%n",
                warm[warm.length / 2], warm[0], warm[warm.length - 1]);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    private MemorySegment floats(int count) {
        MemorySegment memory = arena.allocate(4L * count, 64);
        for (int i = 0; i < count; i++) {
            memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (i % 977 - 400) * 0.01f);
        }
        return memory;
    }

    private static Array wrap(MemorySegment memory, long count) {
        return Array.wrap(memory, DType.F32, Shape.of(count));
    }
}
