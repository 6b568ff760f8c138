package org.imbrex.host.format.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.imbrex.host.format.FormatException;

/** What a file's first bytes say it is, so that a wrong name is told as such. */
public enum Content {
    EMPTY("nothing: the file is empty", ""),
    NPY("an NPY file", "name it .npy"),
    ZIP("a ZIP archive", "if it holds arrays, name it .npz"),
    CDF("a NetCDF classic file", "name it .nc"),
    HDF5("an HDF5 file", "HDF5 and NetCDF-4 are not read; for NetCDF convert it: nccopy -k classic IN OUT"),
    GZIP("a gzip file", "unpack it with gunzip first"),
    ZSTD("a Zstandard file", "unpack it with zstd -d first"),
    XZ("an xz file", "unpack it with xz -d first"),
    BZIP2("a bzip2 file", "unpack it with bunzip2 first"),
    PARQUET("a Parquet file", "it is not read; convert it to .npy or .csv"),
    ARROW("an Arrow file", "it is not read; convert it to .npy or .csv"),
    PNG("a PNG picture", "give an array file"),
    PDF("a PDF file", "give an array file"),
    PICKLE("a Python pickle", "pickles run code when they are read; save the array with numpy.save"),
    HTML("an HTML page", "was an error page downloaded instead of the file?"),
    UTF16("text in UTF-16", "save it as UTF-8"),
    TEXT("text", "if it holds comma-separated values, name it .csv"),
    BINARY("bytes of no known format", "for raw elements give their dtype and shape");

    private static final int HEAD = 1024;

    private final String title;
    private final String advice;

    Content(String title, String advice) {
        this.title = title;
        this.advice = advice;
    }

    public String title() {
        return title;
    }

    /** That the file is not of the expected format, and what to do. */
    public FormatException mislabelled(FileBytes file, String expected) {
        String end = advice.isEmpty() ? "" : "; " + advice;
        return FormatException.of(file.path(), "found " + title + ", expected " + expected + end);
    }

    public static Content of(FileBytes file) throws IOException {
        return of(file.read(0, (int) Math.min(HEAD, file.size())));
    }

    private static Content of(byte[] head) {
        if (head.length == 0) {
            return EMPTY;
        }
        if (starts(head, 0x93, 'N', 'U', 'M', 'P', 'Y')) {
            return NPY;
        }
        if (starts(head, 'P', 'K', 3, 4) || starts(head, 'P', 'K', 5, 6)) {
            return ZIP;
        }
        if (starts(head, 'C', 'D', 'F', 1) || starts(head, 'C', 'D', 'F', 2) || starts(head, 'C', 'D', 'F', 5)) {
            return CDF;
        }
        if (hdf5(head)) {
            return HDF5;
        }
        if (starts(head, 0x1f, 0x8b)) {
            return GZIP;
        }
        if (starts(head, 0x28, 0xb5, 0x2f, 0xfd)) {
            return ZSTD;
        }
        if (starts(head, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            return XZ;
        }
        if (starts(head, 'B', 'Z', 'h')) {
            return BZIP2;
        }
        if (starts(head, 'P', 'A', 'R', '1')) {
            return PARQUET;
        }
        if (starts(head, 'A', 'R', 'R', 'O', 'W', '1')) {
            return ARROW;
        }
        if (starts(head, 0x89, 'P', 'N', 'G')) {
            return PNG;
        }
        if (starts(head, '%', 'P', 'D', 'F')) {
            return PDF;
        }
        if (head.length > 2 && (head[0] & 0xff) == 0x80 && head[1] >= 2 && head[1] <= 5) {
            return PICKLE;
        }
        if (starts(head, 0xff, 0xfe) || starts(head, 0xfe, 0xff)) {
            return UTF16;
        }
        return text(head);
    }

    private static Content text(byte[] head) {
        for (byte b : head) {
            if (b >= 0 && b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f') {
                return BINARY;
            }
        }
        String start = new String(head, 0, Math.min(256, head.length), StandardCharsets.ISO_8859_1)
                .stripLeading()
                .toLowerCase(Locale.ROOT);
        return start.startsWith("<!doctype html") || start.startsWith("<html") ? HTML : TEXT;
    }

    /** HDF5's signature lies at the start or, after a user block, at 512 or a power of two beyond. */
    private static boolean hdf5(byte[] head) {
        byte[] signature = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
        for (int at = 0; at + 8 <= head.length; at = at == 0 ? 512 : at * 2) {
            if (Arrays.equals(head, at, at + 8, signature, 0, 8)) {
                return true;
            }
        }
        return false;
    }

    private static boolean starts(byte[] head, int... bytes) {
        if (head.length < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if ((head[i] & 0xff) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
