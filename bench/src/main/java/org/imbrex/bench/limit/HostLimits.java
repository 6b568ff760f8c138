package org.imbrex.bench.limit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.bench.measure.Contest;
import org.imbrex.bench.measure.Spread;
import org.imbrex.bench.measure.Trial;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.memory.Pages;

/** The processor's limits: bandwidth by array size, peak fma; and the same as entrants among works. */
public final class HostLimits implements AutoCloseable {
    /** Bytes of all arrays together, from what fits in a first-level cache on. */
    private static final long LEAST_BYTES = 24L << 10;

    private static final long FMA_TIMES = 500_000;

    private final Loops loops;
    private final long mostFloats;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment a;
    private final MemorySegment b;
    private final MemorySegment c;

    /** @param mostBytes of the largest array; its pages are dropped in now */
    public HostLimits(Loops loops, long mostBytes) {
        this.loops = loops;
        this.mostFloats = mostBytes / 4;
        this.a = array(mostBytes, 0);
        this.b = array(mostBytes, 1);
        this.c = array(mostBytes, 2);
    }

    /** Arrays that begin at the same place of their pages would hinder each other: loads wait for stores a page away. */
    private MemorySegment array(long bytes, int number) {
        long shift = 1344L * number;
        return Pages.allocate(arena, bytes + shift).fill((byte) 0).asSlice(shift);
    }

    public Loops loops() {
        return loops;
    }

    /**
     * A limit as an entrant among works.
     *
     * @param amount the bytes or floating-point operations of one run
     */
    public record Probe(Trial trial, double amount) {}

    /** Triad or read over arrays of so many bytes in all, at most what there is room for. */
    public Probe bandwidth(boolean reads, double bytes, int threads) {
        long floats = Math.clamp((long) (bytes / (reads ? 4 : 12)), 1024, mostFloats) / 1024 * 1024;
        double moved = floats * (reads ? 4.0 : 12.0);
        // one run is so many passes that a start of threads does not count
        long passes = (long) Math.clamp(4e7 / moved, 1, 100_000);
        return new Probe(
                times -> reads
                        ? loops.read(a, floats, times * passes, threads)
                        : loops.triad(a, b, c, floats, times * passes, threads),
                moved * passes);
    }

    /** Chains of fma on all of the threads together. */
    public Probe peak(DType dtype, int threads) {
        return new Probe(
                times -> loops.fma(dtype, times * FMA_TIMES, threads), loops.fmaFlops(dtype) * FMA_TIMES * threads);
    }

    /**
     * All of them, at one thread and at {@code threads}.
     *
     * @param seconds what it should take
     */
    public List<Limit> measure(int threads, int rounds, double warmSeconds, double seconds) {
        List<Limit> limits = new ArrayList<>();
        Contest contest = new Contest(rounds, warmSeconds, 1);
        int[] counts = threads == 1 ? new int[] {1} : new int[] {1, threads};
        List<Long> sizes = new ArrayList<>();
        for (long bytes = LEAST_BYTES; bytes < mostFloats * 12; bytes *= 4) {
            sizes.add(bytes);
        }
        sizes.add(mostFloats * 12);
        double each = seconds / (counts.length * (2 * sizes.size() + 2));
        for (int count : counts) {
            for (boolean reads : new boolean[] {true, false}) {
                for (long bytes : sizes) {
                    double size = reads ? Math.min(bytes, mostFloats * 4.0) : bytes;
                    limits.add(limit(contest, each, reads ? "read" : "triad", "f32", (long) size, count, "GB/s",
                            bandwidth(reads, size, count)));
                }
            }
            for (DType dtype : List.of(DType.F32, DType.F64)) {
                limits.add(limit(contest, each, "peak-" + dtype, dtype.text(), 0, count, "GF/s", peak(dtype, count)));
            }
        }
        return limits;
    }

    private static Limit limit(
            Contest contest, double allowed, String name, String dtype, long size, int threads, String unit, Probe probe) {
        Spread seconds = contest.run(List.of(new Contest.Entrant(name, false, probe.trial())), allowed, (who, e) -> {
                    throw e;
                })
                .spreads()
                .get(name);
        double giga = probe.amount() / 1e9;
        return new Limit(name, "host", dtype, size, threads, giga / seconds.median(), giga / seconds.most(),
                giga / seconds.least(), unit);
    }

    @Override
    public void close() {
        arena.close();
    }
}
