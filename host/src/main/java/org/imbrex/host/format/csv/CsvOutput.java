package org.imbrex.host.format.csv;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.OutputFile;
import org.imbrex.host.format.file.Target;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Sink;

/**
 * A table being written: a scalar is one cell, a vector one column, a matrix its rows. Floats are written as the
 * shortest decimals that read back as the same, NaN as NaN, bool as 0 and 1.
 */
public final class CsvOutput implements OutputFile, Sink.Chunked {
    private static final int BUFFER_BYTES = 1 << 20;

    /** More than any number takes. */
    private static final int MAX_CELL = 32;

    private final Target target;
    private final DType dtype;
    private final long elements;
    private final long width;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final byte[] digits = new byte[MAX_CELL];
    private int filled;
    private long flushed;
    private long next;

    private CsvOutput(Target target, ArrayType type, long width) {
        this.target = target;
        this.dtype = type.dtype();
        this.elements = type.shape().elements();
        this.width = width;
    }

    /** @param columns the header; empty for none */
    public static CsvOutput create(Path file, ArrayType type, List<String> columns) throws IOException {
        Shape shape = type.shape();
        if (shape.rank() > 2) {
            throw FormatException.of(
                    file,
                    "found an array of shape " + shape + ", expected at most two axes for CSV; reshape it,"
                            + " or write .npy");
        }
        long width = shape.rank() == 2 ? shape.extent(1) : 1;
        if (width == 0) {
            throw FormatException.of(
                    file, "found an array of shape " + shape + ", expected a column or more for CSV; write .npy");
        }
        if (!columns.isEmpty() && columns.size() != width) {
            throw FormatException.of(
                    file, "found " + columns.size() + " column names, expected " + width + " for the shape " + shape);
        }
        Target target = Target.open(file, 0);
        try {
            CsvOutput output = new CsvOutput(target, type, width);
            output.header(columns);
            return output;
        } catch (IOException | RuntimeException e) {
            target.close();
            throw e;
        }
    }

    private void header(List<String> columns) throws IOException {
        if (columns.isEmpty()) {
            return;
        }
        StringJoiner line = new StringJoiner(",", "", "\n");
        for (String column : columns) {
            boolean plain = column.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
            line.add(plain ? column : '"' + column.replace("\"", "\"\"") + '"');
        }
        byte[] bytes = line.toString().getBytes(StandardCharsets.UTF_8);
        target.write(0, ByteBuffer.wrap(bytes));
        flushed = bytes.length;
    }

    @Override
    public Path path() {
        return target.path();
    }

    @Override
    public Sink sink() {
        return this;
    }

    @Override
    public Sink sink(String name) {
        return this;
    }

    @Override
    public boolean ordered() {
        return true;
    }

    @Override
    public synchronized void write(long first, long count, MemorySegment from) {
        Objects.checkFromIndexSize(first, count, elements);
        if (first != next) {
            throw new IllegalStateException(
                    path() + ": found element " + first + ", expected " + next + ": text is written in order");
        }
        try {
            for (long i = 0; i < count; i++) {
                if (filled > BUFFER_BYTES - MAX_CELL) {
                    flush();
                }
                cell(from, i);
                buffer[filled++] = (byte) ((next + i + 1) % width == 0 ? '\n' : ',');
            }
            next += count;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void cell(MemorySegment from, long i) {
        switch (dtype) {
            case BOOL -> put(from.get(ValueLayout.JAVA_BYTE, i) != 0 ? 1 : 0);
            case I8 -> put(from.get(ValueLayout.JAVA_BYTE, i));
            case U8 -> put(from.get(ValueLayout.JAVA_BYTE, i) & 0xff);
            case I16 -> put(from.get(ValueLayout.JAVA_SHORT_UNALIGNED, i << 1));
            case I32 -> put(from.get(ValueLayout.JAVA_INT_UNALIGNED, i << 2));
            case I64 -> put(from.get(ValueLayout.JAVA_LONG_UNALIGNED, i << 3));
            case F32 -> put(Float.toString(from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, i << 2)));
            case F64 -> put(Double.toString(from.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, i << 3)));
        }
    }

    /** Java's shortest decimal, with the spellings that other readers know: e for E, inf for Infinity. */
    private void put(String decimal) {
        int length = decimal.length();
        if (decimal.endsWith("Infinity")) {
            length -= "inity".length();
        }
        for (int i = 0; i < length; i++) {
            char c = decimal.charAt(i);
            buffer[filled++] = (byte) (c == 'E' ? 'e' : c == 'I' ? 'i' : c);
        }
    }

    private void put(long value) {
        // Counted down from zero, where the least long has no opposite.
        int at = digits.length;
        long rest = value > 0 ? -value : value;
        do {
            digits[--at] = (byte) ('0' - rest % 10);
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            digits[--at] = '-';
        }
        System.arraycopy(digits, at, buffer, filled, digits.length - at);
        filled += digits.length - at;
    }

    private void flush() throws IOException {
        target.write(flushed, ByteBuffer.wrap(buffer, 0, filled));
        flushed += filled;
        filled = 0;
    }

    @Override
    public synchronized void commit() throws IOException {
        if (next != elements) {
            throw new IllegalStateException(
                    path() + ": element " + next + " of " + elements + " was not written; nothing is put in place");
        }
        flush();
        target.commit();
    }

    @Override
    public void close() {
        target.close();
    }
}
