package org.imbrex.host.format;

import java.util.List;

/**
 * How to write a file.
 *
 * @param format what to write, whatever the file's name
 * @param columns the header of a CSV file; empty for none
 */
public record WriteOptions(FileFormat format, List<String> columns) {
    public WriteOptions {
        columns = List.copyOf(columns);
    }

    public static WriteOptions of(FileFormat format) {
        return new WriteOptions(format, List.of());
    }
}
