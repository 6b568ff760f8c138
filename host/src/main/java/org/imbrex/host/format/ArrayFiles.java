package org.imbrex.host.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.imbrex.kernels.type.ArrayType;

/** Opens and creates array files of every format, by suffix or by content. */
public final class ArrayFiles {

    private ArrayFiles() {}

    /**
     * Reads and checks a file's header.
     *
     * @throws FormatException where the file is not what its name says, is cut short or holds what is not read
     * @throws IOException where it is missing or cannot be read
     */
    public static StoredFile open(Path file, ReadOptions options) throws IOException {
        throw FormatException.of(file, "no format is read yet");
    }

    /**
     * One array of a file.
     *
     * @param variable its name; empty for the only one, or a CSV file's numeric columns
     */
    public static StoredArray open(Path file, String variable, ReadOptions options) throws IOException {
        try (StoredFile stored = open(file, options)) {
            return variable.isEmpty() ? stored.open() : stored.open(variable);
        }
    }

    /** Begins a file that holds one array, in the format that its suffix tells; NPY for a pipe or a device. */
    public static OutputFile create(Path file, ArrayType type) throws IOException {
        return create(file, type, WriteOptions.of(FileFormat.bySuffix(file).orElse(FileFormat.NPY)));
    }

    /**
     * Begins a file that holds one array.
     *
     * @throws IOException where the folder is missing, read-only or too full
     * @throws FormatException where the format cannot hold such an array
     */
    public static OutputFile create(Path file, ArrayType type, WriteOptions options) throws IOException {
        SequencedMap<String, ArrayType> arrays = new LinkedHashMap<>();
        arrays.put("arr_0", type);
        return create(file, arrays, options);
    }

    /** Begins a file that holds several arrays by name; only NPZ holds more than one. */
    public static OutputFile create(Path file, SequencedMap<String, ArrayType> arrays, WriteOptions options)
            throws IOException {
        throw FormatException.of(file, "no format is written yet");
    }
}
