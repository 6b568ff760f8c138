package org.imbrex.kernels.line;

import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.Memory;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.type.DType;

/**
 * Running sums and products. Sums of floats go through four leaves side by side, since an addition waits for the one
 * before: first their totals, then, from cache, the results.
 */
final class CumulateVector implements LineKernel {
    private static final int LEAF = CanonicalTree.LEAF;
    private static final int SIDE = 4;
    /** Columns whose sums stay in the first-level cache. */
    private static final int COLUMNS = 1024;

    private final long n;
    private final DType dtype;
    private final boolean sums;
    private final boolean exclusive;
    private final long identity;

    CumulateVector(Line.Cumulate line, DType dtype) {
        this.n = line.from();
        this.dtype = dtype;
        this.sums = line.how() == Combine.SUM;
        this.exclusive = line.exclusive();
        this.identity = line.identity(dtype.scalar());
    }

    @Override
    public void run(long from, long to, long carry, long work, int threads) {
        long first = carry == NONE ? identity : Elements.read(dtype, carry);
        ScalarType type = dtype.scalar();
        switch (type) {
            case I64 -> integers(from, to, first);
            case F32 -> {
                if (sums) {
                    sumF32(from, to, Float.intBitsToFloat((int) first));
                } else {
                    productF32(from, to, Float.intBitsToFloat((int) first));
                }
            }
            case F64 -> {
                if (sums) {
                    sumF64(from, to, Double.longBitsToDouble(first));
                } else {
                    productF64(from, to, Double.longBitsToDouble(first));
                }
            }
            default -> throw new IllegalArgumentException("running sums of " + dtype + " are made in another dtype");
        }
    }

    /** Integers wrap: any order gives the same. */
    private void integers(long from, long to, long first) {
        long sum = first;
        for (long at = 0; at < n * 8; at += 8) {
            long x = Memory.i64(from + at);
            long before = sum;
            sum = sums ? sum + x : sum * x;
            Memory.put64(exclusive ? before : sum, to + at);
        }
    }

    private void productF32(long from, long to, float first) {
        float product = 1;
        for (long at = 0; at < n * 4; at += 4) {
            float before = product;
            product *= Memory.f32(from + at);
            Memory.putF32(first * (exclusive ? before : product), to + at);
        }
    }

    private void productF64(long from, long to, double first) {
        double product = 1;
        for (long at = 0; at < n * 8; at += 8) {
            double before = product;
            product *= Memory.f64(from + at);
            Memory.putF64(first * (exclusive ? before : product), to + at);
        }
    }

    private void sumF32(long from, long to, float first) {
        long leaf = LEAF * 4L;
        float offset = first;
        long at = 0;
        for (; !exclusive && at + SIDE * leaf <= n * 4; at += SIDE * leaf) {
            float a = -0f;
            float b = -0f;
            float c = -0f;
            for (long i = from + at; i < from + at + leaf; i += 4) {
                a += Memory.f32(i);
                b += Memory.f32(i + leaf);
                c += Memory.f32(i + 2 * leaf);
            }
            float offsetB = offset + a;
            float offsetC = offsetB + b;
            float offsetD = offsetC + c;
            a = -0f;
            b = -0f;
            c = -0f;
            float d = -0f;
            long shift = to - from;
            for (long i = from + at; i < from + at + leaf; i += 4) {
                a += Memory.f32(i);
                b += Memory.f32(i + leaf);
                c += Memory.f32(i + 2 * leaf);
                d += Memory.f32(i + 3 * leaf);
                Memory.putF32(offset + a, i + shift);
                Memory.putF32(offsetB + b, i + leaf + shift);
                Memory.putF32(offsetC + c, i + 2 * leaf + shift);
                Memory.putF32(offsetD + d, i + 3 * leaf + shift);
            }
            offset = offsetD + d;
        }
        for (; at < n * 4; at += leaf) {
            float sum = -0f;
            for (long i = at; i < Math.min(at + leaf, n * 4); i += 4) {
                float before = sum;
                sum += Memory.f32(from + i);
                Memory.putF32(offset + (exclusive ? before : sum), to + i);
            }
            offset += sum;
        }
    }

    private void sumF64(long from, long to, double first) {
        long leaf = LEAF * 8L;
        double offset = first;
        long at = 0;
        for (; !exclusive && at + SIDE * leaf <= n * 8; at += SIDE * leaf) {
            double a = -0d;
            double b = -0d;
            double c = -0d;
            for (long i = from + at; i < from + at + leaf; i += 8) {
                a += Memory.f64(i);
                b += Memory.f64(i + leaf);
                c += Memory.f64(i + 2 * leaf);
            }
            double offsetB = offset + a;
            double offsetC = offsetB + b;
            double offsetD = offsetC + c;
            a = -0d;
            b = -0d;
            c = -0d;
            double d = -0d;
            long shift = to - from;
            for (long i = from + at; i < from + at + leaf; i += 8) {
                a += Memory.f64(i);
                b += Memory.f64(i + leaf);
                c += Memory.f64(i + 2 * leaf);
                d += Memory.f64(i + 3 * leaf);
                Memory.putF64(offset + a, i + shift);
                Memory.putF64(offsetB + b, i + leaf + shift);
                Memory.putF64(offsetC + c, i + 2 * leaf + shift);
                Memory.putF64(offsetD + d, i + 3 * leaf + shift);
            }
            offset = offsetD + d;
        }
        for (; at < n * 8; at += leaf) {
            double sum = -0d;
            for (long i = at; i < Math.min(at + leaf, n * 8); i += 8) {
                double before = sum;
                sum += Memory.f64(from + i);
                Memory.putF64(offset + (exclusive ? before : sum), to + i);
            }
            offset += sum;
        }
    }

    @Override
    public boolean columns(long from, long step, long to, long stepTo, long carry, long carryStep, int lines) {
        if (!sums || exclusive || !dtype.isFloat()) {
            return false;
        }
        for (int first = 0; first < lines; first += COLUMNS) {
            int count = Math.min(COLUMNS, lines - first);
            long at = carry == NONE ? NONE : carry + first * carryStep;
            if (dtype == DType.F32) {
                columnsF32(from + first * 4L, step, to + first * 4L, stepTo, at, carryStep, count);
            } else {
                columnsF64(from + first * 8L, step, to + first * 8L, stepTo, at, carryStep, count);
            }
        }
        return true;
    }

    private void columnsF32(long from, long step, long to, long stepTo, long carry, long carryStep, int count) {
        float[] sum = new float[count];
        float[] offset = new float[count];
        for (int c = 0; c < count; c++) {
            offset[c] = carry == NONE ? -0f : Memory.f32(carry + c * carryStep);
        }
        for (long i = 0; i < n; i++) {
            if (i % LEAF == 0) {
                for (int c = 0; c < count; c++) {
                    offset[c] = i == 0 ? offset[c] : offset[c] + sum[c];
                    sum[c] = -0f;
                }
            }
            long in = from + i * step;
            long out = to + i * stepTo;
            for (int c = 0; c < count; c++) {
                sum[c] += Memory.f32(in + 4L * c);
                Memory.putF32(offset[c] + sum[c], out + 4L * c);
            }
        }
    }

    private void columnsF64(long from, long step, long to, long stepTo, long carry, long carryStep, int count) {
        double[] sum = new double[count];
        double[] offset = new double[count];
        for (int c = 0; c < count; c++) {
            offset[c] = carry == NONE ? -0d : Memory.f64(carry + c * carryStep);
        }
        for (long i = 0; i < n; i++) {
            if (i % LEAF == 0) {
                for (int c = 0; c < count; c++) {
                    offset[c] = i == 0 ? offset[c] : offset[c] + sum[c];
                    sum[c] = -0d;
                }
            }
            long in = from + i * step;
            long out = to + i * stepTo;
            for (int c = 0; c < count; c++) {
                sum[c] += Memory.f64(in + 8L * c);
                Memory.putF64(offset[c] + sum[c], out + 8L * c);
            }
        }
    }
}
