package org.imbrex.bench.work;

/** What a work's value is counted in. */
public enum Unit {
    GBYTES("GB/s", 1e9),
    GFLOPS("GF/s", 1e9),
    GPOINTS("Gpoint/s", 1e9),
    MELEMENTS("Melem/s", 1e6),
    MICROS("µs", 1e-6);

    private final String text;
    private final double scale;

    Unit(String text, double scale) {
        this.text = text;
        this.scale = scale;
    }

    public String text() {
        return text;
    }

    /** Whether less is better. */
    public boolean isTime() {
        return this == MICROS;
    }

    /** The value of a run of so many seconds that does so much. */
    public double value(double amount, double seconds) {
        return isTime() ? seconds / scale : amount / seconds / scale;
    }
}
