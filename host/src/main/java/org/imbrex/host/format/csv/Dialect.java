package org.imbrex.host.format.csv;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.imbrex.host.format.file.FileBytes;

/**
 * How a file writes its table, guessed from its first records.
 *
 * @param header whether the first record names the columns
 * @param columns the columns' names, each once; their numbers from 0 on where the file names none
 * @param text which columns start with text, and so are no numbers
 * @param position where the first row starts
 * @param line the number of its line
 */
record Dialect(byte delimiter, boolean header, List<String> columns, List<Boolean> text, long position, long line) {
    private static final int SAMPLE = 100;
    private static final int BUFFER_BYTES = 64 << 10;
    private static final byte[] DELIMITERS = {'\t', ';', ','};

    static Dialect guess(FileBytes file) throws IOException {
        long start = byteOrderMark(file);
        byte delimiter = delimiter(file, start);
        Records records = new Records(file, delimiter, start, 1, BUFFER_BYTES);
        List<List<String>> sample = new ArrayList<>();
        long[] positions = {start, file.size()};
        long[] lines = {1, 1};
        while (sample.size() < SAMPLE && records.next()) {
            if (sample.size() < 2) {
                positions[sample.size()] = records.position();
                lines[sample.size()] = records.line();
            }
            sample.add(records.cells());
        }
        boolean header = header(sample);
        int first = header ? 1 : 0;
        return new Dialect(
                delimiter,
                header,
                names(sample, header),
                text(
                        sample.subList(Math.min(first, sample.size()), sample.size()),
                        sample.isEmpty() ? 0 : sample.getFirst().size()),
                positions[first],
                lines[first]);
    }

    private static long byteOrderMark(FileBytes file) throws IOException {
        if (file.size() < 3) {
            return 0;
        }
        byte[] start = file.read(0, 3);
        return (start[0] & 0xff) == 0xef && (start[1] & 0xff) == 0xbb && (start[2] & 0xff) == 0xbf ? 3 : 0;
    }

    /** The delimiter that cuts every record of the sample into as many cells, or else the one that cuts most. */
    private static byte delimiter(FileBytes file, long start) throws IOException {
        byte best = ',';
        int most = 1;
        for (byte delimiter : DELIMITERS) {
            Records records = new Records(file, delimiter, start, 1, BUFFER_BYTES);
            int cells = 0;
            boolean same = true;
            for (int i = 0; i < SAMPLE && records.next(); i++) {
                int now = count(records);
                same &= i == 0 || now == cells;
                cells = i == 0 ? now : cells;
            }
            if (same && cells > 1) {
                return delimiter;
            }
            if (cells > most) {
                most = cells;
                best = delimiter;
            }
        }
        return best;
    }

    private static int count(Records records) {
        int count = 1;
        for (int at = records.cellEnd(records.start()); at < records.end(); at = records.cellEnd(at + 1)) {
            count++;
        }
        return count;
    }

    /** Names are text in every cell, or in one above a number. */
    private static boolean header(List<List<String>> sample) {
        if (sample.isEmpty()) {
            return false;
        }
        boolean numbers = false;
        boolean texts = false;
        List<String> first = sample.getFirst();
        for (int column = 0; column < first.size(); column++) {
            Cell cell = Cell.of(first.get(column));
            numbers |= cell == Cell.NUMBER;
            texts |= cell == Cell.TEXT;
            if (cell == Cell.TEXT && firstPresent(sample, column) == Cell.NUMBER) {
                return true;
            }
        }
        return texts && !numbers;
    }

    /** What the column's first cell that is not missing is, the sample's first record left aside. */
    private static Cell firstPresent(List<List<String>> rows, int column) {
        for (List<String> row : rows.subList(1, rows.size())) {
            Cell cell = column < row.size() ? Cell.of(row.get(column)) : Cell.MISSING;
            if (cell != Cell.MISSING) {
                return cell;
            }
        }
        return Cell.MISSING;
    }

    private static List<String> names(List<List<String>> sample, boolean header) {
        List<String> names = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        int columns = sample.isEmpty() ? 0 : sample.getFirst().size();
        for (int column = 0; column < columns; column++) {
            String told = header ? sample.getFirst().get(column) : "";
            String wanted = told.isEmpty() ? Integer.toString(column) : told;
            String name = wanted;
            for (int again = 1; !taken.add(name); again++) {
                name = wanted + "." + again;
            }
            names.add(name);
        }
        return names;
    }

    private static List<Boolean> text(List<List<String>> rows, int columns) {
        List<Boolean> text = new ArrayList<>();
        for (int column = 0; column < columns; column++) {
            Cell kind = Cell.MISSING;
            for (int row = 0; row < rows.size() && kind == Cell.MISSING; row++) {
                kind = column < rows.get(row).size() ? Cell.of(rows.get(row).get(column)) : Cell.MISSING;
            }
            text.add(kind == Cell.TEXT);
        }
        return text;
    }

    String delimiterText() {
        return delimiter == '\t' ? "tab" : Character.toString(delimiter);
    }
}
