package org.imbrex.kernels.line;

import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.type.DType;

/** The oracle of transforms: {@link FourierPlan} to the letter, one element after the other. */
final class FourierReference {
    private FourierReference() {}

    /** A line of raw bits, pairs as (re, im) one after the other. */
    static long[] apply(Line.Fourier line, DType dtype, long[] x) {
        int n = Math.toIntExact(line.length());
        return switch (line.kind()) {
            case FFT -> interleaved(dtype, transformed(pairs(dtype, x)), n, 1);
            case IFFT -> interleaved(dtype, swapped(transformed(swapped(pairs(dtype, x)))), n, 1.0 / n);
            case RFFT -> interleaved(dtype, n % 2 == 0 ? evenReal(dtype, x) : oddReal(dtype, x), n / 2 + 1, 1);
            case IRFFT -> n % 2 == 0 ? evenHermitian(dtype, x, n) : oddHermitian(dtype, x, n);
        };
    }

    // ---- complex numbers: {re, im}

    private static double[][] pairs(DType dtype, long[] bits) {
        double[][] z = new double[2][bits.length / 2];
        for (int i = 0; i < bits.length; i++) {
            z[i % 2][i / 2] = real(dtype, bits[i]);
        }
        return z;
    }

    private static double real(DType dtype, long bits) {
        return dtype == DType.F32 ? Float.intBitsToFloat((int) bits) : Double.longBitsToDouble(bits);
    }

    private static long bits(DType dtype, double value) {
        return dtype == DType.F32 ? Float.floatToRawIntBits((float) value) : Double.doubleToRawLongBits(value);
    }

    private static double[][] swapped(double[][] z) {
        return new double[][] {z[1], z[0]};
    }

    private static long[] interleaved(DType dtype, double[][] z, int count, double scale) {
        long[] bits = new long[2 * count];
        for (int i = 0; i < bits.length; i++) {
            double value = z[i % 2][i / 2];
            bits[i] = bits(dtype, scale == 1 ? value : value * scale);
        }
        return bits;
    }

    private static double productRe(double a, double b, double re, double im) {
        return Math.fma(b, -im, a * re);
    }

    private static double productIm(double a, double b, double re, double im) {
        return Math.fma(a, im, b * re);
    }

    // ---- transforms

    static double[][] transformed(double[][] z) {
        int n = z[0].length;
        if (!FourierPlan.isSmooth(n)) {
            return convolved(z);
        }
        int rows = (int) FourierPlan.rows(n);
        if (rows == 1) {
            return direct(z);
        }
        int columns = n / rows;
        Twiddles w = Twiddles.of(n);
        double[][] middle = new double[2][n];
        for (int j2 = 0; j2 < columns; j2++) {
            double[][] column = new double[2][rows];
            for (int j1 = 0; j1 < rows; j1++) {
                column[0][j1] = z[0][columns * j1 + j2];
                column[1][j1] = z[1][columns * j1 + j2];
            }
            column = direct(column);
            for (int k1 = 0; k1 < rows; k1++) {
                double[] root = between(w, n, k1, j2);
                double re = column[0][k1];
                double im = column[1][k1];
                middle[0][k1 * columns + j2] = k1 == 0 ? re : productRe(re, im, root[0], root[1]);
                middle[1][k1 * columns + j2] = k1 == 0 ? im : productIm(re, im, root[0], root[1]);
            }
        }
        double[][] result = new double[2][n];
        for (int k1 = 0; k1 < rows; k1++) {
            double[][] row = new double[2][];
            for (int part = 0; part < 2; part++) {
                row[part] = java.util.Arrays.copyOfRange(middle[part], k1 * columns, (k1 + 1) * columns);
            }
            row = direct(row);
            for (int k2 = 0; k2 < columns; k2++) {
                result[0][k1 + rows * k2] = row[0][k2];
                result[1][k1 + rows * k2] = row[1][k2];
            }
        }
        return result;
    }

    /** The root between the steps. */
    private static double[] between(Twiddles w, int n, int k1, int j2) {
        if (n <= FourierPlan.WHOLE) {
            return new double[] {w.re((long) k1 * j2), w.im((long) k1 * j2)};
        }
        int block = j2 / FourierPlan.BLOCK * FourierPlan.BLOCK;
        double a = w.re((long) k1 * block);
        double b = w.im((long) k1 * block);
        double re = w.re((long) k1 * (j2 - block) % n);
        double im = w.im((long) k1 * (j2 - block) % n);
        return new double[] {productRe(a, b, re, im), productIm(a, b, re, im)};
    }

    private static void put(double[][] z, int at, double re, double im, Twiddles w, long e, boolean turned) {
        z[0][at] = !turned ? re : productRe(re, im, w.re(e), w.im(e));
        z[1][at] = !turned ? im : productIm(re, im, w.re(e), w.im(e));
    }

    private static double[][] direct(double[][] z) {
        int n = z[0].length;
        int stride = 1;
        double[][] from = z;
        for (int radix : FourierPlan.radices(n)) {
            int m = n / radix;
            Twiddles w = Twiddles.of(n);
            double[][] to = new double[2][z[0].length];
            for (int p = 0; p < m; p++) {
                for (int q = 0; q < stride; q++) {
                    double[][] a = new double[2][radix];
                    for (int k = 0; k < radix; k++) {
                        a[0][k] = from[0][q + stride * (p + m * k)];
                        a[1][k] = from[1][q + stride * (p + m * k)];
                    }
                    double[][] b = butterfly(a);
                    for (int k = 0; k < radix; k++) {
                        put(to, q + stride * (radix * p + k), b[0][k], b[1][k], w, (long) p * k, p > 0 && k > 0);
                    }
                }
            }
            from = to;
            n = m;
            stride *= radix;
        }
        return from;
    }

    private static double[][] butterfly(double[][] a) {
        double[] x = a[0];
        double[] y = a[1];
        int radix = x.length;
        if (radix == 2) {
            return new double[][] {{x[0] + x[1], x[0] - x[1]}, {y[0] + y[1], y[0] - y[1]}};
        }
        if (radix == 4) {
            double sumRe = x[1] + x[3];
            double sumIm = y[1] + y[3];
            double differenceRe = x[1] - x[3];
            double differenceIm = y[1] - y[3];
            return new double[][] {
                {
                    x[0] + x[2] + sumRe,
                    x[0] - x[2] + differenceIm,
                    x[0] + x[2] - sumRe,
                    x[0] - x[2] - differenceIm
                },
                {
                    y[0] + y[2] + sumIm,
                    y[0] - y[2] - differenceRe,
                    y[0] + y[2] - sumIm,
                    y[0] - y[2] + differenceRe
                }
            };
        }
        double[][] b = new double[2][radix];
        b[0][0] = x[0];
        b[1][0] = y[0];
        for (int j = 1; j <= radix / 2; j++) {
            b[0][0] += x[j] + x[radix - j];
            b[1][0] += y[j] + y[radix - j];
        }
        for (int k = 1; k <= radix / 2; k++) {
            double mRe = x[0];
            double mIm = y[0];
            double sRe = 0;
            double sIm = 0;
            for (int j = 1; j <= radix / 2; j++) {
                double cos = Twiddles.cos((long) j * k % radix, radix);
                double sin = Twiddles.sin((long) j * k % radix, radix);
                mRe = Math.fma(x[j] + x[radix - j], cos, mRe);
                mIm = Math.fma(y[j] + y[radix - j], cos, mIm);
                double dRe = x[j] - x[radix - j];
                double dIm = y[j] - y[radix - j];
                sRe = j == 1 ? dRe * sin : Math.fma(dRe, sin, sRe);
                sIm = j == 1 ? dIm * sin : Math.fma(dIm, sin, sIm);
            }
            b[0][k] = mRe + sIm;
            b[1][k] = mIm - sRe;
            b[0][radix - k] = mRe - sIm;
            b[1][radix - k] = mIm + sRe;
        }
        return b;
    }

    private static double[][] convolved(double[][] z) {
        int n = z[0].length;
        int m = (int) FourierPlan.padded(n);
        Twiddles w = Twiddles.of(2L * n);
        double[][] a = new double[2][m];
        double[][] b = new double[2][m];
        for (int j = 0; j < n; j++) {
            long e = (long) j * j % (2L * n);
            a[0][j] = productRe(z[0][j], z[1][j], w.re(e), w.im(e));
            a[1][j] = productIm(z[0][j], z[1][j], w.re(e), w.im(e));
            b[0][j] = b[0][(m - j) % m] = w.re(e);
            b[1][j] = b[1][(m - j) % m] = -w.im(e);
        }
        a = transformed(a);
        b = transformed(b);
        double[][] c = new double[2][m];
        for (int k = 0; k < m; k++) {
            c[0][k] = productRe(a[0][k], a[1][k], b[0][k], b[1][k]);
            c[1][k] = productIm(a[0][k], a[1][k], b[0][k], b[1][k]);
        }
        c = swapped(transformed(swapped(c)));
        double[][] result = new double[2][n];
        for (int k = 0; k < n; k++) {
            long e = (long) k * k % (2L * n);
            double re = c[0][k] / m;
            double im = c[1][k] / m;
            result[0][k] = productRe(re, im, w.re(e), w.im(e));
            result[1][k] = productIm(re, im, w.re(e), w.im(e));
        }
        return result;
    }

    // ---- real lines

    /** With Z the transform of the pairs and h = n / 2: X_k = (Z_k + conj Z_(h-k)) / 2 + w^k (Z_k - conj Z_(h-k)) / 2i. */
    private static double[][] evenReal(DType dtype, long[] bits) {
        int n = bits.length;
        int half = n / 2;
        double[][] z = transformed(pairs(dtype, bits));
        Twiddles w = Twiddles.of(n);
        double[][] x = new double[2][half + 1];
        for (int k = 0; k <= half; k++) {
            int other = (half - k) % half;
            double a = z[0][k % half];
            double b = z[1][k % half];
            double evenRe = 0.5 * (a + z[0][other]);
            double evenIm = 0.5 * (b - z[1][other]);
            double oddRe = 0.5 * (b + z[1][other]);
            double oddIm = 0.5 * (z[0][other] - a);
            x[0][k] = evenRe + productRe(oddRe, oddIm, w.re(k), w.im(k));
            x[1][k] = evenIm + productIm(oddRe, oddIm, w.re(k), w.im(k));
        }
        return x;
    }

    private static double[][] oddReal(DType dtype, long[] bits) {
        double[][] z = new double[2][bits.length];
        for (int j = 0; j < bits.length; j++) {
            z[0][j] = real(dtype, bits[j]);
        }
        return transformed(z);
    }

    /** The way back: Z_k = (X_k + conj X_(h-k)) + i w^-k (X_k - conj X_(h-k)), and what that is the transform of. */
    private static long[] evenHermitian(DType dtype, long[] bits, int n) {
        int half = n / 2;
        double[][] x = pairs(dtype, bits);
        x[1][0] = 0;
        x[1][half] = 0;
        Twiddles w = Twiddles.of(n);
        double[][] z = new double[2][half];
        for (int k = 0; k < half; k++) {
            double evenRe = x[0][k] + x[0][half - k];
            double evenIm = x[1][k] - x[1][half - k];
            double oddRe = x[0][k] - x[0][half - k];
            double oddIm = x[1][k] + x[1][half - k];
            double re = productRe(oddRe, oddIm, w.re(k), -w.im(k));
            double im = productIm(oddRe, oddIm, w.re(k), -w.im(k));
            z[0][k] = evenRe - im;
            z[1][k] = evenIm + re;
        }
        return interleaved(dtype, swapped(transformed(swapped(z))), half, 1.0 / n);
    }

    private static long[] oddHermitian(DType dtype, long[] bits, int n) {
        double[][] x = pairs(dtype, bits);
        x[1][0] = 0;
        double[][] z = new double[2][n];
        for (int k = 0; k <= n / 2; k++) {
            z[0][k] = z[0][(n - k) % n] = x[0][k];
            z[1][k] = x[1][k];
            z[1][(n - k) % n] = k == 0 ? 0 : -x[1][k];
        }
        z = swapped(transformed(swapped(z)));
        long[] result = new long[n];
        for (int j = 0; j < n; j++) {
            result[j] = bits(dtype, z[0][j] * (1.0 / n));
        }
        return result;
    }
}
