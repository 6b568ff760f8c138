package org.imbrex.host.format.csv;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** What a cell's text is. */
enum Cell {
    NUMBER,
    MISSING,
    TEXT;

    private static final Set<String> ABSENT =
            Set.of("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "-nan", "null", "NULL", "None");

    private static final Set<String> INFINITE = Set.of("inf", "infinity");

    static Cell of(String text) {
        if (ABSENT.contains(text)) {
            return MISSING;
        }
        return Double.isNaN(value(text)) ? TEXT : NUMBER;
    }

    /** The number that the text is; NaN where it is none. */
    static double value(String text) {
        String unsigned = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        if (INFINITE.contains(unsigned.toLowerCase(Locale.ROOT))) {
            return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        Decimal decimal = new Decimal();
        return decimal.read(bytes, 0) == bytes.length - 1 ? decimal.value() : Double.NaN;
    }
}
