package org.imbrex.kernels.line;

import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.type.DType;

/** Transforms. */
final class FourierVector implements LineKernel {
    private final Line.Fourier line;
    private final DType dtype;

    FourierVector(Line.Fourier line, DType dtype) {
        this.line = line;
        this.dtype = dtype;
    }

    @Override
    public void run(long from, long to, long carry, long work, int threads) {
        long[] x = new long[Math.toIntExact(line.from() * (line.readsPairs() ? 2 : 1))];
        for (int i = 0; i < x.length; i++) {
            x[i] = Elements.read(dtype, from + (long) i * dtype.bytes());
        }
        long[] y = FourierReference.apply(line, dtype, x);
        for (int i = 0; i < y.length; i++) {
            Elements.write(dtype, to + (long) i * dtype.bytes(), y[i]);
        }
    }
}
