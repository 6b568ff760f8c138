package org.imbrex.host.format.netcdf;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a file says of itself or of a variable.
 *
 * @param text the characters; empty where it is numbers
 * @param numbers Long or Double; empty where it is text
 */
record Attribute(String name, NetcdfType type, String text, List<Number> numbers) {
    private static final int SHOWN = 200;
    private static final int SHOWN_NUMBERS = 8;

    boolean isText() {
        return type == NetcdfType.CHAR;
    }

    /** As {@code info} prints it, in one line. */
    String value() {
        if (isText()) {
            String line = text.strip().replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "?");
            return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
        }
        String some = numbers.stream().limit(SHOWN_NUMBERS).map(this::number).collect(Collectors.joining(", "));
        return numbers.size() > SHOWN_NUMBERS ? some + ", … (" + numbers.size() + ")" : some;
    }

    private String number(Number number) {
        return type == NetcdfType.FLOAT ? Float.toString(number.floatValue()) : number.toString();
    }
}
