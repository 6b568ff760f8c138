package org.imbrex.host.format;

import java.nio.ByteOrder;
import org.imbrex.kernels.type.ArrayType;

/**
 * How to read a file.
 *
 * @param layout as the file tells it, or raw bytes whatever the file's name
 * @param memoryBytes the most memory that inflated or parsed elements of one array may take; beyond it they go to a
 *     temporary file (npz) or are parsed again as tiles need them (csv)
 */
public record ReadOptions(Layout layout, long memoryBytes) {

    public static final ReadOptions DEFAULT = new ReadOptions(new Layout.Told(), 64 << 20);

    /** Where the type of the elements comes from. */
    public sealed interface Layout {
        /** From the file: by its suffix, or by its first bytes where the suffix says nothing. */
        record Told() implements Layout {}

        /**
         * From the user: a flat C-contiguous array of that type.
         *
         * @param offset of the first element, in bytes
         */
        record Raw(ArrayType type, long offset, ByteOrder order) implements Layout {}
    }

    /** Reads the file's bytes from the offset on as one array of that type. */
    public static ReadOptions raw(ArrayType type, long offset, ByteOrder order) {
        return new ReadOptions(new Layout.Raw(type, offset, order), DEFAULT.memoryBytes);
    }
}
