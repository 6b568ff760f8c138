package org.imbrex.kernels.loop;

import java.lang.foreign.ValueLayout;
import org.imbrex.kernels.element.Elements;

/**
 * Elements at absolute addresses, one method a dtype, for compiled loops to call: the interpreter and C1 then reach
 * compiled code after a few hundred elements of any kernel, and C2 inlines them.
 */
final class Memory {
    private Memory() {}

    static int bool(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_BYTE, address) != 0 ? 1 : 0;
    }

    static int i8(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    static int u8(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_BYTE, address) & 0xff;
    }

    static int i16(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
    }

    static int i32(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    static long i64(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    static float f32(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
    }

    static double f64(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, address);
    }

    static void put8(int value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_BYTE, address, (byte) value);
    }

    static void put16(int value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) value);
    }

    static void put32(int value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    static void put64(long value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    static void putF32(float value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
    }

    static void putF64(double value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, address, value);
    }
}
