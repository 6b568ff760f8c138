package org.imbrex.kernels.scalar;

/** The type of a value inside a kernel. */
public enum ScalarType {
    BOOL(1),
    I32(4),
    I64(8),
    F32(4),
    F64(8);

    private final int bytes;

    ScalarType(int bytes) {
        this.bytes = bytes;
    }

    public int bytes() {
        return bytes;
    }

    public boolean isFloat() {
        return this == F32 || this == F64;
    }

    public boolean isInteger() {
        return this == I32 || this == I64;
    }

    /** The integer type of the same width; BOOL has none. */
    public ScalarType bits() {
        return switch (this) {
            case F32, I32 -> I32;
            case F64, I64 -> I64;
            case BOOL -> throw new IllegalArgumentException("bool has no bits type");
        };
    }
}
