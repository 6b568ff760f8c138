package org.imbrex.bench.limit;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.imbrex.kernels.type.DType;

/** The same loops by the Vector API, for machines without gcc. */
public final class VectorLoops implements Loops {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final int CHAINS = 8;

    /** What the loops give, so that they are not dropped. */
    private volatile double sink;

    private interface Part {
        void run(long from, long to);
    }

    @Override
    public String maker() {
        return "the Vector API, " + F.vectorBitSize() + " bits (no gcc)";
    }

    private static double parts(long n, int step, int threads, Part body) {
        long began = System.nanoTime();
        long part = n / step / threads * step;
        if (threads == 1) {
            body.run(0, part);
        } else {
            IntStream.range(0, threads).parallel().forEach(t -> body.run(t * part, (t + 1) * part));
        }
        return (System.nanoTime() - began) / 1e9;
    }

    @Override
    public double triad(MemorySegment a, MemorySegment b, MemorySegment c, long n, long times, int threads) {
        return parts(n, F.length(), threads, (from, to) -> {
            for (long pass = 0; pass < times; pass++) {
                for (long i = from; i < to; i += F.length()) {
                    FloatVector.fromMemorySegment(F, c, i * 4, NATIVE)
                            .fma(FloatVector.broadcast(F, 3), FloatVector.fromMemorySegment(F, b, i * 4, NATIVE))
                            .intoMemorySegment(a, i * 4, NATIVE);
                }
            }
        });
    }

    @Override
    public double read(MemorySegment a, long n, long times, int threads) {
        int lanes = F.length();
        return parts(n, 4 * lanes, threads, (from, to) -> {
            FloatVector s = FloatVector.zero(F);
            FloatVector t = s;
            FloatVector u = s;
            FloatVector v = s;
            for (long pass = 0; pass < times; pass++) {
                for (long i = from; i < to; i += 4 * lanes) {
                    s = s.add(FloatVector.fromMemorySegment(F, a, i * 4, NATIVE));
                    t = t.add(FloatVector.fromMemorySegment(F, a, (i + lanes) * 4, NATIVE));
                    u = u.add(FloatVector.fromMemorySegment(F, a, (i + 2 * lanes) * 4, NATIVE));
                    v = v.add(FloatVector.fromMemorySegment(F, a, (i + 3 * lanes) * 4, NATIVE));
                }
            }
            sink = s.add(t).add(u.add(v)).lane(0);
        });
    }

    @Override
    public double fma(DType dtype, long times, int threads) {
        return parts(threads, 1, threads, (from, to) -> sink = dtype == DType.F32 ? singles(times) : doubles(times));
    }

    private static double singles(long times) {
        FloatVector a = FloatVector.broadcast(F, 0.999f);
        FloatVector b = FloatVector.broadcast(F, 0.001f);
        FloatVector x0 = a, x1 = a, x2 = a, x3 = a, x4 = a, x5 = a, x6 = a, x7 = a;
        for (long i = 0; i < times; i++) {
            x0 = x0.fma(a, b);
            x1 = x1.fma(a, b);
            x2 = x2.fma(a, b);
            x3 = x3.fma(a, b);
            x4 = x4.fma(a, b);
            x5 = x5.fma(a, b);
            x6 = x6.fma(a, b);
            x7 = x7.fma(a, b);
        }
        return x0.add(x1).add(x2.add(x3)).add(x4.add(x5).add(x6.add(x7))).lane(0);
    }

    private static double doubles(long times) {
        DoubleVector a = DoubleVector.broadcast(D, 0.999);
        DoubleVector b = DoubleVector.broadcast(D, 0.001);
        DoubleVector x0 = a, x1 = a, x2 = a, x3 = a, x4 = a, x5 = a, x6 = a, x7 = a;
        for (long i = 0; i < times; i++) {
            x0 = x0.fma(a, b);
            x1 = x1.fma(a, b);
            x2 = x2.fma(a, b);
            x3 = x3.fma(a, b);
            x4 = x4.fma(a, b);
            x5 = x5.fma(a, b);
            x6 = x6.fma(a, b);
            x7 = x7.fma(a, b);
        }
        return x0.add(x1).add(x2.add(x3)).add(x4.add(x5).add(x6.add(x7))).lane(0);
    }

    @Override
    public double fmaFlops(DType dtype) {
        return 2.0 * CHAINS * (dtype == DType.F32 ? F.length() : D.length());
    }
}
