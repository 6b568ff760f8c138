package org.imbrex.host.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where an axis is marked, and with what.
 *
 * @param factor what all labels are to be multiplied by, as "10⁶"; empty for one
 */
record Ticks(List<Tick> ticks, String factor) {
    /**
     * One mark.
     *
     * @param label empty for a small mark
     * @param below a second line, as the year below a month; may be empty
     */
    record Tick(double at, String label, String below) {
        boolean isMajor() {
            return !label.isEmpty();
        }
    }

    private static final String[] POWERS = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};

    /** Marks from low to high, about that many. */
    static Ticks of(Axis.Scale scale, double low, double high, int about) {
        return switch (scale) {
            case LINEAR -> linear(low, high, about);
            case LOG -> logarithmic(low, high, about);
            case TIME -> new Ticks(DateTicks.of(low, high, about), "");
        };
    }

    /** Steps of 1, 2 or 5 times a power of ten, the one that comes nearest to the number asked for. */
    private static Ticks linear(double low, double high, int about) {
        double step = step((high - low) / Math.max(1, about));
        double largest = Math.max(Math.abs(low), Math.abs(high));
        int power = 3 * Math.floorDiv((int) Math.floor(StrictMath.log10(largest)), 3);
        if (largest == 0 || (largest < 1e5 && step >= 1e-4)) {
            power = 0;
        }
        double factor = StrictMath.pow(10, power);
        int decimals = decimals(step / factor);
        List<Tick> ticks = new ArrayList<>();
        double first = Math.ceil(low / step - 1e-9);
        for (int k = 0; (first + k) * step <= high + 1e-9 * step; k++) {
            double at = (first + k) * step;
            ticks.add(new Tick(at, number(at / factor, decimals), ""));
        }
        return new Ticks(List.copyOf(ticks), power == 0 ? "" : "10" + superscript(power));
    }

    static double step(double rough) {
        double power = StrictMath.pow(10, Math.floor(StrictMath.log10(rough)));
        double share = rough / power;
        return power * (share < 1.4 ? 1 : share < 3.2 ? 2 : share < 7 ? 5 : 10);
    }

    private static int decimals(double step) {
        int decimals = 0;
        for (double s = step; decimals < 12 && Math.abs(s - Math.rint(s)) > 1e-6 * s; s *= 10) {
            decimals++;
        }
        return decimals;
    }

    private static Ticks logarithmic(double low, double high, int about) {
        int first = (int) Math.floor(StrictMath.log10(low) + 1e-9);
        int last = (int) Math.ceil(StrictMath.log10(high) - 1e-9);
        int every = Math.max(1, Math.ceilDiv(last - first, Math.max(1, about)));
        boolean few = high / low < 300;
        boolean plain = first >= -3 && last <= 5;
        List<Tick> ticks = new ArrayList<>();
        for (int power = first; power <= last; power++) {
            for (int k = 1; k < 10; k++) {
                double at = k * StrictMath.pow(10, power);
                boolean labelled = k == 1 ? Math.floorMod(power - first, every) == 0 : few && (k == 2 || k == 5);
                boolean inside = at >= low * (1 - 1e-9) && at <= high * (1 + 1e-9);
                if (inside && (labelled || every == 1)) {
                    ticks.add(new Tick(at, labelled ? power(k, power, plain) : "", ""));
                }
            }
        }
        return new Ticks(List.copyOf(ticks), "");
    }

    private static String power(int k, int power, boolean plain) {
        if (plain) {
            return number(k * StrictMath.pow(10, power), Math.max(0, -power));
        }
        return (k == 1 ? "" : k + "×") + "10" + superscript(power);
    }

    private static String superscript(int power) {
        StringBuilder text = new StringBuilder(power < 0 ? "⁻" : "");
        for (char digit : Integer.toString(Math.abs(power)).toCharArray()) {
            text.append(POWERS[digit - '0']);
        }
        return text.toString();
    }

    /** A number with a true minus sign; a zero has none. */
    static String number(double value, int decimals) {
        String text = String.format(Locale.ROOT, "%." + decimals + "f", value == 0 ? 0.0 : value);
        boolean zero = text.chars().allMatch(c -> c == '-' || c == '.' || c == '0');
        return zero ? text.replace("-", "") : text.replace('-', '−');
    }
}
