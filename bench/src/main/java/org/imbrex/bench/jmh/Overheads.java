package org.imbrex.bench.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.schedule.RunOptions;
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

/** What is not the work: a call's way in and out, a new plan, a cut into tiles. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgs = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class Overheads {
    private static final int N = 1 << 18;
    private static final int TILE = 512;

    private Engine engine;
    private Arena arena;
    private Map<String, Array> one;
    private Map<String, Array> many;
    private RunOptions cut;

    /** Makes an array of one element and one that stays in cache. */
    @Setup(Level.Trial)
    public void make() {
        engine = Engine.open();
        arena = Arena.ofShared();
        one = Map.of("x", zeros(1));
        many = Map.of("x", zeros(N));
        cut = RunOptions.defaults().withDevice("vector").withThreads(1).withTile(TILE);
    }

    private Array zeros(int count) {
        MemorySegment memory = arena.allocate(4L * count, 64);
        return Array.wrap(memory, DType.F32, Shape.of(count));
    }

    @TearDown(Level.Trial)
    public void free() {
        engine.close();
        arena.close();
    }

    /** An engine's entry: one element, its plan known. */
    @Benchmark
    public void entry() {
        engine.eval("x+1", one).close();
    }

    /** Text to type: parsing, typing and fusing of a tree that is new each time. */
    @Benchmark
    public ArrayType newProgram() {
        Expr expression = Parser.parse("sqrt(x*x+1)/(1+exp(-x))");
        return engine.typeOf(expression, one);
    }

    /** 512 tiles of 512 elements on one thread. */
    @Benchmark
    public void tiles() {
        engine.run("x+1", many, cut).result().close();
    }
}
