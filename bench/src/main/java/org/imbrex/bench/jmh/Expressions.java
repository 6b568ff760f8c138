package org.imbrex.bench.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Fused expressions, a sum, a stencil and block means, each beside its plain loop. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgs = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx4g"})
public class Expressions {
    private static final int N = 20_000_000;
    private static final int SIDE = 4096;
    private static final int ROWS = 8_000_000;

    private Engine engine;
    private Arena arena;
    private float[] a;
    private float[] b;
    private float[] c;
    private float[] out;
    private float[] u;
    private float[] next;
    private double[] x;
    private double[] means;
    private Map<String, Array> fused;
    private Map<String, Array> grid;
    private Map<String, Array> table;
    private Map<String, Array> seed;

    /** Makes the arrays, on heap for the loops and off heap for the engine. */
    @Setup(Level.Trial)
    public void make() {
        engine = Engine.open();
        arena = Arena.ofShared();
        a = floats(N);
        b = floats(N);
        c = floats(N);
        out = new float[N];
        u = floats(SIDE * SIDE);
        next = new float[SIDE * SIDE];
        x = new double[ROWS * 3];
        for (int i = 0; i < x.length; i++) {
            x[i] = i % 1000 * 0.125;
        }
        means = new double[ROWS / 8 * 3];
        fused = new LinkedHashMap<>();
        fused.put("a", off(MemorySegment.ofArray(a), DType.F32, N));
        fused.put("b", off(MemorySegment.ofArray(b), DType.F32, N));
        fused.put("c", off(MemorySegment.ofArray(c), DType.F32, N));
        grid = Map.of("u", off(MemorySegment.ofArray(u), DType.F32, SIDE, SIDE));
        table = Map.of("x", off(MemorySegment.ofArray(x), DType.F64, ROWS, 3));
        seed = Map.of("x", off(MemorySegment.ofArray(x).asSlice(0, 24_000), DType.F64, 1000, 3));
    }

    @TearDown(Level.Trial)
    public void free() {
        engine.close();
        arena.close();
    }

    private static float[] floats(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (i % 977 - 400) * 0.01f;
        }
        return values;
    }

    private Array off(MemorySegment heap, DType dtype, long... shape) {
        MemorySegment memory = arena.allocate(heap.byteSize(), 64);
        memory.copyFrom(heap);
        return Array.wrap(memory, dtype, Shape.of(shape));
    }

    private void eval(String expression, Map<String, Array> inputs) {
        engine.eval(expression, inputs).close();
    }

    @Benchmark
    public void fma3() {
        eval("a*b+c", fused);
    }

    @Benchmark
    public float[] fma3Plain() {
        PlainLoops.fma3(a, b, c, out);
        return out;
    }

    @Benchmark
    public void sqrtExp() {
        eval("sqrt(a*a+b*b)/(1+exp(-c))", fused);
    }

    @Benchmark
    public float[] sqrtExpPlain() {
        PlainLoops.sqrtExp(a, b, c, out);
        return out;
    }

    @Benchmark
    public void sinAxpy() {
        eval("2*a+b*sin(c)", fused);
    }

    @Benchmark
    public float[] sinAxpyPlain() {
        PlainLoops.sinAxpy(a, b, c, out);
        return out;
    }

    @Benchmark
    public void sum() {
        eval("sum(a)", fused);
    }

    @Benchmark
    public float sumPlain() {
        return PlainLoops.sum(a);
    }

    @Benchmark
    public void heat5() {
        eval("u+0.1*((at(u,-1,0)+at(u,1,0))+(at(u,0,-1)+at(u,0,1))-4*u)", grid);
    }

    @Benchmark
    public float[] heat5Plain() {
        PlainLoops.heat5(u, next, SIDE);
        return next;
    }

    @Benchmark
    public void blockMeans() {
        eval("mean(blocks(x, 8), axis=1)", table);
    }

    @Benchmark
    public double[] blockMeansPlain() {
        PlainLoops.blockMeans(x, means);
        return means;
    }

    /** 1000 × 3: what a warm call costs. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public void blockMeansSeed() {
        eval("mean(blocks(x, 8), axis=1)", seed);
    }

    /** The bandwidth that plain Java reaches: STREAM's triad. */
    @Benchmark
    public float[] triadPlain() {
        PlainLoops.parallel(N, (from, to) -> {
            for (int i = from; i < to; i++) {
                out[i] = a[i] + 3 * b[i];
            }
        });
        return out;
    }
}
