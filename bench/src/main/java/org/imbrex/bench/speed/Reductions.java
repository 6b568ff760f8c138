package org.imbrex.bench.speed;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imbrex.bench.limit.CLoops;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Pages;
import org.imbrex.runtime.schedule.RunOptions;

/**
 * What reads arrays from memory, beside gcc's sum of one, a few runs of each in turn in one process: a machine whose memory
 * others use as well slows all of them. A line has the median, and in how much of gcc's speed that is by what is read;
 * likewise of the best twentieth.
 *
 * <p>Usage: {@code Reductions [device, default vector] [threads, default all] [side of the square float32 array, default
 * 4096] [seconds a line, default 2]}.
 */
public final class Reductions {
    private static final List<String> WORKS = List.of(
            "sum(a)",
            "min(a)",
            "mean(a, axis=0)",
            "mean(a, axis=1)",
            "mean(transpose(a), axis=0)",
            "var(a, axis=0)",
            "sum(a * 2 + 1)",
            "sum(a * b)",
            "sum(v[:, None] * a, axis=0)",
            "argmax(a)",
            "a @ v");
    /** Runs in a turn; the first finds the caches as another has left them, and does not count. */
    private static final int TURN = 6;

    private static final int WARM = 2;

    private Reductions() {}

    private interface Run {
        double seconds() throws Throwable;
    }

    public static void main(String[] args) throws Throwable {
        String device = args.length > 0 ? args[0] : "vector";
        int threads = args.length > 1 ? Integer.parseInt(args[1]) : Runtime.getRuntime().availableProcessors();
        int side = args.length > 2 ? Integer.parseInt(args[2]) : 4096;
        double seconds = args.length > 3 ? Double.parseDouble(args[3]) : 2;
        try (Engine engine = Engine.open(); Arena arena = Arena.ofShared()) {
            Map<String, Run> runs = runs(engine, arena, device, threads, side);
            for (Run run : runs.values()) {
                for (long end = end(WARM * seconds); System.nanoTime() < end; ) {
                    run.seconds();
                }
            }
            Map<String, List<Double>> found = new LinkedHashMap<>();
            for (long end = end(seconds * runs.size()); System.nanoTime() < end; ) {
                for (Map.Entry<String, Run> run : runs.entrySet()) {
                    List<Double> its = found.computeIfAbsent(run.getKey(), name -> new ArrayList<>());
                    for (int k = 0; k < TURN; k++) {
                        double took = run.getValue().seconds();
                        if (k > 0) {
                            its.add(took);
                        }
                    }
                }
            }
            print(found, 4.0 * side * side);
        }
    }

    private static long end(double seconds) {
        return System.nanoTime() + (long) (seconds * 1e9);
    }

    private static Map<String, Run> runs(Engine engine, Arena arena, String device, int threads, int side) throws Exception {
        MemorySegment a = values(arena, (long) side * side);
        Map<String, Array> inputs = Map.of(
                "a", Array.wrap(a, DType.F32, Shape.of(side, side)),
                "b", Array.wrap(values(arena, (long) side * side), DType.F32, Shape.of(side, side)),
                "v", Array.wrap(values(arena, side), DType.F32, Shape.of(side)));
        RunOptions options = RunOptions.defaults().withDevice(device).withThreads(threads);
        MethodHandle sum = CLoops.build().handle(
                "sum", ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT);
        MemorySegment result = arena.allocate(4);
        long count = (long) side * side;
        Map<String, Run> runs = new LinkedHashMap<>();
        runs.put("gcc's sum", () -> (double) sum.invokeExact(result, a, count, 1L, threads));
        for (String work : WORKS) {
            Map<String, Array> used = new LinkedHashMap<>(inputs);
            used.keySet().removeIf(name -> !work.matches(".*\\b" + name + "\\b.*"));
            runs.put(work, () -> {
                long began = System.nanoTime();
                engine.run(work, used, options).result().close();
                return (System.nanoTime() - began) / 1e9;
            });
        }
        return runs;
    }

    private static MemorySegment values(Arena arena, long count) {
        MemorySegment memory = Pages.allocate(arena, 4 * count);
        for (long i = 0; i < count; i++) {
            memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (i * 7919 % 977 - 400) * 0.01f);
        }
        return memory;
    }

    private static void print(Map<String, List<Double>> found, double bytes) {
        found.values().forEach(its -> its.sort(null));
        List<Double> gcc = found.values().iterator().next();
        System.out.printf("%-28s %10s %8s %9s %9s%n", "work", "us", "GB/s", "of gcc's", "of best");
        found.forEach((name, its) -> System.out.printf(
                Locale.ROOT,
                "%-28s %10.1f %8.1f %9.2f %9.2f%n",
                name,
                median(its) * 1e6,
                arrays(name) * bytes / median(its) / 1e9,
                arrays(name) * median(gcc) / median(its),
                arrays(name) * gcc.get(gcc.size() / 20) / its.get(its.size() / 20)));
    }

    /** How many of the large arrays a work reads. */
    private static int arrays(String work) {
        return work.contains(" b") ? 2 : 1;
    }

    private static double median(List<Double> sorted) {
        return sorted.get(sorted.size() / 2);
    }
}
