package org.imbrex.host.plot;

import org.imbrex.kernels.type.ShapeException;

/**
 * A field over latitudes and longitudes on an equirectangular map; where it is NaN, as over land, the map is grey.
 *
 * @param field a row for every latitude, a column for every longitude
 * @param latitudes of the rows in degrees north, rising or falling
 * @param longitudes of the columns in degrees east; they may start anywhere and go on past 360
 * @param centre the longitude in the middle of a map of the whole globe
 * @param graticule whether thin lines of latitude and longitude are drawn
 */
public record WorldMap(
        String title,
        Grid field,
        double[] latitudes,
        double[] longitudes,
        Colours colours,
        double centre,
        boolean graticule)
        implements Picture {
    /** @throws ShapeException where latitudes or longitudes are not as many as rows or columns */
    public WorldMap {
        if (latitudes.length != field.rows() || longitudes.length != field.columns()) {
            throw new ShapeException("map '" + title + "': found " + latitudes.length + " latitudes and "
                    + longitudes.length + " longitudes, expected " + field.rows() + " and " + field.columns()
                    + ", as many as the field has rows and columns");
        }
        for (double latitude : latitudes) {
            if (!(Math.abs(latitude) <= 90)) {
                throw new ShapeException(
                        "map '" + title + "': found the latitude " + latitude + ", expected -90 to 90 degrees");
            }
        }
        for (double longitude : longitudes) {
            if (!Double.isFinite(longitude)) {
                throw new ShapeException(
                        "map '" + title + "': found the longitude " + longitude + ", expected degrees");
            }
        }
    }

    /** A map with Greenwich in the middle, and a graticule. */
    public static WorldMap of(String title, Grid field, double[] latitudes, double[] longitudes, Colours colours) {
        return new WorldMap(title, field, latitudes, longitudes, colours, 0, true);
    }

    /** The same map with another longitude in the middle. */
    public WorldMap centredAt(double longitude) {
        return new WorldMap(title, field, latitudes, longitudes, colours, longitude, graticule);
    }

    @Override
    public byte[] toPng(Theme theme) {
        return new MapDrawing(this, theme).toPng();
    }
}
