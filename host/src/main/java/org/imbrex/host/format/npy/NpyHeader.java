package org.imbrex.host.format.npy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.host.format.Fact;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.file.Bytes;
import org.imbrex.host.format.file.Sizes;
import org.imbrex.host.format.file.StoredType;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.Shape;

/**
 * What stands before the elements of an NPY file.
 *
 * @param major the format's version, 1 to 3
 * @param bytes the header's size: where the elements start
 */
public record NpyHeader(int major, StoredType stored, ByteOrder order, boolean fortran, Shape shape, long bytes) {
    /** NumPy's own headers of plain arrays have at most a few hundred bytes. */
    private static final int MAX_BYTES = 64 << 10;

    private static final int ALIGNMENT = 64;

    /**
     * Reads and checks the header of the array that fills these bytes.
     *
     * @param file whom to name in errors
     * @param member what to put before a problem: empty, or the member of an archive
     */
    public static NpyHeader read(Path file, String member, Bytes bytes) throws IOException {
        long size = bytes.size();
        if (size < 10) {
            throw FormatException.of(file, member + "found " + size + " bytes, expected an NPY header of at least 10");
        }
        byte[] start = bytes.read(0, (int) Math.min(12, size));
        if ((start[0] & 0xff) != 0x93 || !new String(start, 1, 5, StandardCharsets.ISO_8859_1).equals("NUMPY")) {
            throw FormatException.of(file, member + "found no NPY signature, expected \\x93NUMPY at the start");
        }
        int major = start[6] & 0xff;
        if (major < 1 || major > 3 || start[7] != 0) {
            throw FormatException.at(
                    file, 6, member + "found NPY version " + major + "." + (start[7] & 0xff) + ", expected 1.0 to 3.0");
        }
        int prefix = major == 1 ? 10 : 12;
        long length = (start[8] & 0xff) | (start[9] & 0xff) << 8;
        if (major > 1 && size >= prefix) {
            length |= (start[10] & 0xffL) << 16 | (start[11] & 0xffL) << 24;
        }
        if (length > MAX_BYTES) {
            throw FormatException.at(
                    file, 8, member + "found a header of " + length + " bytes, expected at most " + MAX_BYTES);
        }
        if (prefix + length > size) {
            throw FormatException.at(
                    file,
                    8,
                    member + "found " + size + " bytes, expected a header of " + (prefix + length)
                            + "; is it cut short?");
        }
        String text = new String(
                bytes.read(prefix, (int) length), major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        return new NpyDictionary(file, member, prefix, text).header(major, prefix + length);
    }

    public ArrayType type() {
        return new ArrayType(stored.dtype(), shape);
    }

    /** The size of the elements as stored. */
    public long dataBytes(Path file) {
        return Sizes.bytes(file, shape, stored.bytes());
    }

    /** @throws FormatException where the bytes are not exactly header and elements */
    public void requireSize(Path file, String member, long size) {
        long expected = bytes + dataBytes(file);
        if (expected < 0 || size < expected) {
            throw FormatException.of(
                    file,
                    member + "found " + (size - bytes) + " bytes of elements, expected " + dataBytes(file) + " for "
                            + stored.text() + shape + "; the file is cut short");
        }
        if (size > expected) {
            throw FormatException.of(
                    file,
                    member + "found " + (size - expected) + " bytes behind the elements, expected "
                            + dataBytes(file) + " bytes of elements for " + stored.text() + shape
                            + " and the end; several arrays go into an .npz file");
        }
    }

    /** The strides of the flat buffer, in elements. */
    public long[] strides() {
        if (!fortran) {
            return shape.strides();
        }
        long[] strides = new long[shape.rank()];
        long stride = 1;
        for (int axis = 0; axis < strides.length; axis++) {
            strides[axis] = stride;
            stride *= shape.extent(axis);
        }
        return strides;
    }

    public List<Fact> facts() {
        List<Fact> facts = new ArrayList<>();
        if (stored.bytes() > 1) {
            facts.add(new Fact("byte order", order == ByteOrder.LITTLE_ENDIAN ? "little" : "big"));
        }
        facts.add(new Fact("memory order", fortran ? "Fortran (columns)" : "C (rows)"));
        if (!stored.text().equals(stored.dtype().text())) {
            facts.add(new Fact("stored as", stored.text() + ", read as " + stored.dtype()));
        }
        return facts;
    }

    /** The bytes of a header before elements in native order, C order, padded as NumPy pads them. */
    public static byte[] write(ArrayType type) {
        StringBuilder text =
                new StringBuilder("{'descr': '").append(descr(type)).append("', 'fortran_order': False, 'shape': (");
        Shape shape = type.shape();
        for (int axis = 0; axis < shape.rank(); axis++) {
            text.append(axis == 0 ? "" : " ").append(shape.extent(axis));
            text.append(axis < shape.rank() - 1 || shape.rank() == 1 ? "," : "");
        }
        text.append("), }");
        int bytes = Math.ceilDiv(10 + text.length() + 1, ALIGNMENT) * ALIGNMENT;
        text.repeat(" ", bytes - 10 - text.length() - 1).append('\n');
        byte[] header = new byte[bytes];
        byte[] start = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) (bytes - 10), (byte) (bytes - 10 >> 8)};
        System.arraycopy(start, 0, header, 0, 10);
        System.arraycopy(text.toString().getBytes(StandardCharsets.ISO_8859_1), 0, header, 10, bytes - 10);
        return header;
    }

    private static String descr(ArrayType type) {
        String order = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? "<" : ">";
        return switch (type.dtype()) {
            case BOOL -> "|b1";
            case I8 -> "|i1";
            case U8 -> "|u1";
            case I16 -> order + "i2";
            case I32 -> order + "i4";
            case I64 -> order + "i8";
            case F32 -> order + "f4";
            case F64 -> order + "f8";
        };
    }
}
