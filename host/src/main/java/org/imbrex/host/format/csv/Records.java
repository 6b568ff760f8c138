package org.imbrex.host.format.csv;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.file.FileBytes;

/**
 * Walks a file record by record, each whole in a buffer. A record ends at LF, CR or both, outside quotes; empty ones
 * are passed over. A quote counts only at the start of a cell.
 */
final class Records {
    /** Longer records are no table: a quote was not closed, or the file is no text. */
    private static final int MAX_BYTES = 16 << 20;

    private final FileBytes file;
    private final byte delimiter;
    private byte[] text;
    private int limit;
    private int next;
    private long bufferAt;
    private int start;
    private int end;
    private long line;
    private long nextLine;

    /**
     * @param position where the first record starts
     * @param line the number of its line
     * @param bufferBytes how much to read at a time
     */
    Records(FileBytes file, byte delimiter, long position, long line, int bufferBytes) {
        this.file = file;
        this.delimiter = delimiter;
        this.bufferAt = position;
        this.nextLine = line;
        this.text = new byte[bufferBytes + 1];
    }

    /** Moves to the next record; false at the end. */
    boolean next() throws IOException {
        do {
            if (!find()) {
                return false;
            }
        } while (start == end);
        return true;
    }

    private boolean find() throws IOException {
        int from = next;
        int at = from;
        int closed = -1;
        long newlines = 0;
        boolean quoted = false;
        while (true) {
            at = quoted ? skipQuoted(at) : skipPlain(at);
            if (at == limit) {
                boolean more = fill(from);
                at -= from;
                closed -= from;
                from = 0;
                if (!more) {
                    if (quoted) {
                        throw unclosed("the end of the file");
                    }
                    return at > 0 && found(0, at, at, newlines);
                }
                continue;
            }
            byte b = text[at];
            if (b == '"') {
                // It opens a quoted cell, closes it, or is the second of two within it; anywhere else it is a letter.
                if (quoted) {
                    closed = at;
                    quoted = false;
                } else {
                    quoted = at == from || text[at - 1] == delimiter || closed == at - 1;
                }
                at++;
            } else if (quoted) {
                newlines++;
                at++;
            } else if (b == '\n') {
                return found(from, at, at + 1, newlines + 1);
            } else {
                if (at + 1 == limit) {
                    fill(from);
                    at -= from;
                    from = 0;
                }
                return found(from, at, at + 1 < limit && text[at + 1] == '\n' ? at + 2 : at + 1, newlines + 1);
            }
        }
    }

    /** The next quote or line end, or the limit. Digits, points, signs and delimiters pass by one comparison. */
    private int skipPlain(int from) {
        byte[] bytes = text;
        int to = limit;
        int at = from;
        while (at < to) {
            byte b = bytes[at];
            if (b <= '"' && (b == '\n' || b == '\r' || b == '"')) {
                break;
            }
            at++;
        }
        return at;
    }

    private int skipQuoted(int from) {
        int at = from;
        while (at < limit && text[at] != '"' && text[at] != '\n') {
            at++;
        }
        return at;
    }

    private boolean found(int from, int to, int behind, long lines) {
        start = from;
        end = to;
        next = behind;
        line = nextLine;
        nextLine += lines;
        return true;
    }

    /** Moves what is kept to the buffer's start and reads on; false at the end of the file. */
    private boolean fill(int keepFrom) throws IOException {
        int kept = limit - keepFrom;
        if (kept == text.length - 1) {
            if (kept >= MAX_BYTES) {
                throw unclosed("a line of more than " + MAX_BYTES + " bytes");
            }
            text = Arrays.copyOf(text, Math.min(MAX_BYTES, 2 * kept) + 1);
        }
        System.arraycopy(text, keepFrom, text, 0, kept);
        bufferAt += keepFrom;
        long position = bufferAt + kept;
        int count = (int) Math.min(text.length - 1 - kept, file.size() - position);
        file.read(position, MemorySegment.ofArray(text).asSlice(kept, count));
        limit = kept + count;
        next = 0;
        text[limit] = '\n';
        return count > 0;
    }

    private FormatException unclosed(String found) {
        return FormatException.atLine(
                file.path(),
                nextLine,
                "found " + found + ", expected the end of the record that starts here; is a quote not closed?");
    }

    /** The buffer: the record's bytes are [{@link #start()}, {@link #end()}), and one that ends it follows. */
    byte[] text() {
        return text;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    /** The record's place in the file. */
    long position() {
        return bufferAt + start;
    }

    /** The number of the record's first line. */
    long line() {
        return line;
    }

    byte delimiter() {
        return delimiter;
    }

    /** The position behind the cell that starts at a byte: its delimiter or the record's end. */
    int cellEnd(int from) {
        int at = from;
        if (at < end && text[at] == '"') {
            at++;
            while (at < end && (text[at] != '"' || at + 1 < end && text[at + 1] == '"')) {
                at += text[at] == '"' ? 2 : 1;
            }
        }
        while (at < end && text[at] != delimiter) {
            at++;
        }
        return at;
    }

    /** A cell's text without blanks and quotes around it. */
    String cell(int from, int to) {
        String cell = new String(text, from, to - from, StandardCharsets.UTF_8).strip();
        if (cell.length() > 1 && cell.startsWith("\"") && cell.endsWith("\"")) {
            return cell.substring(1, cell.length() - 1).replace("\"\"", "\"").strip();
        }
        return cell;
    }

    /** All of the record's cells. */
    List<String> cells() {
        List<String> cells = new ArrayList<>();
        for (int at = start; ; at++) {
            int to = cellEnd(at);
            cells.add(cell(at, to));
            if (to == end) {
                return cells;
            }
            at = to;
        }
    }
}
