package org.imbrex.bench.peer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.work.Work;

/** A peer on the JVM: its data are Java arrays, copied once before its trial. */
final class JvmPeer implements Peer {
    private final String name;
    private final String version;
    private final String note;
    private final Set<String> families;
    private final Maker maker;

    /** How it does a work; empty where it cannot. */
    @FunctionalInterface
    interface Maker {
        Optional<Trial> trial(Work work, Map<String, MemorySegment> inputs, int threads);
    }

    /** @param families of works that it has */
    JvmPeer(String name, String version, String note, Set<String> families, Maker maker) {
        this.name = name;
        this.version = version;
        this.note = note;
        this.families = families;
        this.maker = maker;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public String note() {
        return note;
    }

    @Override
    public boolean takes(Work work) {
        return families.contains(work.family());
    }

    @Override
    public boolean compiled() {
        return true;
    }

    @Override
    public Optional<Trial> trial(Work work, Map<String, MemorySegment> inputs, int threads) {
        return maker.trial(work, inputs, threads);
    }

    static float[] floats(MemorySegment memory) {
        return memory.toArray(ValueLayout.JAVA_FLOAT);
    }

    static double[] doubles(MemorySegment memory) {
        return memory.toArray(ValueLayout.JAVA_DOUBLE);
    }

    static int side(Work work) {
        return (int) work.inputs().values().iterator().next().shape().extent(0);
    }

    static double sum(float... values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).sum();
    }

    static double sum(double... values) {
        return Arrays.stream(values).sum();
    }

    /** @param before what is done before each run, outside of its time */
    static Optional<Trial> trial(Runnable before, Runnable work, Supplier<Double> check) {
        return Optional.of(new Trial() {
            @Override
            public double seconds(int times) {
                long nanos = 0;
                for (int k = 0; k < times; k++) {
                    before.run();
                    long began = System.nanoTime();
                    work.run();
                    nanos += System.nanoTime() - began;
                }
                return nanos / 1e9;
            }

            @Override
            public double check() {
                return check.get();
            }
        });
    }

    static Optional<Trial> trial(Runnable work, Supplier<Double> check) {
        return trial(() -> {}, work, check);
    }
}
