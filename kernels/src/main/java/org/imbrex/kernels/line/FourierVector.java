package org.imbrex.kernels.line;

import org.imbrex.kernels.loop.Memory;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.type.DType;

/**
 * Transforms of complex and real lines, after {@link FourierReference}: what comes before and after {@link Transform}.
 */
final class FourierVector implements LineKernel {
    private final Line.Fourier line;
    private final boolean floats;
    private final int n;
    /** Pairs that are transformed. */
    private final int pairs;

    private final Smooth transform;

    FourierVector(Line.Fourier line, DType dtype) {
        this.line = line;
        this.floats = dtype == DType.F32;
        this.n = Math.toIntExact(line.length());
        boolean real = line.kind() == Line.Fourier.Kind.RFFT || line.kind() == Line.Fourier.Kind.IRFFT;
        this.pairs = real && n % 2 == 0 ? n / 2 : n;
        this.transform = FourierPlan.isSmooth(pairs) ? new Whole(new Transform(pairs)) : new Chirp(pairs);
    }

    /** The transform of some number of pairs. */
    interface Smooth {
        /** As {@link Transform#run}. */
        void run(
                long from, boolean fromFloats, long to, boolean toFloats, long work, boolean swap, double scale,
                int threads);
    }

    private record Whole(Transform transform) implements Smooth {
        @Override
        public void run(
                long from, boolean fromFloats, long to, boolean toFloats, long work, boolean swap, double scale,
                int threads) {
            transform.run(from, fromFloats, to, toFloats, work, swap, scale, threads);
        }
    }

    @Override
    public void run(long from, long to, long carry, long work, int threads) {
        long rest = work + 16L * n;
        switch (line.kind()) {
            case FFT -> transform.run(from, floats, to, floats, work, false, 1, threads);
            case IFFT -> transform.run(from, floats, to, floats, work, true, 1.0 / n, threads);
            case RFFT -> {
                if (n % 2 == 0) {
                    transform.run(from, floats, work, false, rest, false, 1, threads);
                    evenReal(work, to);
                } else {
                    for (int j = 0; j < n; j++) {
                        Memory.putF64(real(from, j), work + 16L * j);
                        Memory.putF64(0, work + 16L * j + 8);
                    }
                    transform.run(work, false, work, false, rest, false, 1, threads);
                    for (int i = 0; i < 2 * (n / 2 + 1); i++) {
                        put(to, i, Memory.f64(work + 8L * i));
                    }
                }
            }
            case IRFFT -> {
                if (n % 2 == 0) {
                    evenHermitian(from, work);
                    transform.run(work, false, to, floats, rest, true, 1.0 / n, threads);
                } else {
                    oddHermitian(from, work);
                    transform.run(work, false, work, false, rest, true, 1, threads);
                    for (int j = 0; j < n; j++) {
                        put(to, j, Memory.f64(work + 16L * j) * (1.0 / n));
                    }
                }
            }
        }
    }

    private double real(long base, long i) {
        return floats ? Memory.f32(base + 4 * i) : Memory.f64(base + 8 * i);
    }

    private void put(long base, long i, double value) {
        if (floats) {
            Memory.putF32((float) value, base + 4 * i);
        } else {
            Memory.putF64(value, base + 8 * i);
        }
    }

    private void evenReal(long z, long to) {
        int half = n / 2;
        Twiddles w = Twiddles.of(n);
        for (int k = 0; k <= half; k++) {
            long here = z + 16L * (k == half ? 0 : k);
            long other = z + 16L * (k == 0 ? 0 : half - k);
            double a = Memory.f64(here);
            double b = Memory.f64(here + 8);
            double c = Memory.f64(other);
            double d = Memory.f64(other + 8);
            double oddRe = 0.5 * (b + d);
            double oddIm = 0.5 * (c - a);
            double wr = w.re(k);
            double wi = w.im(k);
            put(to, 2L * k, 0.5 * (a + c) + Math.fma(oddIm, -wi, oddRe * wr));
            put(to, 2L * k + 1, 0.5 * (b - d) + Math.fma(oddRe, wi, oddIm * wr));
        }
    }

    private void evenHermitian(long x, long z) {
        int half = n / 2;
        Twiddles w = Twiddles.of(n);
        for (int k = 0; k < half; k++) {
            double a = real(x, 2L * k);
            double b = k == 0 ? 0 : real(x, 2L * k + 1);
            double c = real(x, 2L * (half - k));
            double d = k == 0 ? 0 : real(x, 2L * (half - k) + 1);
            double oddRe = a - c;
            double oddIm = b + d;
            double wr = w.re(k);
            double wi = -w.im(k);
            double re = Math.fma(oddIm, -wi, oddRe * wr);
            double im = Math.fma(oddRe, wi, oddIm * wr);
            Memory.putF64(a + c - im, z + 16L * k);
            Memory.putF64(b - d + re, z + 16L * k + 8);
        }
    }

    private void oddHermitian(long x, long z) {
        for (int k = 0; k <= n / 2; k++) {
            double re = real(x, 2L * k);
            double im = k == 0 ? 0 : real(x, 2L * k + 1);
            long mirrored = z + 16L * (k == 0 ? 0 : n - k);
            Memory.putF64(re, z + 16L * k);
            Memory.putF64(im, z + 16L * k + 8);
            Memory.putF64(re, mirrored);
            Memory.putF64(k == 0 ? 0 : -im, mirrored + 8);
        }
    }
}
