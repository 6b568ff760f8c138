package org.imbrex.host.plot;

import java.util.Arrays;
import java.util.List;

/**
 * Colours over one picture's range of values.
 *
 * @param places from a value to a place between 0 and 1
 * @param below whether values lie below the range
 * @param above whether values lie above the range
 */
record ColourScale(Colours colours, Places places, boolean below, boolean above, int missing) {
    static ColourScale over(Colours colours, Grid grid, int missing) {
        boolean logarithmic = colours.axis().scale() == Axis.Scale.LOG;
        double[] sorted = Arrays.stream(grid.values())
                .filter(value -> Double.isFinite(value) && (value > 0 || !logarithmic))
                .sorted()
                .toArray();
        Axis axis = colours.axis();
        boolean symmetric = colours.map() == ColourMap.BLUE_RED && !logarithmic;
        if (sorted.length == 0 && symmetric && Double.isNaN(axis.low()) && Double.isNaN(axis.high())) {
            axis = axis.between(-1, 1);
        }
        if (sorted.length > 0) {
            int cut = (int) (colours.beyond() * sorted.length);
            double low = sorted[cut];
            double high = sorted[sorted.length - 1 - cut];
            if (symmetric) {
                high = Math.max(Math.abs(low), Math.abs(high));
                low = -high;
            }
            axis = axis.between(
                    Double.isNaN(axis.low()) ? low : axis.low(), Double.isNaN(axis.high()) ? high : axis.high());
            if (axis.low() == axis.high()) {
                axis = symmetric ? axis.between(-1, 1) : colours.axis();
            }
        }
        Places places = Places.around(axis, List.of(sorted), false);
        boolean below = false;
        boolean above = false;
        for (double value : grid.values()) {
            below |= value < places.low();
            above |= value > places.high();
        }
        return new ColourScale(colours, places, below, above, missing);
    }

    /** The colour of a value as 0xRRGGBB. */
    int of(double value) {
        boolean none = Double.isNaN(value) || (colours.axis().scale() == Axis.Scale.LOG && value <= 0);
        return none ? missing : colours.map().of(Math.clamp(places.of(value), 0.0, 1.0));
    }
}
