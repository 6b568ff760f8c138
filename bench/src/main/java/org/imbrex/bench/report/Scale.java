package org.imbrex.bench.report;

import java.util.ArrayList;
import java.util.List;

/** A logarithmic axis: from values to a drawing's units. */
record Scale(double from, double to, double start, double end) {

    /** One that holds all of the values with some room around. */
    static Scale of(double least, double most, double start, double end) {
        return new Scale(Math.log10(least * 0.8), Math.log10(most * 1.25), start, end);
    }

    double at(double value) {
        return start + (Math.log10(value) - from) / (to - from) * (end - start);
    }

    /** Powers of ten; with their doubles and fives where there are few. */
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        double[] steps = to - from < 2 ? new double[] {1, 2, 5} : new double[] {1};
        for (int power = (int) Math.floor(from); power <= to; power++) {
            for (double step : steps) {
                double value = step * Math.pow(10, power);
                if (Math.log10(value) >= from && Math.log10(value) <= to) {
                    ticks.add(value);
                }
            }
        }
        return ticks;
    }
}
