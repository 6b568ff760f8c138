package org.imbrex.host.format;

import java.nio.file.Path;
import org.imbrex.kernels.type.ImbrexException;

/** A file that does not hold what it should; the message names the file, the place, what was found and expected. */
public final class FormatException extends ImbrexException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final long offset;
    private final long line;

    private FormatException(Path file, long offset, long line, String message) {
        super(line(message));
        this.file = file;
        this.offset = offset;
        this.line = line;
    }

    /** What a file holds may stand in a message, but must not break its line or a terminal. */
    private static String line(String message) {
        StringBuilder line = new StringBuilder(message);
        for (int i = 0; i < line.length(); i++) {
            if (Character.isISOControl(line.charAt(i))) {
                line.setCharAt(i, '?');
            }
        }
        return line.toString();
    }

    /** About the file as a whole. */
    public static FormatException of(Path file, String problem) {
        return new FormatException(file, -1, -1, file + ": " + problem);
    }

    /** About the byte at an offset from the file's start. */
    public static FormatException at(Path file, long offset, String problem) {
        return new FormatException(file, offset, -1, file + ", byte " + offset + ": " + problem);
    }

    /** About a line of a text file, the first being 1. */
    public static FormatException atLine(Path file, long line, String problem) {
        return new FormatException(file, -1, line, file + ", line " + line + ": " + problem);
    }

    public Path file() {
        return file;
    }

    /** The offset in bytes, or -1 where the problem has no one place. */
    public long offset() {
        return offset;
    }

    /** The line, the first being 1, or -1 where the file is not text. */
    public long line() {
        return line;
    }
}
