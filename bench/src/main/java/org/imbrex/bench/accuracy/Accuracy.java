package org.imbrex.bench.accuracy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

/**
 * Measures the worst error of each math function in units in the last place: in f32 over all 2^32 inputs (two-argument
 * functions: random pairs), in f64 over random inputs and known hard ones. Prints the table of docs/accuracy.md.
 *
 * <p>Usage: {@code Accuracy ULP.C [f32|f64|all] [f64 inputs, default 100000000] [function]}
 */
public final class Accuracy {
    private static final int CHUNK = 1 << 18;
    /** In the order of the numbers in ulp.c. */
    static final List<Function> FUNCTIONS = List.of(
            Function.EXP, Function.EXPM1, Function.LOG, Function.LOG1P, Function.LOG2, Function.LOG10, Function.SIN,
            Function.COS, Function.TAN, Function.ASIN, Function.ACOS, Function.ATAN, Function.SINH, Function.COSH,
            Function.TANH, Function.ATAN2, Function.HYPOT, Function.POW);

    private record Worst(double ulp, double x, double y, long inputs) {
        Worst max(Worst other) {
            Worst larger = other.ulp > ulp ? other : this;
            return new Worst(larger.ulp, larger.x, larger.y, inputs + other.inputs);
        }
    }

    private Accuracy() {}

    public static void main(String[] args) throws Exception {
        UlpOracle oracle = UlpOracle.build(Path.of(args[0]));
        String which = args.length > 1 ? args[1] : "all";
        long inputs = args.length > 2 ? Long.parseLong(args[2]) : 100_000_000L;
        System.out.println("| function | dtype | worst error, ulp | at | inputs |");
        System.out.println("| --- | --- | --- | --- | --- |");
        for (Function function : FUNCTIONS) {
            if (args.length > 3 && !function.text().equals(args[3])) {
                continue;
            }
            if (!which.equals("f64")) {
                print(function, DType.F32, measure(oracle, function, DType.F32, function.arity() == 1 ? 1L << 32 : inputs));
            }
            if (!which.equals("f32")) {
                print(function, DType.F64, measure(oracle, function, DType.F64, inputs));
            }
        }
    }

    private static void print(Function function, DType dtype, Worst worst) {
        String at = dtype == DType.F32
                ? Float.toHexString((float) worst.x) + (function.arity() > 1 ? ", " + Float.toHexString((float) worst.y) : "")
                : Double.toHexString(worst.x) + (function.arity() > 1 ? ", " + Double.toHexString(worst.y) : "");
        System.out.printf(Locale.ROOT, "| %s | %s | %.4f | %s | %,d |%n", function.text(), dtype, worst.ulp, at, worst.inputs);
    }

    private static Worst measure(UlpOracle oracle, Function function, DType dtype, long inputs) throws Exception {
        HostKernel kernel = kernel(function, dtype);
        int threads = Runtime.getRuntime().availableProcessors();
        Worst worst = new Worst(-1, 0, 0, 0);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Worst>> parts = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                parts.add(pool.submit(() -> part(oracle, function, dtype, kernel, inputs, thread, threads)));
            }
            for (Future<Worst> part : parts) {
                worst = worst.max(part.get());
            }
        }
        return worst;
    }

    private static Worst part(
            UlpOracle oracle, Function function, DType dtype, HostKernel kernel, long inputs, int thread, int threads) {
        SplittableRandom random = new SplittableRandom(20261124L + thread);
        boolean single = dtype == DType.F32;
        boolean all = single && function.arity() == 1;
        int number = FUNCTIONS.indexOf(function);
        Worst worst = new Worst(-1, 0, 0, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment x = arena.allocate((long) CHUNK * dtype.bytes(), 64);
            MemorySegment y = arena.allocate((long) CHUNK * dtype.bytes(), 64);
            MemorySegment found = arena.allocate((long) CHUNK * dtype.bytes(), 64);
            MemorySegment at = arena.allocate(ValueLayout.JAVA_LONG);
            Inputs source = new Inputs(function, single, random);
            for (long from = (long) thread * CHUNK; from < inputs; from += (long) threads * CHUNK) {
                for (int i = 0; i < CHUNK; i++) {
                    if (all) {
                        x.setAtIndex(ValueLayout.JAVA_INT, i, (int) (from + i));
                    } else {
                        source.put(x, y, i);
                    }
                }
                kernel.run(
                        new Tile(0, new long[] {0}, new long[] {CHUNK}, 0, 1),
                        new long[] {x.address(), y.address()},
                        new long[] {found.address()});
                double ulp = oracle.worst(single, number, x, y, found, CHUNK, at);
                long i = at.get(ValueLayout.JAVA_LONG, 0);
                double wx = single ? x.getAtIndex(ValueLayout.JAVA_FLOAT, i) : x.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
                double wy = single ? y.getAtIndex(ValueLayout.JAVA_FLOAT, i) : y.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
                worst = worst.max(new Worst(ulp, wx, wy, CHUNK));
            }
        }
        return worst;
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
