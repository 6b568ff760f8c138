package org.imbrex.host.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.imbrex.kernels.type.ShapeException;
import org.junit.jupiter.api.Test;

class WorldMapTest {
    private static final Colours COLOURS = Colours.sequential(Axis.of("Temperature", "°C"));

    private static double[] range(double first, double step, int count) {
        return IntStream.range(0, count).mapToDouble(i -> first + i * step).toArray();
    }

    /** A field that depends on the place alone, with land in it. */
    private static Grid field(double[] latitudes, double[] longitudes) {
        double[] values = new double[latitudes.length * longitudes.length];
        for (int r = 0; r < latitudes.length; r++) {
            for (int c = 0; c < longitudes.length; c++) {
                double turned = Math.toRadians(longitudes[c]);
                double value = 20 * Math.cos(Math.toRadians(latitudes[r])) + 3 * Math.sin(turned);
                values[r * longitudes.length + c] = Math.cos(turned) > 0.7 && latitudes[r] > 10 ? Double.NaN : value;
            }
        }
        return new Grid(latitudes.length, longitudes.length, values);
    }

    private static byte[] map(double[] latitudes, double[] longitudes) {
        return WorldMap.of("Map", field(latitudes, longitudes), latitudes, longitudes, COLOURS).toPng();
    }

    @Test
    void longitudesMayStartAnywhereAndLatitudesFall() {
        double[] north = range(-89, 2, 90);
        byte[] map = map(north, range(-179, 2, 180));
        assertThat(map(north, range(21, 2, 180))).isEqualTo(map);
        assertThat(map(north, range(1, 2, 180))).isEqualTo(map);
        assertThat(map(range(89, -2, 90), range(21, 2, 180))).isEqualTo(map);
    }

    @Test
    void aGlobalFieldGoesRoundAndARegionDoesNot() {
        Meridians globe = Meridians.longitudes(range(21, 2, 180), 0);
        assertThat(globe.round()).isTrue();
        assertThat(globe.low()).isEqualTo(-180);
        assertThat(globe.middle()[0]).isCloseTo(-179, within(1e-9));
        Meridians pacific = Meridians.longitudes(range(21, 2, 180), 200);
        assertThat(pacific.low()).isEqualTo(20);
        assertThat(pacific.high()).isEqualTo(380);
    }

    @Test
    void aRegionAcrossGreenwichOrTheAntimeridianStaysInOnePiece() {
        Meridians greenwich = Meridians.longitudes(range(340, 5, 9), 0);
        assertThat(greenwich.round()).isFalse();
        assertThat(greenwich.low()).isCloseTo(-22.5, within(1e-9));
        assertThat(greenwich.high()).isCloseTo(22.5, within(1e-9));
        double[] fiji = Arrays.stream(range(170, 5, 9)).map(x -> x > 180 ? x - 360 : x).toArray();
        Meridians antimeridian = Meridians.longitudes(fiji, 0);
        assertThat(antimeridian.high() - antimeridian.low()).isCloseTo(45, within(1e-9));
        assertThat(antimeridian.order()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void everyPixelShowsTheNearestCell() {
        Meridians meridians = Meridians.longitudes(range(21, 2, 180), 0);
        Cells cells = meridians.cells(720, false);
        double[] longitudes = range(21, 2, 180);
        for (int p = 0; p < 720; p++) {
            double degree = -180 + (p + 0.5) / 2;
            double cell = longitudes[cells.order()[cells.first()[p]]];
            double apart = Math.abs(Math.IEEEremainder(cell - degree, 360));
            assertThat(apart).as("pixel %d", p).isLessThanOrEqualTo(1.0);
        }
    }

    @Test
    void whatDoesNotFitIsToldAtTheDoor() {
        Grid field = new Grid(2, 3, new double[6]);
        assertThatThrownBy(() -> WorldMap.of("SST", field, new double[] {0, 1, 2}, new double[] {0, 1, 2}, COLOURS))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("found 3 latitudes and 3 longitudes, expected 2 and 3");
        assertThatThrownBy(() -> WorldMap.of("SST", field, new double[] {0, 91}, new double[] {0, 1, 2}, COLOURS))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("the latitude 91.0");
    }
}
