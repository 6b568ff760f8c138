package org.imbrex.host.plot;

import java.util.function.DoubleConsumer;

/**
 * From values to points on the sheet, along one axis.
 *
 * @param low the value at {@code from}
 * @param high the value at {@code to}
 */
record Places(Axis.Scale scale, double low, double high, double from, double to) {
    /** Room beyond the outermost values, as a share of their distance. */
    private static final double ROOM = 0.04;
    /** The distance of two such values is still finite. */
    private static final double LARGEST = Double.MAX_VALUE / 8;

    double of(double value) {
        if (scale == Axis.Scale.LOG) {
            return from + (to - from) * (logarithm(value, low) / logarithm(high, low));
        }
        return from + (to - from) * ((value - low) / (high - low));
    }

    private static double logarithm(double value, double base) {
        return StrictMath.log(value) - StrictMath.log(base);
    }

    boolean shows(double value) {
        return Double.isFinite(value) && (scale != Axis.Scale.LOG || value > 0);
    }

    Places at(double from, double to) {
        return new Places(scale, low, high, from, to);
    }

    /** A range that holds all values, and zero where they come near it from one side. */
    static Places around(Axis axis, Iterable<double[]> values, boolean room) {
        double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        Places any = new Places(axis.scale(), 0, 1, 0, 1);
        DoubleConsumer widen = value -> {
            if (any.shows(value)) {
                range[0] = Math.min(range[0], Math.clamp(value, -LARGEST, LARGEST));
                range[1] = Math.max(range[1], Math.clamp(value, -LARGEST, LARGEST));
            }
        };
        for (double[] some : values) {
            for (double value : some) {
                widen.accept(value);
            }
        }
        double low = axis.low();
        double high = axis.high();
        boolean logarithmic = axis.scale() == Axis.Scale.LOG;
        if (range[0] > range[1]) {
            range[0] = logarithmic ? 1 : 0;
            range[1] = logarithmic ? 10 : 1;
        }
        if (range[0] == range[1]) {
            double half = logarithmic ? 0 : range[0] == 0 ? 1 : Math.abs(range[0]) * 0.1;
            range[0] = logarithmic ? Math.max(range[0] / 2, Double.MIN_NORMAL) : range[0] - half;
            range[1] = logarithmic ? Math.max(range[1] * 2, 4 * Double.MIN_NORMAL) : range[1] + half;
        } else if (room && logarithmic) {
            double factor = StrictMath.pow(range[1], ROOM) / StrictMath.pow(range[0], ROOM);
            range[0] = Math.max(range[0] / factor, Double.MIN_NORMAL);
            range[1] *= factor;
        } else if (room) {
            boolean fromZero = axis.scale() == Axis.Scale.LINEAR && range[0] >= 0 && range[0] < 0.3 * range[1];
            double more = (range[1] - range[0]) * ROOM;
            range[0] = fromZero ? 0 : range[0] - more;
            range[1] += more;
        }
        low = Double.isNaN(low) ? range[0] : low;
        high = Double.isNaN(high) ? range[1] : high;
        if (!(low < high) || (logarithmic && low <= 0)) {
            throw new IllegalArgumentException("axis '" + axis.label() + "': found the range " + low + " to " + high
                    + ", expected it to rise" + (logarithmic ? " from more than 0" : ""));
        }
        return new Places(axis.scale(), low, high, 0, 1);
    }
}
