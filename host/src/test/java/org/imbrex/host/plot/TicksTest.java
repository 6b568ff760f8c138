package org.imbrex.host.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TicksTest {
    private static String text(Axis.Scale scale, double low, double high, int about) {
        Ticks ticks = Ticks.of(scale, low, high, about);
        return ticks.ticks().stream()
                        .filter(Ticks.Tick::isMajor)
                        .map(tick -> (tick.label() + " " + tick.below()).strip())
                        .collect(Collectors.joining(", "))
                + (ticks.factor().isEmpty() ? "" : " | " + ticks.factor());
    }

    private static double seconds(String date) {
        return LocalDate.parse(date).atStartOfDay().toEpochSecond(ZoneOffset.UTC);
    }

    @Test
    void linearTicksAreRoundAndTellAsManyDecimalsAsTheyNeed() {
        assertThat(text(Axis.Scale.LINEAR, -2.6, 33.2, 7)).isEqualTo("0, 5, 10, 15, 20, 25, 30");
        assertThat(text(Axis.Scale.LINEAR, -1, 1, 5)).isEqualTo("−1.0, −0.5, 0.0, 0.5, 1.0");
        assertThat(text(Axis.Scale.LINEAR, 0, 2.4e6, 5)).isEqualTo("0.0, 0.5, 1.0, 1.5, 2.0 | 10⁶");
        assertThat(text(Axis.Scale.LINEAR, 0, 4e-7, 4)).isEqualTo("0, 100, 200, 300, 400 | 10⁻⁹");
        assertThat(text(Axis.Scale.LINEAR, 1000, 1001, 2)).isEqualTo("1000.0, 1000.5, 1001.0");
    }

    @Test
    void logarithmicTicksAreDecadesOrFiner() {
        assertThat(text(Axis.Scale.LOG, 1, 1000, 6)).isEqualTo("1, 10, 100, 1000");
        assertThat(text(Axis.Scale.LOG, 0.5, 20, 6)).isEqualTo("0.5, 1, 2, 5, 10, 20");
        assertThat(text(Axis.Scale.LOG, 1e2, 1e8, 7)).isEqualTo("10², 10³, 10⁴, 10⁵, 10⁶, 10⁷, 10⁸");
    }

    @Test
    void dateTicksTellWhatDoesNotChangeOnce() {
        assertThat(text(Axis.Scale.TIME, seconds("2012-01-01"), seconds("2013-03-01"), 5))
                .isEqualTo("Jan 2012, Apr, Jul, Oct, Jan 2013");
        assertThat(text(Axis.Scale.TIME, seconds("1900-05-01"), seconds("1999-12-31"), 5))
                .isEqualTo("1920, 1940, 1960, 1980");
        assertThat(text(Axis.Scale.TIME, seconds("2024-02-27"), seconds("2024-03-01"), 3))
                .isEqualTo("27 Feb 2024, 28 Feb, 29 Feb, 1 Mar");
        assertThat(text(Axis.Scale.TIME, seconds("2024-02-28"), seconds("2024-02-29"), 4))
                .isEqualTo("00:00 28 Feb 2024, 06:00, 12:00, 18:00, 00:00 29 Feb 2024");
    }

    @Test
    void anyRangeHasAFewTicksWithinIt() {
        long seed = 7;
        Random random = new Random(seed);
        for (int round = 0; round < 3000; round++) {
            Axis.Scale scale = Axis.Scale.values()[round % 3];
            double low = scale == Axis.Scale.LOG
                    ? Math.pow(10, random.nextInt(-30, 30))
                    : random.nextGaussian() * Math.pow(10, random.nextInt(-6, 9));
            double high = scale == Axis.Scale.LOG
                    ? low * Math.pow(10, 0.5 + 20 * random.nextDouble())
                    : low + (scale == Axis.Scale.TIME ? 10 : 1e-6) + Math.pow(10, random.nextInt(0, 9));
            double from = low;
            double to = high;
            assertThat(Ticks.of(scale, low, high, 6).ticks())
                    .as("seed %d, round %d: %s %s to %s", seed, round, scale, low, high)
                    .hasSizeBetween(scale == Axis.Scale.LOG ? 0 : 1, scale == Axis.Scale.LOG ? 190 : 24)
                    .allMatch(tick -> tick.at() >= from - (to - from) * 1e-6 && tick.at() <= to + (to - from) * 1e-6);
        }
    }
}
