package org.imbrex.host.format;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An array as a command line names it: {@code FILE} or {@code FILE:VARIABLE}.
 *
 * @param variable empty where none is named
 */
public record ArrayName(Path file, String variable) {

    /** Splits at the last colon, unless a file of the whole name exists. */
    public static ArrayName parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || colon < text.lastIndexOf('/') || Files.exists(Path.of(text))) {
            return new ArrayName(Path.of(text), "");
        }
        return new ArrayName(Path.of(text.substring(0, colon)), text.substring(colon + 1));
    }

    @Override
    public String toString() {
        return variable.isEmpty() ? file.toString() : file + ":" + variable;
    }
}
