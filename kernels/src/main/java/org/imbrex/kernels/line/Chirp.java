package org.imbrex.kernels.line;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.imbrex.kernels.loop.Memory;

/** Transforms of any length by Bluestein's convolution, see {@link FourierPlan}. */
final class Chirp implements FourierVector.Smooth {
    private final int n;
    private final int padded;
    private final Twiddles roots;
    private final Transform transform;
    /** The transform of the conjugate chirp. */
    private final MemorySegment filter;

    Chirp(int n) {
        this.n = n;
        this.padded = Math.toIntExact(FourierPlan.padded(n));
        this.roots = Twiddles.of(2L * n);
        this.transform = new Transform(padded);
        this.filter = Arena.ofAuto().allocate(16L * padded, 64);
        long at = filter.address();
        for (int j = 0; j < n; j++) {
            long e = exponent(j);
            for (int place : new int[] {j, (padded - j) % padded}) {
                Memory.putF64(roots.re(e), at + 16L * place);
                Memory.putF64(-roots.im(e), at + 16L * place + 8);
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            transform.run(at, false, at, false, arena.allocate(16L * padded, 64).address(), false, 1, 1);
        }
    }

    private long exponent(long j) {
        return j * j % (2L * n);
    }

    @Override
    public void run(
            long from, boolean fromFloats, long to, boolean toFloats, long work, boolean swap, double scale,
            int threads) {
        long planes = work + 16L * padded;
        int first = swap ? 1 : 0;
        for (int j = 0; j < n; j++) {
            double a = real(from, fromFloats, 2L * j + first);
            double b = real(from, fromFloats, 2L * j + 1 - first);
            double wr = roots.re(exponent(j));
            double wi = roots.im(exponent(j));
            Memory.putF64(Math.fma(b, -wi, a * wr), work + 16L * j);
            Memory.putF64(Math.fma(a, wi, b * wr), work + 16L * j + 8);
        }
        for (long i = 16L * n; i < 16L * padded; i += 8) {
            Memory.putF64(0, work + i);
        }
        transform.run(work, false, work, false, planes, false, 1, threads);
        long by = filter.address();
        for (long at = 0; at < 16L * padded; at += 16) {
            double a = Memory.f64(work + at);
            double b = Memory.f64(work + at + 8);
            double wr = Memory.f64(by + at);
            double wi = Memory.f64(by + at + 8);
            Memory.putF64(Math.fma(b, -wi, a * wr), work + at);
            Memory.putF64(Math.fma(a, wi, b * wr), work + at + 8);
        }
        transform.run(work, false, work, false, planes, true, 1, threads);
        for (int k = 0; k < n; k++) {
            double a = Memory.f64(work + 16L * k) / padded;
            double b = Memory.f64(work + 16L * k + 8) / padded;
            double wr = roots.re(exponent(k));
            double wi = roots.im(exponent(k));
            double re = Math.fma(b, -wi, a * wr);
            double im = Math.fma(a, wi, b * wr);
            put(to, toFloats, 2L * k + first, scale == 1 ? re : re * scale);
            put(to, toFloats, 2L * k + 1 - first, scale == 1 ? im : im * scale);
        }
    }

    private static double real(long base, boolean floats, long i) {
        return floats ? Memory.f32(base + 4 * i) : Memory.f64(base + 8 * i);
    }

    private static void put(long base, boolean floats, long i, double value) {
        if (floats) {
            Memory.putF32((float) value, base + 4 * i);
        } else {
            Memory.putF64(value, base + 8 * i);
        }
    }
}
