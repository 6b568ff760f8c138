package org.imbrex.host.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.StringJoiner;
import org.imbrex.host.format.csv.CsvFile;
import org.imbrex.host.format.csv.CsvOutput;
import org.imbrex.host.format.file.Content;
import org.imbrex.host.format.file.FileBytes;
import org.imbrex.host.format.netcdf.NetcdfFile;
import org.imbrex.host.format.npy.NpyFile;
import org.imbrex.host.format.npz.NpzFile;
import org.imbrex.host.format.npz.NpzOutput;
import org.imbrex.host.format.raw.RawFile;
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
        FileBytes bytes = FileBytes.open(file);
        try {
            return open(bytes, options);
        } catch (IOException | RuntimeException | Error e) {
            bytes.close();
            throw e;
        }
    }

    private static StoredFile open(FileBytes bytes, ReadOptions options) throws IOException {
        if (options.layout() instanceof ReadOptions.Layout.Raw raw) {
            return RawFile.open(bytes, raw);
        }
        Content content = Content.of(bytes);
        Optional<FileFormat> told = FileFormat.bySuffix(bytes.path());
        FileFormat format = told.isPresent() ? told.get() : guess(bytes, content);
        return switch (format) {
            case NPY -> NpyFile.open(expect(bytes, content, Content.NPY));
            case NPZ -> NpzFile.open(expect(bytes, content, Content.ZIP), options.memoryBytes());
            case CSV -> CsvFile.open(expect(bytes, content, Content.TEXT), options.memoryBytes());
            case NETCDF -> NetcdfFile.open(expect(bytes, content, Content.CDF));
            case RAW ->
                throw FormatException.of(
                        bytes.path(),
                        "found a raw file, expected its dtype and shape to be told (--dtype f32 --shape 100,200)");
        };
    }

    /** The format of a file whose name tells none. */
    private static FileFormat guess(FileBytes bytes, Content content) {
        return switch (content) {
            case NPY -> FileFormat.NPY;
            case ZIP -> FileFormat.NPZ;
            case CDF -> FileFormat.NETCDF;
            case TEXT -> FileFormat.CSV;
            default -> throw content.mislabelled(bytes, "an array file (" + suffixes() + ")");
        };
    }

    private static FileBytes expect(FileBytes bytes, Content found, Content expected) {
        if (found != expected) {
            throw found.mislabelled(bytes, expected.title());
        }
        return bytes;
    }

    private static String suffixes() {
        StringJoiner suffixes = new StringJoiner(", ");
        for (FileFormat format : FileFormat.values()) {
            suffixes.add(format.suffixes().getFirst());
        }
        return suffixes.toString();
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
        if (arrays.size() != 1 && options.format() != FileFormat.NPZ) {
            throw FormatException.of(
                    file,
                    "found " + arrays.size() + " arrays to write, expected one; " + FileFormat.NPZ.title()
                            + " holds several");
        }
        if (arrays.isEmpty()) {
            throw FormatException.of(file, "found no array to write");
        }
        ArrayType only = arrays.firstEntry().getValue();
        return switch (options.format()) {
            case NPY -> NpyFile.create(file, only);
            case RAW -> RawFile.create(file, only);
            case NPZ -> NpzOutput.create(file, arrays);
            case CSV -> CsvOutput.create(file, only, options.columns());
            case NETCDF -> throw FormatException.of(file, "NetCDF is read, not written; write .npy, .npz or .csv");
        };
    }
}
