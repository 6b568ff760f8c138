package org.imbrex.host.format.csv;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.file.FileBytes;

/**
 * A file scanned once from end to end: how many rows, what each column holds, and where rows start. The numbers are
 * kept as they are parsed as long as they fit the memory; beyond it they are parsed again when they are needed.
 */
final class Table implements AutoCloseable {
    static final int BUFFER_BYTES = 1 << 20;
    private static final int BLOCK_BYTES = 1 << 20;
    private static final int MAX_MARKS = 1 << 20;

    private final Dialect dialect;
    private final Column[] columns;
    private final int[] slots;
    private final int kept;
    private final long memoryBytes;
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> blocks = new ArrayList<>();
    private final int blockRows;
    private boolean whole = true;
    private long rows;

    /** The position and the line of every {@link #markRows}th row. */
    private long[] positions = new long[64];

    private long[] lines = new long[64];
    private long markRows = 256;

    private Table(Dialect dialect, long memoryBytes) {
        this.dialect = dialect;
        this.memoryBytes = memoryBytes;
        this.columns = new Column[dialect.columns().size()];
        this.slots = new int[columns.length];
        int count = 0;
        for (int i = 0; i < columns.length; i++) {
            columns[i] = new Column(dialect.columns().get(i), dialect.text().get(i));
            slots[i] = columns[i].skipped() ? -1 : count++;
        }
        this.kept = count;
        this.blockRows = Math.max(1, BLOCK_BYTES / (Math.max(1, count) * Double.BYTES));
    }

    static Table scan(FileBytes file, Dialect dialect, long memoryBytes) throws IOException {
        Table table = new Table(dialect, memoryBytes);
        try {
            table.scan(file);
            return table;
        } catch (IOException | RuntimeException | Error e) {
            table.close();
            throw e;
        }
    }

    private void scan(FileBytes file) throws IOException {
        int buffer = Math.clamp(file.size() - dialect.position(), 64, BUFFER_BYTES);
        Records records = new Records(file, dialect.delimiter(), dialect.position(), dialect.line(), buffer);
        Row row = new Row(file.path(), columns, slots);
        long blockRow = blockRows;
        while (records.next()) {
            if (rows % markRows == 0) {
                mark(records);
            }
            row.parse(records);
            if (whole) {
                if (blockRow == blockRows) {
                    grow(file.size() - records.position());
                    blockRow = 0;
                }
                if (whole) {
                    MemorySegment.copy(
                            row.values(),
                            0,
                            blocks.getLast(),
                            ValueLayout.JAVA_DOUBLE,
                            blockRow * kept * Double.BYTES,
                            kept);
                    blockRow++;
                }
            }
            rows++;
        }
    }

    /** One more block; the first is no larger than a short file needs. */
    private void grow(long bytesLeft) {
        long size = (long) blockRows * kept * Double.BYTES;
        if ((blocks.size() + 1) * size > memoryBytes && (blocks.size() + 1) * size > BLOCK_BYTES) {
            whole = false;
            blocks.clear();
            arena.close();
            return;
        }
        // A row takes at least a byte a cell, its delimiter or line end, the last row excepted.
        long most = (bytesLeft / columns.length + 1) * kept * Double.BYTES;
        blocks.add(arena.allocate(Math.min(size, most), Double.BYTES));
    }

    private void mark(Records records) {
        int at = (int) (rows / markRows);
        if (at == MAX_MARKS) {
            for (int i = 0; i < MAX_MARKS / 2; i++) {
                positions[i] = positions[2 * i];
                lines[i] = lines[2 * i];
            }
            markRows *= 2;
            at = (int) (rows / markRows);
        }
        if (at == positions.length) {
            positions = Arrays.copyOf(positions, 2 * at);
            lines = Arrays.copyOf(lines, 2 * at);
        }
        positions[at] = records.position();
        lines[at] = records.line();
    }

    Dialect dialect() {
        return dialect;
    }

    long rows() {
        return rows;
    }

    List<Column> columns() {
        return Collections.unmodifiableList(Arrays.asList(columns));
    }

    /** Whether all numbers are in memory. */
    boolean whole() {
        return whole;
    }

    /** Copies columns from memory, side by side. */
    void copy(int[] chosen, MemorySegment into) {
        int width = chosen.length;
        boolean all = width == kept;
        for (int j = 0; j < width; j++) {
            all &= slots[chosen[j]] == j;
        }
        for (long row = 0; row < rows; row += blockRows) {
            MemorySegment block = blocks.get((int) (row / blockRows));
            long count = Math.min(blockRows, rows - row);
            if (all) {
                MemorySegment.copy(block, 0, into, row * width * Double.BYTES, count * width * Double.BYTES);
                continue;
            }
            for (int j = 0; j < width; j++) {
                copy(block, slots[chosen[j]], into, row * width + j, width, count);
            }
        }
    }

    private void copy(MemorySegment block, long slot, MemorySegment into, long first, long stride, long count) {
        for (long i = 0; i < count; i++) {
            double value = block.getAtIndex(ValueLayout.JAVA_DOUBLE, i * kept + slot);
            into.setAtIndex(ValueLayout.JAVA_DOUBLE, first + i * stride, value);
        }
    }

    /** Parses some rows of the chosen columns again. */
    void read(FileBytes file, int[] chosen, long first, long count, MemorySegment into) throws IOException {
        int width = chosen.length;
        int[] places = new int[columns.length];
        Arrays.fill(places, -1);
        Column[] seen = new Column[columns.length];
        for (int i = 0; i < columns.length; i++) {
            seen[i] = new Column(columns[i].name(), false);
        }
        for (int j = 0; j < width; j++) {
            places[chosen[j]] = j;
        }
        Row row = new Row(file.path(), seen, places);
        long at = first / width;
        int mark = (int) (at / markRows);
        Records records = new Records(file, dialect.delimiter(), positions[mark], lines[mark], BUFFER_BYTES);
        for (long skip = at - mark * markRows; skip > 0; skip--) {
            require(file.path(), records.next());
        }
        int column = (int) (first % width);
        for (long done = 0; done < count; column = 0) {
            require(file.path(), records.next());
            row.parse(records);
            int now = (int) Math.min(width - column, count - done);
            MemorySegment.copy(row.values(), column, into, ValueLayout.JAVA_DOUBLE_UNALIGNED, done * Double.BYTES, now);
            done += now;
        }
        for (Column parsed : seen) {
            if (parsed.textLine() > 0) {
                throw FormatException.atLine(file.path(), parsed.textLine(), parsed.problem());
            }
        }
    }

    private void require(Path file, boolean found) {
        if (!found) {
            throw FormatException.of(
                    file, "found fewer rows than the " + rows + " at first; was it changed while in use?");
        }
    }

    @Override
    public void close() {
        if (whole) {
            whole = false;
            arena.close();
        }
    }
}
