package org.imbrex.host.format.netcdf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.file.FileBytes;
import org.imbrex.host.format.netcdf.Header.Entry;

/** Reads a header: dimensions, attributes, variables, in this order. */
final class HeaderReader {
    private static final int DIMENSIONS = 10;
    private static final int VARIABLES = 11;
    private static final int ATTRIBUTES = 12;

    /** No more of an attribute is kept: what is longer is history for people. */
    private static final int MAX_ATTRIBUTE = 64 << 10;

    private static final long STREAMING = 0xffffffffL;

    private final FileBytes file;
    private final Path path;
    private final Cursor cursor;

    private HeaderReader(FileBytes file) {
        this.file = file;
        this.path = file.path();
        this.cursor = new Cursor(file);
    }

    static Header read(FileBytes file) throws IOException {
        return new HeaderReader(file).header();
    }

    private Header header() throws IOException {
        int version = cursor.int32() & 0xff;
        if (version == 5) {
            cursor.widen();
        }
        long records = version == 5 ? cursor.int64() : cursor.int32() & STREAMING;
        boolean counted = records != (version == 5 ? -1 : STREAMING);
        if (counted && records < 0) {
            throw FormatException.at(
                    path, 4, "found " + Long.toUnsignedString(records) + " records, expected less than 2^63");
        }
        List<Dimension> lengths = dimensions();
        List<Attribute> attributes = attributes(version);
        List<Entry> entries = entries(version, lengths);
        Header plain = new Header(version, lengths, attributes, entries, 0);
        long recordBytes = recordBytes(plain);
        if (!counted) {
            records = countRecords(plain, recordBytes);
        }
        List<Dimension> dimensions = new ArrayList<>();
        for (Dimension dimension : lengths) {
            dimensions.add(dimension.unlimited() ? new Dimension(dimension.name(), records, true) : dimension);
        }
        Header header = new Header(version, dimensions, attributes, entries, recordBytes);
        for (Entry entry : entries) {
            requireInFile(header, entry);
        }
        return header;
    }

    /** The number of elements of a list; 0 where it is absent. */
    private int list(int tag, String what, int bytesEach) throws IOException {
        long at = cursor.position();
        int found = cursor.int32();
        int count = cursor.count(what, bytesEach);
        if (found != tag && (found != 0 || count != 0)) {
            throw FormatException.at(
                    path, at, "found the tag " + found + " before " + count + " " + what + ", expected " + tag);
        }
        return count;
    }

    private List<Dimension> dimensions() throws IOException {
        int count = list(DIMENSIONS, "dimensions", 8);
        List<Dimension> dimensions = new ArrayList<>();
        Set<String> names = new HashSet<>();
        boolean unlimited = false;
        for (int i = 0; i < count; i++) {
            long at = cursor.position();
            String name = cursor.name();
            long length = cursor.size("a dimension's length");
            if (length == 0 && unlimited) {
                throw FormatException.at(
                        path, at, "found a second unlimited dimension, " + name + ", expected at most one");
            }
            if (!names.add(name)) {
                throw FormatException.at(path, at, "found the dimension " + name + " twice, expected it once");
            }
            unlimited |= length == 0;
            dimensions.add(new Dimension(name, length, length == 0));
        }
        return dimensions;
    }

    private List<Attribute> attributes(int version) throws IOException {
        int count = list(ATTRIBUTES, "attributes", 12);
        List<Attribute> attributes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = cursor.name();
            NetcdfType type = type(version);
            int length = cursor.count("values of the attribute " + name, type.bytes());
            long bytes = (long) length * type.bytes();
            int kept = (int) Math.min(bytes, MAX_ATTRIBUTE);
            byte[] values = cursor.bytes(kept);
            cursor.skip(bytes - kept + (-bytes & 3));
            attributes.add(attribute(name, type, values));
        }
        return attributes;
    }

    private static Attribute attribute(String name, NetcdfType type, byte[] bytes) {
        if (type == NetcdfType.CHAR) {
            String text = new String(bytes, StandardCharsets.UTF_8);
            int end = text.length();
            while (end > 0 && text.charAt(end - 1) == 0) {
                end--;
            }
            return new Attribute(name, type, text.substring(0, end), List.of());
        }
        List<Number> numbers = new ArrayList<>();
        ByteBuffer values = ByteBuffer.wrap(bytes);
        while (values.hasRemaining()) {
            numbers.add(
                    switch (type) {
                        case BYTE -> (long) values.get();
                        case UBYTE -> (long) (values.get() & 0xff);
                        case SHORT -> (long) values.getShort();
                        case USHORT -> (long) (values.getShort() & 0xffff);
                        case INT -> (long) values.getInt();
                        case UINT -> values.getInt() & 0xffffffffL;
                        case INT64, UINT64 -> values.getLong();
                        case FLOAT -> (double) values.getFloat();
                        case DOUBLE -> values.getDouble();
                        case CHAR -> throw new AssertionError(type);
                    });
        }
        return new Attribute(name, type, "", numbers);
    }

    private NetcdfType type(int version) throws IOException {
        long at = cursor.position();
        int code = cursor.int32();
        return NetcdfType.of(code, version)
                .orElseThrow(() -> FormatException.at(
                        path,
                        at,
                        "found the type " + code + ", expected 1 to " + (version == 5 ? 11 : 6) + " in CDF-"
                                + version));
    }

    private List<Entry> entries(int version, List<Dimension> dimensions) throws IOException {
        int count = list(VARIABLES, "variables", 28);
        List<Entry> entries = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            long at = cursor.position();
            String name = cursor.name();
            if (!names.add(name)) {
                throw FormatException.at(path, at, "found the variable " + name + " twice, expected it once");
            }
            List<Integer> axes = axes(name, dimensions);
            List<Attribute> attributes = attributes(version);
            NetcdfType type = type(version);
            // The size that follows is redundant, and wrong for large variables: shape and type tell it.
            cursor.size("the size of " + name);
            long begin = version == 1 ? cursor.int32() & 0xffffffffL : cursor.int64();
            entries.add(new Entry(name, axes, attributes, type, begin));
        }
        return entries;
    }

    private List<Integer> axes(String name, List<Dimension> dimensions) throws IOException {
        int rank = cursor.count("dimensions of " + name, 4);
        List<Integer> axes = new ArrayList<>();
        for (int axis = 0; axis < rank; axis++) {
            long at = cursor.position();
            long number = cursor.size("the number of a dimension");
            if (number >= dimensions.size()) {
                throw FormatException.at(
                        path,
                        at,
                        "found dimension number " + number + " of the variable " + name + ", expected less than "
                                + dimensions.size());
            }
            if (axis > 0 && dimensions.get((int) number).unlimited()) {
                throw FormatException.at(
                        path,
                        at,
                        "found the unlimited dimension inside the variable " + name + ", expected it as the first");
            }
            axes.add((int) number);
        }
        return axes;
    }

    /** The bytes of a variable, or of one record of it. */
    private long bytes(Header header, Entry entry) {
        long bytes = entry.type().bytes();
        try {
            for (int axis = header.record(entry) ? 1 : 0;
                    axis < entry.dimensions().size();
                    axis++) {
                bytes = Math.multiplyExact(
                        bytes,
                        header.dimensions().get(entry.dimensions().get(axis)).length());
            }
            return Math.addExact(bytes, 3) - 3;
        } catch (ArithmeticException e) {
            throw FormatException.of(path, "found the variable " + entry.name() + " of 2^63 bytes or more");
        }
    }

    private long recordBytes(Header header) {
        long sum = 0;
        long only = 0;
        int count = 0;
        for (Entry entry : header.entries()) {
            if (header.record(entry)) {
                only = bytes(header, entry);
                count++;
                sum += only + (-only & 3);
                if (sum < 0) {
                    throw FormatException.of(path, "found records of 2^63 bytes or more");
                }
            }
        }
        // A single record variable has its records without padding.
        return count == 1 ? only : sum;
    }

    /** A writer that did not know the number of records left it to the file's size. */
    private long countRecords(Header header, long recordBytes) {
        long first = file.size();
        for (Entry entry : header.entries()) {
            first = header.record(entry) ? Math.min(first, entry.begin()) : first;
        }
        return recordBytes == 0 ? 0 : Math.max(0, file.size() - first) / recordBytes;
    }

    private void requireInFile(Header header, Entry entry) {
        long bytes = bytes(header, entry);
        long records = header.record(entry) ? header.extents(entry)[0] : 1;
        long size = file.size();
        boolean fits = entry.begin() >= cursor.position() && entry.begin() <= size;
        long before = 0;
        if (records > 0) {
            fits &= Math.multiplyHigh(records - 1, header.recordBytes()) == 0;
            before = header.record(entry) ? (records - 1) * header.recordBytes() : 0;
            fits &= before >= 0 && before <= size - entry.begin() && bytes <= size - entry.begin() - before;
        }
        if (!fits && records > 0) {
            throw FormatException.of(
                    path,
                    "found " + size + " bytes, expected the variable " + entry.name() + " to have "
                            + bytes
                            + (header.record(entry)
                                    ? " bytes in each of " + records + " records of " + header.recordBytes()
                                    : "")
                            + " bytes from byte " + entry.begin() + " on; the file is cut short or damaged");
        }
    }
}
