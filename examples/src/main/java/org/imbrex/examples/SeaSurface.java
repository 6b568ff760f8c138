package org.imbrex.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.plot.Axis;
import org.imbrex.host.plot.Colours;
import org.imbrex.host.plot.Grid;
import org.imbrex.host.plot.HeatMap;
import org.imbrex.host.plot.HeatMap.RowOrder;
import org.imbrex.host.plot.HeatMap.Side;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.runtime.schedule.RunOptions;

/**
 * The range between the warmest and the coldest month of the sea's surface, 2 × 2 degrees; land is missing. Writes
 * {@code sea-surface-range.png} and {@code .npy} into the folder that is its argument.
 */
public final class SeaSurface {
    private SeaSurface() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args.length > 0 ? args[0] : "."));
        try (Engine engine = Engine.open()) {
            Array months = engine.read(Path.of("examples/data/coads_climatology.nc"), "SST");
            Map<String, Array> inputs = Map.of("t", months);

            Array range = engine.eval("nanmax(t, axis=0) - nanmin(t, axis=0)", inputs);
            Array most = engine.eval("nanmax(r)", Map.of("r", range));
            System.out.println("months  " + months.type());
            System.out.println("range   " + range.type() + ", at most " + most.getDouble() + " °C");

            // larger than memory, it would go to the file tile by tile all the same
            engine.write(
                    Parser.parse("nanmax(t, axis=0) - nanmin(t, axis=0)"),
                    inputs, folder.resolve("sea-surface-range.npy"), RunOptions.defaults());

            int rows = Math.toIntExact(range.shape().extent(0));
            int columns = Math.toIntExact(range.shape().extent(1));
            HeatMap map = new HeatMap(
                    "Warmest minus coldest month",
                    new Grid(rows, columns, range.toDoubleArray()),
                    Side.between(Axis.of("Longitude", "°E"), 21, 379),
                    Side.between(Axis.of("Latitude", "°N"), -89, 89),
                    RowOrder.FIRST_AT_BOTTOM,
                    Colours.sequential(Axis.of("Range", "°C")));
            map.write(folder.resolve("sea-surface-range.png"));
            System.out.println("wrote   " + folder.resolve("sea-surface-range.png"));
        }
    }
}
