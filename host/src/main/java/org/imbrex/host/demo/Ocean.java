package org.imbrex.host.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.plot.Axis;
import org.imbrex.host.plot.Colours;
import org.imbrex.host.plot.Grid;
import org.imbrex.host.plot.LinePlot;
import org.imbrex.host.plot.WorldMap;
import org.imbrex.host.report.Report;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.runtime.schedule.RunOptions;

/** Sea surface temperatures, 12 months × 90 × 180 with land missing: global means, anomalies, gradients. */
final class Ocean {
    private static final String GLOBAL =
            "sum(where(isnan(t), 0, t * cos(lat * (pi / 180))[:, None]), axis=(1, 2))"
                    + " / sum(where(isnan(t), 0, cos(lat * (pi / 180))[:, None]), axis=(1, 2))";
    private static final String ANOMALY = "t - nanmean(t, axis=0)";
    /** Degrees per 1000 km; a cell is 2 degrees, 222.4 km along a meridian. Longitudes wrap, latitudes end. */
    private static final String GRADIENT =
            "hypot(stencil(at(t, 0, 0, 1) - at(t, 0, 0, -1), mode='wrap') / (2 * 0.2224 * cos(lat * (pi / 180))[:, None]),"
                    + " stencil(at(t, 0, 1, 0) - at(t, 0, -1, 0), mode=nan) / (2 * 0.2224))";
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

    private final Engine engine;
    private final Path file;
    private final Path out;
    private final PrintWriter terminal;
    private final Report report;

    Ocean(Engine engine, Path file, Path out, PrintWriter terminal, Report report) {
        this.engine = engine;
        this.file = file;
        this.out = out;
        this.terminal = terminal;
        this.report = report;
    }

    void run() throws IOException {
        Array t = engine.read(file, "SST");
        Array latitudes = engine.read(file, "COADSY");
        Array longitudes = engine.read(file, "COADSX");
        Array lat = engine.eval("f32(lat)", Map.of("lat", latitudes));
        Map<String, Array> inputs = Map.of("t", t, "lat", lat);
        RunOptions verified = RunOptions.defaults().withVerify(0.1);
        Engine.Run global = engine.run(GLOBAL, inputs, verified);
        Engine.Run anomaly = engine.run(ANOMALY, Map.of("t", t), verified);
        Engine.Run gradient = engine.run(GRADIENT, inputs, verified);

        terminal.println();
        terminal.println("COADS climatology, sea surface temperature " + t.type() + ", land missing");
        List<List<String>> rows = rows(global.result());
        terminal.println("  global means, °C, weighted by cos(latitude):");
        for (int half = 0; half < 12; half += 6) {
            StringBuilder line = new StringBuilder("  ");
            for (List<String> row : rows.subList(half, half + 6)) {
                line.append(String.format(Locale.ROOT, "%s %s   ", row.get(0), row.get(1)));
            }
            terminal.println(line.toString().stripTrailing());
        }
        terminal.println("  anomaly of every cell " + anomaly.result().type() + ", gradient " + gradient.result().type());
        terminal.print(gradient.summary().text().indent(2));
        write("sst-global-means", global.result(), ".npy", ".csv");
        write("sst-anomaly", anomaly.result(), ".npy");
        write("sst-gradient", gradient.result(), ".npy");
        tell(global.result(), rows, map("Sea surface temperature, July minus the year's mean", anomaly.result(), 6, latitudes,
                longitudes, Colours.diverging(Axis.of("Anomaly", "°C")).beyond(0.005)),
                map("Gradient of sea surface temperature, January", gradient.result(), 0, latitudes, longitudes,
                        Colours.sequential(Axis.of("Gradient", "°C per 1000 km")).beyond(0.01)));
    }

    private void write(String name, Array array, String... suffixes) throws IOException {
        for (String suffix : suffixes) {
            engine.write(Parser.parse("x"), Map.of("x", array), out.resolve(name + suffix), RunOptions.defaults());
        }
    }

    private static List<List<String>> rows(Array means) {
        List<List<String>> rows = new ArrayList<>();
        for (int month = 0; month < 12; month++) {
            rows.add(List.of(MONTHS.get(month), String.format(Locale.ROOT, "%.3f", means.getDouble(month))));
        }
        return rows;
    }

    private WorldMap map(
            String title, Array months, int month, Array latitudes, Array longitudes, Colours colours) {
        Array one = engine.eval("x[" + month + "]", Map.of("x", months));
        return WorldMap.of(title, Grid.of(one), latitudes.toDoubleArray(), longitudes.toDoubleArray(), colours)
                .centredAt(180);
    }

    private void tell(Array global, List<List<String>> rows, WorldMap anomaly, WorldMap gradient) throws IOException {
        double[] months = new double[12];
        java.util.Arrays.setAll(months, month -> month + 1);
        LinePlot means = LinePlot.of(
                "Global mean sea surface temperature", Axis.of("Month", ""), Axis.of("Temperature", "°C"),
                new LinePlot.Series("", months, global.toDoubleArray()));
        means.write(out.resolve("sst-global-means.png"));
        anomaly.write(out.resolve("sst-anomaly.png"));
        gradient.write(out.resolve("sst-gradient.png"));
        report.heading("Ocean climatology")
                .paragraph("Sea surface temperature of the Comprehensive Ocean-Atmosphere Data Set, 12 months × 90 × 180; "
                        + "missing values stay missing, and count nowhere.")
                .code(GLOBAL)
                .table("Global means weighted by cos(latitude)", List.of("month", "°C"), rows)
                .figure(means, "")
                .code(ANOMALY)
                .figure(anomaly, "What July differs from the mean of the twelve months, cell by cell.")
                .code(GRADIENT)
                .figure(gradient, "The magnitude of the temperature gradient, a stencil that wraps around in longitude.");
    }
}
