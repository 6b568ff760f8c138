package org.imbrex.host.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.imbrex.host.Array;
import org.imbrex.kernels.type.ShapeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureTest {
    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final Colours SEQUENTIAL = Colours.sequential(Axis.of("Value", "m"));

    private static int centre(BufferedImage image, double x, double y) {
        return image.getRGB((int) (x * image.getWidth()), (int) (y * image.getHeight())) & 0xffffff;
    }

    @Test
    void aHeatMapShowsLowAndHighAndMissingInTheirColours() throws IOException {
        Grid grid = new Grid(2, 2, new double[] {0, 1, NAN, 0});
        BufferedImage image = PngTest.decode(HeatMap.of("Cells", grid, SEQUENTIAL).toPng());
        assertThat(centre(image, 0.3, 0.3)).isEqualTo(ColourMap.VIRIDIS.of(0));
        assertThat(centre(image, 0.7, 0.3)).isEqualTo(ColourMap.VIRIDIS.of(1));
        assertThat(centre(image, 0.3, 0.7)).isEqualTo(Theme.LIGHT.missing());
        assertThat(centre(image, 0.7, 0.7)).isEqualTo(ColourMap.VIRIDIS.of(0));
    }

    @Test
    void theFirstRowLiesWhereItIsAskedFor() throws IOException {
        Grid grid = new Grid(2, 1, new double[] {0, 1});
        HeatMap.Side side = HeatMap.Side.index("row", 2);
        HeatMap up = new HeatMap(
                "Up", grid, HeatMap.Side.index("column", 1), side, HeatMap.RowOrder.FIRST_AT_BOTTOM, SEQUENTIAL);
        BufferedImage image = PngTest.decode(up.toPng());
        assertThat(centre(image, 0.5, 0.3)).isEqualTo(ColourMap.VIRIDIS.of(1));
        assertThat(centre(image, 0.5, 0.7)).isEqualTo(ColourMap.VIRIDIS.of(0));
    }

    @Test
    void divergingColoursAreSymmetricAboutZero() {
        Grid grid = new Grid(1, 3, new double[] {-1, 0, 4});
        ColourScale scale = ColourScale.over(Colours.diverging(Axis.of("Anomaly", "K")), grid, 0);
        assertThat(scale.places().low()).isEqualTo(-4);
        assertThat(scale.of(0)).isEqualTo(ColourMap.BLUE_RED.of(0.5));
        assertThat(scale.below() || scale.above()).isFalse();
    }

    @Test
    void aShareOfTheValuesMayLieBeyondTheBar() {
        double[] values = new double[100];
        for (int i = 0; i < 100; i++) {
            values[i] = i;
        }
        ColourScale scale = ColourScale.over(SEQUENTIAL.beyond(0.05), new Grid(10, 10, values), 0);
        assertThat(scale.places().low()).isEqualTo(5);
        assertThat(scale.places().high()).isEqualTo(94);
        assertThat(scale.below() && scale.above()).isTrue();
    }

    @Test
    void aGridTakesAnArrayOfAnyDtypeAndTwoAxes() {
        try (Array array = Array.of(new int[] {1, 2, 3, 4, 5, 6}, 2, 3);
                Array flat = Array.of(new int[] {1, 2})) {
            assertThat(Grid.of(array).at(1, 0)).isEqualTo(4);
            assertThatThrownBy(() -> Grid.of(flat))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("expected two axes");
        }
    }

    /** Empty, single, constant, missing, infinite, huge, tiny: a picture comes out of anything. */
    static Stream<double[]> oddValues() {
        return Stream.of(
                new double[] {},
                new double[] {3},
                new double[] {NAN},
                new double[] {0, 0, 0},
                new double[] {-5, -5},
                new double[] {1, NAN, 2, NAN},
                new double[] {INF, -INF, 1},
                new double[] {1e300, -1e300, 0},
                new double[] {5e-324, 0},
                new double[] {Double.MAX_VALUE, -Double.MAX_VALUE},
                new Random(3).doubles(5000).toArray());
    }

    @Test
    void aPictureComesOutOfAnyValues() {
        oddValues().forEach(values -> {
            for (Axis y : List.of(Axis.of("y", ""), Axis.log("y", "m"))) {
                LinePlot plot = LinePlot.of("Line", Axis.of("x", ""), y, LinePlot.Series.of("some", values));
                assertThat(plot.toPng()).isNotEmpty();
                if (values.length > 0) {
                    Grid grid = new Grid(1, values.length, values);
                    assertThat(HeatMap.of("Heat", grid, Colours.sequential(y)).toPng()).isNotEmpty();
                    assertThat(HeatMap.of("Heat", grid, Colours.diverging(y)).toPng()).isNotEmpty();
                }
            }
        });
    }

    @Test
    void theSamePictureHasTheSameBytesAndAFileHoldsThem(@TempDir Path folder) throws IOException {
        LinePlot plot = LinePlot.of(
                "Walk", Axis.of("x", ""), Axis.of("y", "m"), LinePlot.Series.of("a", new double[] {1, 3, 2}));
        Path file = folder.resolve("walk.png");
        Files.writeString(file, "what was there before");
        plot.write(file);
        assertThat(Files.readAllBytes(file)).isEqualTo(plot.toPng());
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aSeriesNeedsAsManyPlacesAsValues() {
        assertThatThrownBy(() -> new LinePlot.Series("wind", new double[2], new double[3]))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("series 'wind': found 2 places and 3 values");
    }
}
