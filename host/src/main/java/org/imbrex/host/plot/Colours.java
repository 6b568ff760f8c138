package org.imbrex.host.plot;

/**
 * How values become colours.
 *
 * @param axis what the colour bar is labelled with, and its range where that is fixed
 * @param beyond the share of values at each end that may lie beyond the bar, so that a few extremes do not bleach the
 *     rest; the bar's end is then pointed
 */
public record Colours(ColourMap map, Axis axis, double beyond) {
    /** @throws IllegalArgumentException where beyond is not a share below one half */
    public Colours {
        if (!(beyond >= 0 && beyond < 0.5)) {
            throw new IllegalArgumentException("found " + beyond + " of the values beyond each end of the colour bar,"
                    + " expected a share from 0 to less than 0.5");
        }
        if (axis.scale() == Axis.Scale.TIME) {
            throw new IllegalArgumentException("found a colour bar of times, expected numbers");
        }
    }

    /** From low to high. */
    public static Colours sequential(Axis axis) {
        return new Colours(ColourMap.VIRIDIS, axis, 0);
    }

    /** To both sides of zero, as far to one as to the other. */
    public static Colours diverging(Axis axis) {
        return new Colours(ColourMap.BLUE_RED, axis, 0);
    }

    /** The same colours with that share of the values beyond each end of the bar. */
    public Colours beyond(double share) {
        return new Colours(map, axis, share);
    }
}
