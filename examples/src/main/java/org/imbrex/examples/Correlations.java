package org.imbrex.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;

/** How the columns of a table go together: standardised, and then one matrix product. */
public final class Correlations {
    private static final List<String> COLUMNS = List.of("precipitation", "temp_max", "temp_min", "wind");

    private Correlations() {}

    public static void main(String[] args) throws IOException {
        try (Engine engine = Engine.open()) {
            Array days = engine.read(Path.of("examples/data/seattle-weather.csv"), String.join(",", COLUMNS));
            Array z = engine.eval("(x - mean(x, axis=0)) / std(x, axis=0)", Map.of("x", days));
            Array r = engine.eval("transpose(z) @ z / " + days.shape().extent(0), Map.of("z", z));

            System.out.printf("%-14s", "");
            COLUMNS.forEach(name -> System.out.printf("%14s", name));
            System.out.println();
            for (int row = 0; row < COLUMNS.size(); row++) {
                System.out.printf("%-14s", COLUMNS.get(row));
                for (int column = 0; column < COLUMNS.size(); column++) {
                    System.out.printf(Locale.ROOT, "%14.3f", r.getDouble(row, column));
                }
                System.out.println();
            }
        }
    }
}
