package org.imbrex.kernels.opencl;

import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.type.DType;

/** C text in the making, indented by its braces. */
public final class SourceText {
    private final StringBuilder text = new StringBuilder();
    private int depth;

    /** One line, with {@link String#formatted}'s arguments. */
    public void line(String line, Object... args) {
        text.append("    ".repeat(depth)).append(args.length == 0 ? line : line.formatted(args)).append('\n');
    }

    /** A line that ends in an opening brace; what follows is indented. */
    public void open(String line, Object... args) {
        line(line.isEmpty() ? "{" : line + " {", args);
        depth++;
    }

    public void close() {
        depth--;
        line("}");
    }

    @Override
    public String toString() {
        return text.toString();
    }

    /** The C type of a value in a kernel; a bool is an int, 0 or 1. */
    public static String type(ScalarType type) {
        return switch (type) {
            case BOOL, I32 -> "int";
            case I64 -> "long";
            case F32 -> "float";
            case F64 -> "double";
        };
    }

    /** The C type of an element in memory. */
    public static String type(DType dtype) {
        return switch (dtype) {
            case BOOL, U8 -> "uchar";
            case I8 -> "char";
            case I16 -> "short";
            case I32 -> "int";
            case I64 -> "long";
            case F32 -> "float";
            case F64 -> "double";
        };
    }

    /** The value of an element that has been read. */
    public static String loaded(DType dtype, String element) {
        return dtype == DType.BOOL ? "(" + element + " != 0)" : element;
    }

    /** The element that stores a value: the low bits. */
    public static String stored(DType dtype, String value) {
        return switch (dtype) {
            case BOOL, U8, I8, I16 -> "(" + type(dtype) + ")" + value;
            default -> value;
        };
    }

    /** A constant by its raw bits: decimal, hexadecimal float, or bits where C has no other way to say it. */
    public static String constant(ScalarType type, long bits) {
        return switch (type) {
            case BOOL -> bits == 0 ? "0" : "1";
            case I32 -> (int) bits == Integer.MIN_VALUE ? "(-2147483647 - 1)" : bracketed((int) bits, "");
            case I64 -> bits == Long.MIN_VALUE ? "(-9223372036854775807L - 1L)" : bracketed(bits, "L");
            case F32 -> {
                float value = Float.intBitsToFloat((int) bits);
                yield Float.isFinite(value)
                        ? "(" + Float.toHexString(value) + "f)"
                        : "as_float(0x%08xu)".formatted((int) bits);
            }
            case F64 -> {
                double value = Double.longBitsToDouble(bits);
                yield Double.isFinite(value)
                        ? "(" + Double.toHexString(value) + ")"
                        : "as_double(0x%016xUL)".formatted(bits);
            }
        };
    }

    private static String bracketed(long value, String suffix) {
        return value < 0 ? "(" + value + suffix + ")" : value + suffix;
    }
}
