package org.imbrex.host.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.format.ArrayName;
import org.imbrex.host.plot.Axis;
import org.imbrex.host.plot.Colours;
import org.imbrex.host.plot.Grid;
import org.imbrex.host.plot.HeatMap;
import org.imbrex.host.plot.LinePlot;
import org.imbrex.host.plot.Picture;
import org.imbrex.host.plot.WorldMap;
import org.imbrex.kernels.type.ShapeException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A picture of an array. */
@Command(name = "plot", description = "Draws a PNG of an array file: lines, a heat map, or a world map.")
final class PlotCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE[:VAR]", description = "The array: one axis or rows × columns.")
    private String file;

    @Option(names = "--out", paramLabel = "FILE.png", description = "Where the picture goes (default: beside the file).")
    private Optional<Path> out;

    @Option(names = "--index", paramLabel = "I,J", description = "The indices of leading axes that are too many, as 0 or 3,1.")
    private Optional<String> index;

    @Option(names = "--kind", paramLabel = "line|heat|map", description = "What to draw (default: by the shape).")
    private Optional<String> kind;

    @Option(names = "--lat", paramLabel = "VAR", description = "For a map: the variable that holds the latitudes.")
    private Optional<String> latitudes;

    @Option(names = "--lon", paramLabel = "VAR", description = "For a map: the variable that holds the longitudes.")
    private Optional<String> longitudes;

    @Option(names = "--diverging", description = "Colours to both sides of zero.")
    private boolean diverging;

    @Option(names = "--title", paramLabel = "TEXT", description = "The title (default: the file's name).")
    private Optional<String> title;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        ArrayName name = ArrayName.parse(file);
        if (index.isPresent() && !index.get().matches("-?[0-9]{1,9}(,-?[0-9]{1,9})*")) {
            throw wrong("--index " + index.get(), "integers such as 0 or 3,1");
        }
        try (Engine engine = Engine.open()) {
            Array array = engine.read(name.file(), name.variable());
            if (index.isPresent()) {
                array = engine.eval("x[" + index.get() + "]", Map.of("x", array));
            }
            int rank = array.shape().rank();
            if (rank < 1 || rank > 2) {
                throw new ShapeException(file + ": found an array of shape " + array.shape()
                        + ", expected one or two axes; choose a part by --index");
            }
            String what = kind.orElse(latitudes.isPresent() ? "map" : rank == 1 || array.shape().extent(1) <= 8 ? "line" : "heat");
            Picture picture = switch (what) {
                case "line" -> lines(array, heading(name));
                case "heat" -> HeatMap.of(heading(name), Grid.of(array), colours());
                case "map" -> map(engine, name, array);
                default -> throw wrong("--kind " + what, "line, heat or map");
            };
            Path target = out.orElse(Path.of(name.file() + (name.variable().isEmpty() ? "" : "-" + name.variable()) + ".png"));
            picture.write(target);
            spec.commandLine().getOut().println(target);
            return 0;
        }
    }

    private ParameterException wrong(String found, String expected) {
        return new ParameterException(spec.commandLine(), "found " + found + ", expected " + expected);
    }

    private String heading(ArrayName name) {
        return title.orElse(name.file().getFileName() + (name.variable().isEmpty() ? "" : ": " + name.variable()));
    }

    private Colours colours() {
        Axis axis = Axis.of("", "");
        return diverging ? Colours.diverging(axis) : Colours.sequential(axis);
    }

    private static Picture lines(Array array, String heading) {
        int rows = Math.toIntExact(array.shape().extent(0));
        int columns = array.shape().rank() == 1 ? 1 : Math.toIntExact(array.shape().extent(1));
        double[] values = array.toDoubleArray();
        List<LinePlot.Series> series = new ArrayList<>();
        for (int column = 0; column < columns; column++) {
            double[] y = new double[rows];
            for (int row = 0; row < rows; row++) {
                y[row] = values[row * columns + column];
            }
            series.add(LinePlot.Series.of(columns == 1 ? "" : "column " + column, y));
        }
        return LinePlot.of(heading, Axis.of("index", ""), Axis.of("", ""), series.toArray(LinePlot.Series[]::new));
    }

    private Picture map(Engine engine, ArrayName name, Array array) throws IOException {
        if (array.shape().rank() != 2) {
            throw new ShapeException(file + ": found shape " + array.shape() + ", expected latitudes × longitudes for a map");
        }
        double[] lat = latitudes.isPresent()
                ? engine.read(name.file(), latitudes.get()).toDoubleArray()
                : even(array.shape().extent(0), 180, -90);
        double[] lon = longitudes.isPresent()
                ? engine.read(name.file(), longitudes.get()).toDoubleArray()
                : even(array.shape().extent(1), 360, 0);
        return WorldMap.of(heading(name), Grid.of(array), lat, lon, colours());
    }

    /** The middles of so many equal cells. */
    private static double[] even(long cells, double span, double from) {
        double[] places = new double[Math.toIntExact(cells)];
        java.util.Arrays.setAll(places, i -> from + (i + 0.5) * span / cells);
        return places;
    }
}
