package org.imbrex.kernels.contract;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;

/** Reads the little-endian NPY files (version 1) of the golden cases. */
final class Npy {
    private static final Pattern HEADER = Pattern.compile(
            "\\{'descr': '[<|]([a-z]\\d)', 'fortran_order': (True|False), 'shape': \\(([^)]*)\\), \\}\\s*");

    private Npy() {}

    static Values read(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int length = bytes.getShort(8);
        Matcher header = HEADER.matcher(new String(file, 10, length, StandardCharsets.US_ASCII));
        if (bytes.getInt(0) != 0x4d554e93 || !header.matches()) {
            throw new IllegalArgumentException("found no NPY header");
        }
        DType dtype = dtype(header.group(1));
        long[] extents = Arrays.stream(header.group(3).split(",", -1))
                .map(String::strip)
                .filter(extent -> !extent.isEmpty())
                .mapToLong(Long::parseLong)
                .toArray();
        Shape shape = new Shape(extents);
        long[] strides = header.group(2).equals("True") ? reversed(extents) : shape.strides();
        long[] bits = new long[Math.toIntExact(shape.elements())];
        long[] rowMajor = shape.strides();
        for (int i = 0; i < bits.length; i++) {
            long element = 0;
            for (int axis = 0; axis < extents.length; axis++) {
                element += i / rowMajor[axis] % extents[axis] * strides[axis];
            }
            bits[i] = element(bytes, 10 + length + (int) element * dtype.bytes(), dtype);
        }
        return new Values(new ArrayType(dtype, shape), bits);
    }

    private static long[] reversed(long[] extents) {
        long[] strides = new long[extents.length];
        long stride = 1;
        for (int axis = 0; axis < extents.length; axis++) {
            strides[axis] = stride;
            stride *= extents[axis];
        }
        return strides;
    }

    private static DType dtype(String descr) {
        return switch (descr) {
            case "b1" -> DType.BOOL;
            case "i1" -> DType.I8;
            case "i2" -> DType.I16;
            case "i4" -> DType.I32;
            case "i8" -> DType.I64;
            case "u1" -> DType.U8;
            case "f4" -> DType.F32;
            case "f8" -> DType.F64;
            default -> throw new IllegalArgumentException("found the dtype " + descr);
        };
    }

    private static long element(ByteBuffer bytes, int at, DType dtype) {
        return switch (dtype) {
            case BOOL, I8 -> bytes.get(at);
            case U8 -> bytes.get(at) & 0xff;
            case I16 -> bytes.getShort(at);
            case I32, F32 -> bytes.getInt(at);
            case I64, F64 -> bytes.getLong(at);
        };
    }
}
