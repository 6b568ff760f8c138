package org.imbrex.kernels.loop;

import java.lang.foreign.ValueLayout;
import org.imbrex.kernels.element.Elements;

/**
 * Elements at absolute addresses, one method a dtype, for compiled loops to call: the interpreter and C1 then reach
 * compiled code after a few hundred elements of any kernel, and C2 inlines them.
 */
public final class Memory {
    private Memory() {}

    public static int bool(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_BYTE, address) != 0 ? 1 : 0;
    }

    public static int i8(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    public static int u8(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_BYTE, address) & 0xff;
    }

    public static int i16(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
    }

    public static int i32(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    public static long i64(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    public static float f32(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
    }

    public static double f64(long address) {
        return Elements.ALL.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, address);
    }

    public static void put8(int value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_BYTE, address, (byte) value);
    }

    public static void put16(int value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) value);
    }

    public static void put32(int value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    public static void put64(long value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    public static void putF32(float value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
    }

    public static void putF64(double value, long address) {
        Elements.ALL.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, address, value);
    }
}
