package org.imbrex.bench.jmh;

import java.util.stream.IntStream;

/** What one would write without Imbrex: loops over Java arrays, the index range cut among the machine's threads. */
final class PlainLoops {
    private static final int THREADS = Runtime.getRuntime().availableProcessors();

    private PlainLoops() {}

    /** A loop over [from, to). */
    @FunctionalInterface
    interface Range {
        void run(int from, int to);
    }

    static void parallel(int count, Range body) {
        IntStream.range(0, THREADS)
                .parallel()
                .forEach(t -> body.run((int) ((long) count * t / THREADS), (int) ((long) count * (t + 1) / THREADS)));
    }

    static void fma3(float[] a, float[] b, float[] c, float[] out) {
        parallel(out.length, (from, to) -> {
            for (int i = from; i < to; i++) {
                out[i] = a[i] * b[i] + c[i];
            }
        });
    }

    static void sqrtExp(float[] a, float[] b, float[] c, float[] out) {
        parallel(out.length, (from, to) -> {
            for (int i = from; i < to; i++) {
                out[i] = (float) Math.sqrt(a[i] * a[i] + b[i] * b[i]) / (1 + (float) Math.exp(-c[i]));
            }
        });
    }

    static void sinAxpy(float[] a, float[] b, float[] c, float[] out) {
        parallel(out.length, (from, to) -> {
            for (int i = from; i < to; i++) {
                out[i] = 2 * a[i] + b[i] * (float) Math.sin(c[i]);
            }
        });
    }

    static float sum(float[] a) {
        float[] parts = new float[THREADS];
        IntStream.range(0, THREADS).parallel().forEach(t -> {
            float sum = 0;
            int to = (int) ((long) a.length * (t + 1) / THREADS);
            for (int i = (int) ((long) a.length * t / THREADS); i < to; i++) {
                sum += a[i];
            }
            parts[t] = sum;
        });
        float sum = 0;
        for (float part : parts) {
            sum += part;
        }
        return sum;
    }

    /** Means of blocks of 8 rows of 3. */
    static void blockMeans(double[] x, double[] out) {
        parallel(out.length / 3, (from, to) -> {
            for (int block = from; block < to; block++) {
                for (int column = 0; column < 3; column++) {
                    double sum = 0;
                    for (int row = 0; row < 8; row++) {
                        sum += x[(block * 8 + row) * 3 + column];
                    }
                    out[block * 3 + column] = sum / 8;
                }
            }
        });
    }

    static void heat5(float[] u, float[] out, int side) {
        parallel(side - 2, (from, to) -> {
            for (int i = from + 1; i <= to; i++) {
                for (int j = 1; j < side - 1; j++) {
                    int p = i * side + j;
                    out[p] = u[p] + 0.1f * ((u[p - side] + u[p + side]) + (u[p - 1] + u[p + 1]) - 4 * u[p]);
                }
            }
        });
    }
}
