package org.imbrex.host.format.file;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Locale;
import org.imbrex.kernels.type.DType;

/** The element types found in files, and the dtype that holds each without loss. */
public enum StoredType {
    BOOL(1, DType.BOOL),
    I8(1, DType.I8),
    I16(2, DType.I16),
    I32(4, DType.I32),
    I64(8, DType.I64),
    U8(1, DType.U8),
    U16(2, DType.I32),
    U32(4, DType.I64),
    F16(2, DType.F32),
    F32(4, DType.F32),
    F64(8, DType.F64);

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private final int bytes;
    private final DType dtype;

    StoredType(int bytes, DType dtype) {
        this.bytes = bytes;
        this.dtype = dtype;
    }

    /** The stored type that has exactly a dtype's elements. */
    public static StoredType of(DType dtype) {
        return valueOf(dtype.name());
    }

    /** Size of one stored element, in bytes. */
    public int bytes() {
        return bytes;
    }

    public DType dtype() {
        return dtype;
    }

    /** The name in messages: {@code u16}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a file's bytes are the elements: a stored bool may be any byte, so it is not. */
    public boolean direct(ByteOrder order) {
        return bytes == dtype.bytes() && this != BOOL && (bytes == 1 || order == ByteOrder.nativeOrder());
    }

    public Decoder decoder(ByteOrder order) {
        return new Plain(this, order);
    }

    private record Plain(StoredType stored, ByteOrder order) implements Decoder {
        @Override
        public DType dtype() {
            return stored.dtype;
        }

        @Override
        public int storedBytes() {
            return stored.bytes;
        }

        @Override
        public void decode(MemorySegment from, MemorySegment into, long count) {
            if (stored.bytes == stored.dtype.bytes() && stored != BOOL) {
                stored.move(from, into, count, order);
                return;
            }
            stored.toNative(from, count, order);
            switch (stored) {
                case BOOL -> {
                    for (long i = 0; i < count; i++) {
                        into.set(ValueLayout.JAVA_BYTE, i, (byte) (from.get(ValueLayout.JAVA_BYTE, i) != 0 ? 1 : 0));
                    }
                }
                case U16 -> {
                    for (long i = 0; i < count; i++) {
                        into.set(INT, i << 2, from.get(SHORT, i << 1) & 0xffff);
                    }
                }
                case U32 -> {
                    for (long i = 0; i < count; i++) {
                        into.set(LONG, i << 3, from.get(INT, i << 2) & 0xffffffffL);
                    }
                }
                case F16 -> {
                    for (long i = 0; i < count; i++) {
                        into.set(FLOAT, i << 2, Float.float16ToFloat(from.get(SHORT, i << 1)));
                    }
                }
                default -> throw new AssertionError(stored);
            }
        }
    }

    /** Puts values as stored into native order where they lie. */
    public void toNative(MemorySegment values, long count, ByteOrder order) {
        if (bytes > 1 && order != ByteOrder.nativeOrder()) {
            move(values, values, count, order);
        }
    }

    /** Copies values as stored into native order; both segments may be one. */
    private void move(MemorySegment from, MemorySegment into, long count, ByteOrder order) {
        ValueLayout layout = switch (bytes) {
            case 1 -> ValueLayout.JAVA_BYTE;
            case 2 -> SHORT;
            case 4 -> INT;
            default -> LONG;
        };
        MemorySegment.copy(from, layout.withOrder(order), 0, into, layout, 0, count);
    }
}
