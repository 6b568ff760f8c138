package org.imbrex.kernels.line;

/**
 * One pass of a direct transform ({@link FourierPlan}) of many columns side by side, parts apart: element j of column c
 * at {@code j * columns + c}. Of any radix; {@link ButterflyVector} has the same for vectors.
 */
final class ButterflyScalar {
    private ButterflyScalar() {}

    /**
     * Transforms x to y.
     *
     * @param m elements of a column over the radix, with the columns and earlier passes in {@code length}
     * @param length how many numbers take the same root
     * @param roots for p from 0 and k from 1: w^(p k) as (re, im)
     */
    static void pass(
            int radix, double[] xr, double[] xi, double[] yr, double[] yi, int m, int length, double[] roots) {
        double[] ar = new double[radix];
        double[] ai = new double[radix];
        double[] br = new double[radix];
        double[] bi = new double[radix];
        for (int p = 0; p < m; p++) {
            for (int i = 0; i < length; i++) {
                for (int k = 0; k < radix; k++) {
                    ar[k] = xr[(p + m * k) * length + i];
                    ai[k] = xi[(p + m * k) * length + i];
                }
                butterfly(radix, ar, ai, br, bi);
                for (int k = 0; k < radix; k++) {
                    int to = (radix * p + k) * length + i;
                    if (p == 0 || k == 0) {
                        yr[to] = br[k];
                        yi[to] = bi[k];
                    } else {
                        double re = roots[2 * (p * (radix - 1) + k - 1)];
                        double im = roots[2 * (p * (radix - 1) + k - 1) + 1];
                        yr[to] = Math.fma(bi[k], -im, br[k] * re);
                        yi[to] = Math.fma(br[k], im, bi[k] * re);
                    }
                }
            }
        }
    }

    /** Multiplies the numbers from {@code first} on by roots. */
    static void multiply(double[] re, double[] im, int first, int count, double[] rootsRe, double[] rootsIm) {
        for (int i = first; i < count; i++) {
            double a = re[i];
            double b = im[i];
            re[i] = Math.fma(b, -rootsIm[i], a * rootsRe[i]);
            im[i] = Math.fma(a, rootsIm[i], b * rootsRe[i]);
        }
    }

    private static void butterfly(int radix, double[] x, double[] y, double[] br, double[] bi) {
        switch (radix) {
            case 2 -> {
                br[0] = x[0] + x[1];
                bi[0] = y[0] + y[1];
                br[1] = x[0] - x[1];
                bi[1] = y[0] - y[1];
            }
            case 4 -> four(x, y, br, bi);
            default -> odd(radix, x, y, br, bi);
        }
    }

    private static void four(double[] x, double[] y, double[] br, double[] bi) {
        double sumRe = x[0] + x[2];
        double sumIm = y[0] + y[2];
        double differenceRe = x[0] - x[2];
        double differenceIm = y[0] - y[2];
        double otherSumRe = x[1] + x[3];
        double otherSumIm = y[1] + y[3];
        double otherRe = x[1] - x[3];
        double otherIm = y[1] - y[3];
        br[0] = sumRe + otherSumRe;
        bi[0] = sumIm + otherSumIm;
        br[1] = differenceRe + otherIm;
        bi[1] = differenceIm - otherRe;
        br[2] = sumRe - otherSumRe;
        bi[2] = sumIm - otherSumIm;
        br[3] = differenceRe - otherIm;
        bi[3] = differenceIm + otherRe;
    }

    private static void odd(int radix, double[] x, double[] y, double[] br, double[] bi) {
        Rotations rotations = Rotations.of(radix);
        int half = radix / 2;
        br[0] = x[0];
        bi[0] = y[0];
        for (int j = 1; j <= half; j++) {
            br[0] += x[j] + x[radix - j];
            bi[0] += y[j] + y[radix - j];
        }
        for (int k = 1; k <= half; k++) {
            double mRe = x[0];
            double mIm = y[0];
            double sRe = 0;
            double sIm = 0;
            for (int j = 1; j <= half; j++) {
                double cos = rotations.cos[j * k % radix];
                double sin = rotations.sin[j * k % radix];
                mRe = Math.fma(x[j] + x[radix - j], cos, mRe);
                mIm = Math.fma(y[j] + y[radix - j], cos, mIm);
                double dRe = x[j] - x[radix - j];
                double dIm = y[j] - y[radix - j];
                sRe = j == 1 ? dRe * sin : Math.fma(dRe, sin, sRe);
                sIm = j == 1 ? dIm * sin : Math.fma(dIm, sin, sIm);
            }
            br[k] = mRe + sIm;
            bi[k] = mIm - sRe;
            br[radix - k] = mRe - sIm;
            bi[radix - k] = mIm + sRe;
        }
    }

    /** The cosines and sines of an odd radix. */
    private record Rotations(double[] cos, double[] sin) {
        private static final Rotations THREE = made(3);
        private static final Rotations FIVE = made(5);
        private static final Rotations SEVEN = made(7);

        static Rotations of(int radix) {
            return radix == 3 ? THREE : radix == 5 ? FIVE : SEVEN;
        }

        private static Rotations made(int radix) {
            double[] cos = new double[radix];
            double[] sin = new double[radix];
            for (int e = 0; e < radix; e++) {
                cos[e] = Twiddles.cos(e, radix);
                sin[e] = Twiddles.sin(e, radix);
            }
            return new Rotations(cos, sin);
        }
    }
}
