package org.imbrex.bench.measure;

import java.util.Arrays;

/** Seconds of one run: the median of the rounds, the shortest and the longest. */
public record Spread(double median, double least, double most, int rounds) {

    static Spread of(double... seconds) {
        double[] sorted = seconds.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        return new Spread((sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[0], sorted[n - 1], n);
    }
}
