package org.imbrex.kernels.type;

import java.util.Locale;
import java.util.Optional;
import org.imbrex.kernels.scalar.ScalarType;

/** An element type as stored in memory; {@code bool} is one byte, 0 or 1. */
public enum DType {
    BOOL(1, ScalarType.BOOL),
    I8(1, ScalarType.I32),
    I16(2, ScalarType.I32),
    I32(4, ScalarType.I32),
    I64(8, ScalarType.I64),
    U8(1, ScalarType.I32),
    F32(4, ScalarType.F32),
    F64(8, ScalarType.F64);

    private final int bytes;
    private final ScalarType scalar;

    DType(int bytes, ScalarType scalar) {
        this.bytes = bytes;
        this.scalar = scalar;
    }

    /** Size of one element in memory, in bytes. */
    public int bytes() {
        return bytes;
    }

    /** The type in which a kernel computes with elements of this dtype: narrow integers widen to i32. */
    public ScalarType scalar() {
        return scalar;
    }

    public boolean isFloat() {
        return this == F32 || this == F64;
    }

    public boolean isInteger() {
        return this != BOOL && !isFloat();
    }

    /** The name in expressions, options and files: {@code f32}, {@code i64}, {@code bool}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The dtype of that name, or empty. */
    public static Optional<DType> named(String text) {
        for (DType dtype : values()) {
            if (dtype.text().equals(text)) {
                return Optional.of(dtype);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return text();
    }
}
