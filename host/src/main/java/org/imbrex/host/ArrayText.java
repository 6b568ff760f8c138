package org.imbrex.host;

import java.math.BigDecimal;
import java.math.MathContext;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;

/**
 * Arrays as text, in NumPy's way: brackets for axes, columns aligned, the middle of long axes left out, and digits beyond
 * the ninth too. A scalar has all its digits.
 */
final class ArrayText {
    /** From so many elements on, axes are cut. */
    private static final long LONG = 1000;
    /** What is shown at each end of an axis that is cut. */
    private static final long EDGE = 3;

    private static final MathContext SHOWN = new MathContext(9);

    private final Array array;
    private final boolean cut;
    private int width;

    private ArrayText(Array array) {
        this.array = array;
        this.cut = array.elements() > LONG;
    }

    static String of(Array array) {
        return new ArrayText(array).text();
    }

    private String text() {
        Shape shape = array.shape();
        if (shape.elements() == 0) {
            return "[] " + array.type();
        }
        long[] index = new long[shape.rank()];
        measure(index, 0);
        StringBuilder text = new StringBuilder();
        append(text, index, 0);
        return text.append(' ').append(array.type()).toString();
    }

    private void measure(long[] index, int axis) {
        if (axis == index.length) {
            width = Math.max(width, element(index).length());
            return;
        }
        long extent = array.shape().extent(axis);
        for (long i = 0; i < extent; i = next(i, extent)) {
            index[axis] = i;
            measure(index, axis + 1);
        }
    }

    private void append(StringBuilder text, long[] index, int axis) {
        if (axis == index.length) {
            String element = element(index);
            text.repeat(' ', index.length == 0 ? 0 : width - element.length()).append(element);
            return;
        }
        boolean innermost = axis == index.length - 1;
        long extent = array.shape().extent(axis);
        text.append('[');
        for (long i = 0; i < extent; i = next(i, extent)) {
            if (i > 0) {
                text.append(innermost ? " " : "\n".repeat(index.length - 1 - axis) + " ".repeat(axis + 1));
            }
            if (cut && extent > 2 * EDGE && i == extent - EDGE) {
                text.append(innermost ? "... " : "...\n" + " ".repeat(axis + 1));
            }
            index[axis] = i;
            append(text, index, axis + 1);
        }
        text.append(']');
    }

    private long next(long i, long extent) {
        return cut && extent > 2 * EDGE && i == EDGE - 1 ? extent - EDGE : i + 1;
    }

    private String element(long[] index) {
        DType dtype = array.dtype();
        if (dtype == DType.BOOL) {
            return array.getLong(index) != 0 ? "true" : "false";
        }
        if (!dtype.isFloat()) {
            return Long.toString(array.getLong(index));
        }
        double value = array.getDouble(index);
        return number(dtype, dtype == DType.F64 && index.length > 0 && Double.isFinite(value) ? rounded(value) : value);
    }

    private static double rounded(double value) {
        return new BigDecimal(value).round(SHOWN).doubleValue();
    }

    /** The shortest text that reads back as the same element. */
    static String number(DType dtype, double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        String text = dtype == DType.F32 ? Float.toString((float) value) : Double.toString(value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 1) : text.replace(".0E", "e").replace('E', 'e');
    }
}
