package org.imbrex.bench.limit;

import java.lang.foreign.MemorySegment;
import org.imbrex.kernels.type.DType;

/** The loops that find the processor's limits; each returns the seconds that {@code times} passes took. */
public interface Loops {

    /** Who made them, for people. */
    String maker();

    /** {@code a = b + 3 * c} over n f32. */
    double triad(MemorySegment a, MemorySegment b, MemorySegment c, long n, long times, int threads);

    /** Reads n f32. */
    double read(MemorySegment a, long n, long times, int threads);

    /** Chains of fma in f32 or f64, independent of each other. */
    double fma(DType dtype, long times, int threads);

    /** The floating-point operations of one pass of {@link #fma} on one thread; an fma counts as two. */
    double fmaFlops(DType dtype);
}
