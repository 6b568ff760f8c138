package org.imbrex.host.format;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The formats of array files. */
public enum FileFormat {
    NPY("NPY", ".npy"),
    NPZ("NPZ", ".npz"),
    CSV("CSV", ".csv", ".tsv", ".txt"),
    NETCDF("NetCDF classic", ".nc", ".cdf", ".nc3"),
    RAW("raw", ".raw", ".bin");

    private final String title;
    private final List<String> suffixes;

    FileFormat(String title, String... suffixes) {
        this.title = title;
        this.suffixes = List.of(suffixes);
    }

    /** The format's name in messages. */
    public String title() {
        return title;
    }

    /** The suffixes of its files, the usual one first. */
    public List<String> suffixes() {
        return suffixes;
    }

    /** The format that the file's name tells, or empty. */
    public static Optional<FileFormat> bySuffix(Path file) {
        Path last = file.getFileName();
        String name = last == null ? "" : last.toString().toLowerCase(Locale.ROOT);
        for (FileFormat format : values()) {
            for (String suffix : format.suffixes) {
                if (name.endsWith(suffix)) {
                    return Optional.of(format);
                }
            }
        }
        return Optional.empty();
    }
}
