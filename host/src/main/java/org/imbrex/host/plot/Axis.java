package org.imbrex.host.plot;

/**
 * What an axis or a colour bar measures, and how.
 *
 * @param label the quantity
 * @param unit its unit; may be empty
 * @param scale how numbers become places
 * @param low where it starts; NaN leaves that to the data
 * @param high where it ends; NaN leaves that to the data
 */
public record Axis(String label, String unit, Scale scale, double low, double high) {
    /** How numbers become places on an axis. */
    public enum Scale {
        LINEAR,
        /** Powers of ten at equal distances; values must be positive, others are left out. */
        LOG,
        /** Seconds since 1970-01-01T00:00Z, told as dates. */
        TIME
    }

    public static Axis of(String label, String unit) {
        return new Axis(label, unit, Scale.LINEAR, Double.NaN, Double.NaN);
    }

    public static Axis log(String label, String unit) {
        return new Axis(label, unit, Scale.LOG, Double.NaN, Double.NaN);
    }

    /** An axis of dates; places are seconds since 1970-01-01T00:00Z. */
    public static Axis time(String label) {
        return new Axis(label, "", Scale.TIME, Double.NaN, Double.NaN);
    }

    /** The same axis from one value to another. */
    public Axis between(double low, double high) {
        return new Axis(label, unit, scale, low, high);
    }

    /** Label and unit, with what all tick labels are to be multiplied by. */
    String text(Ticks ticks) {
        String of = (ticks.factor() + " " + unit).strip();
        return of.isEmpty() ? label : (label + " (" + of + ")").strip();
    }
}
