package org.imbrex.host.plot;

import java.time.DayOfWeek;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Marks at calendar steps, from seconds to centuries; what does not change is told once, below. */
final class DateTicks {
    private static final double DAY = 86400;
    private static final double YEAR = 365.2425 * DAY;

    /** A calendar step, its length in seconds, and how its marks are told. */
    private record Step(ChronoUnit unit, int count, double seconds, DateTimeFormatter label, DateTimeFormatter below) {}

    private static final DateTimeFormatter TIME = pattern("HH:mm:ss");
    private static final DateTimeFormatter MINUTE = pattern("HH:mm");
    private static final DateTimeFormatter DATE = pattern("d MMM uuuu");
    private static final DateTimeFormatter DAY_MONTH = pattern("d MMM");
    private static final DateTimeFormatter MONTH = pattern("MMM");
    private static final DateTimeFormatter YEAR_ONLY = pattern("uuuu");

    private static final List<Step> STEPS = List.of(
            new Step(ChronoUnit.SECONDS, 1, 1, TIME, DATE),
            new Step(ChronoUnit.SECONDS, 5, 5, TIME, DATE),
            new Step(ChronoUnit.SECONDS, 15, 15, TIME, DATE),
            new Step(ChronoUnit.MINUTES, 1, 60, MINUTE, DATE),
            new Step(ChronoUnit.MINUTES, 5, 300, MINUTE, DATE),
            new Step(ChronoUnit.MINUTES, 15, 900, MINUTE, DATE),
            new Step(ChronoUnit.HOURS, 1, 3600, MINUTE, DATE),
            new Step(ChronoUnit.HOURS, 3, 10800, MINUTE, DATE),
            new Step(ChronoUnit.HOURS, 6, 21600, MINUTE, DATE),
            new Step(ChronoUnit.DAYS, 1, DAY, DAY_MONTH, YEAR_ONLY),
            new Step(ChronoUnit.WEEKS, 1, 7 * DAY, DAY_MONTH, YEAR_ONLY),
            new Step(ChronoUnit.MONTHS, 1, YEAR / 12, MONTH, YEAR_ONLY),
            new Step(ChronoUnit.MONTHS, 3, YEAR / 4, MONTH, YEAR_ONLY),
            new Step(ChronoUnit.MONTHS, 6, YEAR / 2, MONTH, YEAR_ONLY));

    private DateTicks() {}

    static List<Ticks.Tick> of(double low, double high, int about) {
        double wanted = (high - low) / Math.max(1, about);
        Step step = STEPS.stream()
                .filter(s -> s.seconds >= 0.75 * wanted)
                .findFirst()
                .orElseGet(() -> {
                    int years = (int) Math.max(1, Math.round(Ticks.step(Math.max(1, wanted / YEAR))));
                    return new Step(ChronoUnit.YEARS, years, years * YEAR, YEAR_ONLY, null);
                });
        List<Ticks.Tick> ticks = new ArrayList<>();
        String told = "";
        LocalDateTime at = start(LocalDateTime.ofEpochSecond((long) Math.floor(low), 0, ZoneOffset.UTC), step);
        for (; seconds(at) <= high; at = at.plus(step.count, step.unit)) {
            if (seconds(at) >= low) {
                String below = step.below == null ? "" : at.format(step.below);
                ticks.add(new Ticks.Tick(seconds(at), at.format(step.label), below.equals(told) ? "" : below));
                told = below;
            }
        }
        return List.copyOf(ticks);
    }

    /** The last round date that is not later. */
    private static LocalDateTime start(LocalDateTime low, Step step) {
        LocalDateTime day = low.truncatedTo(ChronoUnit.DAYS);
        return switch (step.unit) {
            case YEARS -> day.withDayOfYear(1).withYear(Math.floorDiv(low.getYear(), step.count) * step.count);
            case MONTHS -> day.withDayOfMonth(1).withMonth((low.getMonthValue() - 1) / step.count * step.count + 1);
            case WEEKS -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            default -> day;
        };
    }

    private static double seconds(LocalDateTime at) {
        return at.toEpochSecond(ZoneOffset.UTC);
    }

    private static DateTimeFormatter pattern(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
    }
}
