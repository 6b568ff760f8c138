package org.imbrex.kernels.element;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.type.DType;

/** Elements at absolute addresses, in native byte order, aligned or not. */
public final class Elements {
    /** All of the address space: a constant, so that compiled code checks neither session nor bounds. */
    public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private Elements() {}

    /** The element's raw bits in the dtype's scalar type. */
    public static long read(DType dtype, long address) {
        return switch (dtype) {
            case BOOL -> ALL.get(ValueLayout.JAVA_BYTE, address) != 0 ? 1 : 0;
            case I8 -> ALL.get(ValueLayout.JAVA_BYTE, address);
            case U8 -> ALL.get(ValueLayout.JAVA_BYTE, address) & 0xff;
            case I16 -> ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
            case I32, F32 -> ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
            case I64, F64 -> ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
        };
    }

    /** Writes the low bits. */
    public static void write(DType dtype, long address, long bits) {
        switch (dtype) {
            case BOOL, I8, U8 -> ALL.set(ValueLayout.JAVA_BYTE, address, (byte) bits);
            case I16 -> ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) bits);
            case I32, F32 -> ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, (int) bits);
            case I64, F64 -> ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, bits);
        }
    }

    /** The dtype that stores all bits of a scalar type: what accumulators are handed over in. */
    public static DType dense(ScalarType type) {
        return switch (type) {
            case BOOL -> DType.BOOL;
            case I32 -> DType.I32;
            case I64 -> DType.I64;
            case F32 -> DType.F32;
            case F64 -> DType.F64;
        };
    }
}
