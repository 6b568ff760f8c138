package org.imbrex.bench.measure;

import java.util.function.LongSupplier;

/**
 * A run's time, shared among its parts by weight: what one part leaves goes to those after it, and what one takes beyond
 * its share they go without.
 */
public final class TimeBudget {
    private final LongSupplier nanos;
    private final long began;
    private final double seconds;
    private double weight;

    /**
     * @param seconds for all parts, from now on
     * @param nanos the clock, {@link System#nanoTime} but in tests
     */
    public TimeBudget(double seconds, LongSupplier nanos) {
        this.nanos = nanos;
        this.began = nanos.getAsLong();
        this.seconds = seconds;
    }

    /** Announces a part that is to come. */
    public void expect(double partsWeight) {
        weight += partsWeight;
    }

    /** The seconds of a part that has been announced and begins now; 0 where nothing is left. */
    public double share(double partsWeight) {
        double share = weight <= 0 ? left() : left() * Math.min(1, partsWeight / weight);
        weight = Math.max(0, weight - partsWeight);
        return share;
    }

    /** The seconds that are left, never below 0. */
    public double left() {
        return Math.max(0, seconds - (nanos.getAsLong() - began) / 1e9);
    }
}
