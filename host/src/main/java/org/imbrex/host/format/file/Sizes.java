package org.imbrex.host.format.file;

import java.nio.file.Path;
import org.imbrex.host.format.FormatException;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;

/** Shapes and sizes that a file claims, checked before anything is allocated or mapped. */
public final class Sizes {

    private Sizes() {}

    /** The shape, where its rank and its number of elements are ones that Imbrex has. */
    public static Shape shape(Path file, long... extents) {
        try {
            return new Shape(extents);
        } catch (ShapeException e) {
            throw FormatException.of(file, e.getMessage());
        }
    }

    /** The bytes of so many elements. */
    public static long bytes(Path file, Shape shape, int elementBytes) {
        long bytes = shape.elements() * elementBytes;
        if (Math.multiplyHigh(shape.elements(), elementBytes) != 0 || bytes < 0) {
            throw FormatException.of(
                    file,
                    "found the shape " + shape + " of " + elementBytes
                            + "-byte elements, expected fewer than 2^63 bytes");
        }
        return bytes;
    }

    /** The bytes of an array. */
    public static long of(Path file, ArrayType type) {
        return bytes(file, type.shape(), type.dtype().bytes());
    }

    /** A number of bytes as people read it: {@code 5.2 MiB}. */
    public static String text(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        double value = bytes / 1024.0;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        long tenths = Math.round(value * 10);
        return tenths / 10 + "." + tenths % 10 + " " + units[unit];
    }
}
