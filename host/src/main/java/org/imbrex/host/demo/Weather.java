package org.imbrex.host.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.plot.Axis;
import org.imbrex.host.plot.LinePlot;
import org.imbrex.host.report.Report;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.runtime.schedule.RunOptions;

/** The mean of every 8 days of four years of weather in Seattle: the seed of it all, on 1461 × 4. */
final class Weather {
    private static final String MEANS = "mean(blocks(x, 8), axis=1)";
    private static final String COLUMNS = "precipitation,temp_max,temp_min,wind";
    private static final LocalDate FIRST = LocalDate.of(2012, 1, 1);
    private static final int SHOWN = 4;

    private final Engine engine;
    private final Path file;
    private final Path out;
    private final PrintWriter terminal;
    private final Report report;

    Weather(Engine engine, Path file, Path out, PrintWriter terminal, Report report) {
        this.engine = engine;
        this.file = file;
        this.out = out;
        this.terminal = terminal;
        this.report = report;
    }

    void run() throws IOException {
        Array days = engine.read(file, COLUMNS);
        Engine.Run run = engine.run(MEANS, Map.of("x", days), RunOptions.defaults().withVerify(1));
        Array means = run.result();
        terminal.println("Seattle, daily weather 2012-2015: " + days.type() + " -> " + MEANS + " -> " + means.type());
        List<List<String>> rows = table(means);
        terminal.printf(Locale.ROOT, "  %-12s %14s %9s %9s %7s%n", "8 days from", "precipitation", "temp_max", "temp_min", "wind");
        for (List<String> row : rows.subList(0, SHOWN)) {
            terminal.printf(Locale.ROOT, "  %-12s %14s %9s %9s %7s%n", row.toArray());
        }
        terminal.println("  ... " + rows.size() + " blocks; the last one has " + (days.shape().extent(0) % 8) + " days");
        terminal.print(run.summary().text().indent(2));
        for (String name : List.of("weather-means.npy", "weather-means.csv")) {
            engine.write(Parser.parse("means"), Map.of("means", means), out.resolve(name), RunOptions.defaults());
        }
        LinePlot plot = plot(means);
        plot.write(out.resolve("weather-means.png"));
        report.heading("Means of 8 days, Seattle 2012-2015")
                .paragraph("1,461 daily rows of four columns; the mean of every block of 8 rows, the last of which holds "
                        + days.shape().extent(0) % 8 + ".")
                .code(MEANS)
                .table("The first blocks", List.of("8 days from", "precipitation (mm)", "temp_max (°C)", "temp_min (°C)", "wind (m/s)"),
                        rows.subList(0, SHOWN))
                .figure(plot, "Source: NOAA National Centers for Environmental Information.");
    }

    private static List<List<String>> table(Array means) {
        List<List<String>> rows = new ArrayList<>();
        for (long block = 0; block < means.shape().extent(0); block++) {
            List<String> row = new ArrayList<>();
            row.add(FIRST.plusDays(block * 8).toString());
            for (long column = 0; column < 4; column++) {
                row.add(String.format(Locale.ROOT, "%.2f", means.getDouble(block, column)));
            }
            rows.add(row);
        }
        return rows;
    }

    private static LinePlot plot(Array means) {
        int blocks = (int) means.shape().extent(0);
        List<LocalDate> dates = new ArrayList<>();
        double[][] columns = new double[4][blocks];
        for (int block = 0; block < blocks; block++) {
            dates.add(FIRST.plusDays(block * 8L + 4));
            for (int column = 0; column < 4; column++) {
                columns[column][block] = means.getDouble(block, column);
            }
        }
        return new LinePlot("Seattle: means of 8 days", Axis.time(""), List.of(
                LinePlot.Panel.of(
                        Axis.of("Temperature", "°C"),
                        LinePlot.Series.of("daily maximum", dates, columns[1]),
                        LinePlot.Series.of("daily minimum", dates, columns[2])),
                LinePlot.Panel.of(
                        Axis.of("Precipitation", "mm per day"), LinePlot.Series.of("", dates, columns[0])),
                LinePlot.Panel.of(Axis.of("Wind", "m/s"), LinePlot.Series.of("", dates, columns[3]))));
    }
}
