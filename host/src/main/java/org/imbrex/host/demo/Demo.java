package org.imbrex.host.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imbrex.host.Engine;
import org.imbrex.host.report.Report;
import org.imbrex.kernels.type.ImbrexException;

/** Runs the three parts one after another and writes the report. */
public final class Demo {
    private static final List<String> DATA = List.of("seattle-weather.csv", "coads_climatology.nc");

    private final Path data;
    private final Path out;
    private final PrintWriter terminal;

    /**
     * @param data the folder of the example data
     * @param out where results go; made if it is missing
     */
    public Demo(Path data, Path out, PrintWriter terminal) {
        this.data = data;
        this.out = out;
        this.terminal = terminal;
    }

    /**
     * Runs all of it.
     *
     * @param rows how many rows of three the devices get
     * @throws ImbrexException where the example data are missing, or devices disagree
     */
    public void run(long rows) throws IOException {
        for (String name : DATA) {
            if (!Files.isReadable(data.resolve(name))) {
                throw new ImbrexException(data.resolve(name) + ": no such file; expected the example data there");
            }
        }
        Files.createDirectories(out);
        Report report = Report.of("Imbrex demo", "One expression, every device of this machine, the same bits.");
        try (Engine engine = Engine.open()) {
            new Weather(engine, data.resolve(DATA.get(0)), out, terminal, report).run();
            new Ocean(engine, data.resolve(DATA.get(1)), out, terminal, report).run();
            new SideBySide(engine, terminal, report).run(rows);
        }
        report.write(out.resolve("report.html"));
        terminal.println();
        terminal.println("Written to " + out + ": report.html and its arrays, tables and pictures");
        terminal.flush();
    }
}
