package org.imbrex.host.format.csv;

import java.nio.file.Path;
import org.imbrex.host.format.FormatException;

/** Parses a record's cells into a row of numbers. */
final class Row {
    private final Path file;
    private final Column[] columns;
    private final int[] slots;
    private final double[] values;
    private final Decimal decimal = new Decimal();

    /** @param slots where in the row each column goes; -1 for a column that is passed over */
    Row(Path file, Column[] columns, int[] slots) {
        this.file = file;
        this.columns = columns;
        this.slots = slots;
        int last = -1;
        for (int slot : slots) {
            last = Math.max(last, slot);
        }
        this.values = new double[last + 1];
    }

    double[] values() {
        return values;
    }

    /** Cells that are missing or no number become NaN; the columns count both. */
    void parse(Records records) {
        byte[] text = records.text();
        byte delimiter = records.delimiter();
        int end = records.end();
        int at = records.start();
        int last = columns.length - 1;
        for (int column = 0; column <= last; column++) {
            int slot = slots[column];
            if (slot < 0) {
                at = records.cellEnd(at);
            } else {
                int behind = decimal.read(text, at);
                if (behind == end || behind > 0 && behind < end && text[behind] == delimiter) {
                    values[slot] = decimal.value();
                    columns[column].number();
                    at = behind;
                } else {
                    behind = records.cellEnd(at);
                    values[slot] = other(records, columns[column], records.cell(at, behind));
                    at = behind;
                }
            }
            if (at == end && column < last || at < end && column == last) {
                throw ragged(records);
            }
            at++;
        }
    }

    private double other(Records records, Column column, String cell) {
        return switch (Cell.of(cell)) {
            case MISSING -> {
                column.missing();
                yield Double.NaN;
            }
            case NUMBER -> {
                column.number();
                yield Cell.value(cell);
            }
            case TEXT -> {
                column.text(records.line(), cell);
                yield Double.NaN;
            }
        };
    }

    private FormatException ragged(Records records) {
        return FormatException.atLine(
                file,
                records.line(),
                "found " + records.cells().size() + " cells, expected " + columns.length + " as in the first line");
    }
}
