package org.imbrex.host.format.csv;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.imbrex.host.format.Fact;
import org.imbrex.host.format.FileFormat;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.StoredArray;
import org.imbrex.host.format.StoredFile;
import org.imbrex.host.format.Variable;
import org.imbrex.host.format.file.Choice;
import org.imbrex.host.format.file.FileBytes;
import org.imbrex.host.format.file.Sizes;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Pages;
import org.imbrex.runtime.memory.Source;

/** A table of numbers as text: each column a variable, all numeric ones together a matrix of float64. */
public final class CsvFile implements StoredFile {
    private final FileBytes file;
    private final Table table;
    private final List<Variable> variables = new ArrayList<>();

    private CsvFile(FileBytes file, Table table) {
        this.file = file;
        this.table = table;
        Shape shape = Shape.of(table.rows());
        for (Column column : table.columns()) {
            List<Fact> facts = new ArrayList<>();
            if (column.numeric()) {
                if (column.missingCells() > 0) {
                    facts.add(new Fact("missing", column.missingCells() + " cells, read as NaN"));
                }
                variables.add(Variable.of(column.name(), new ArrayType(DType.F64, shape), List.of(), facts));
            } else {
                facts.add(new Fact(
                        "not read", column.text() ? "text" : "line " + column.textLine() + ", " + column.problem()));
                variables.add(Variable.unread(column.name(), List.of(), facts));
            }
        }
    }

    public static CsvFile open(FileBytes file, long memoryBytes) throws IOException {
        Dialect dialect = Dialect.guess(file);
        if (dialect.columns().isEmpty()) {
            throw FormatException.of(file.path(), "found only blank lines, expected a table");
        }
        return new CsvFile(file, Table.scan(file, dialect, memoryBytes));
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public FileFormat format() {
        return FileFormat.CSV;
    }

    @Override
    public List<Fact> facts() {
        Dialect dialect = table.dialect();
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("format", "CSV, delimiter " + dialect.delimiterText()));
        facts.add(new Fact("size", Sizes.text(file.size())));
        facts.add(new Fact("rows", Long.toString(table.rows())));
        facts.add(new Fact(
                "header", dialect.header() ? "the first line names the columns" : "none: columns are numbered from 0"));
        long numeric = table.columns().stream().filter(Column::numeric).count();
        facts.add(new Fact("columns", table.columns().size() + ", of which " + numeric + " numeric"));
        return facts;
    }

    @Override
    public List<Variable> variables() {
        return List.copyOf(variables);
    }

    @Override
    public StoredArray open(String name) throws IOException {
        if (variables.stream().anyMatch(v -> v.name().equals(name)) || name.indexOf(',') < 0) {
            int column = chosen(name);
            return open(variables.get(column), new int[] {column});
        }
        int[] columns = Arrays.stream(name.split(",", -1))
                .mapToInt(part -> chosen(part.strip()))
                .toArray();
        return open(matrix(name, columns.length), columns);
    }

    private int chosen(String name) {
        int index = Choice.named(path(), variables, name);
        Column column = table.columns().get(index);
        if (column.skipped()) {
            throw FormatException.of(path(), "column " + name + ": found text, expected numbers; choose other columns");
        }
        if (!column.numeric()) {
            throw FormatException.atLine(path(), column.textLine(), column.problem());
        }
        return index;
    }

    @Override
    public StoredArray open() throws IOException {
        List<Integer> numeric = new ArrayList<>();
        for (int i = 0; i < variables.size(); i++) {
            Column column = table.columns().get(i);
            if (column.mixed()) {
                throw FormatException.atLine(path(), column.textLine(), column.problem());
            }
            if (column.numeric()) {
                numeric.add(i);
            }
        }
        if (numeric.isEmpty()) {
            throw FormatException.of(
                    path(), "found no column of numbers among " + variables.size() + ", expected one or more");
        }
        return open(
                matrix("", numeric.size()),
                numeric.stream().mapToInt(Integer::intValue).toArray());
    }

    private Variable matrix(String name, int width) {
        return Variable.of(
                name, new ArrayType(DType.F64, Sizes.shape(path(), table.rows(), width)), List.of(), List.of());
    }

    private StoredArray open(Variable variable, int[] columns) {
        Shape shape = variable.type().orElseThrow().shape();
        if (!table.whole()) {
            Source source = new Parsed(file, table, columns, shape.elements());
            return new StoredArray(variable, shape.strides(), source, file.share()::close);
        }
        Arena arena = Arena.ofShared();
        MemorySegment memory = Pages.allocate(arena, shape.elements() * Double.BYTES);
        table.copy(columns, memory);
        return new StoredArray(variable, shape.strides(), new Source.Resident(memory), arena::close);
    }

    @Override
    public void close() {
        table.close();
        file.close();
    }

    private record Parsed(FileBytes file, Table table, int[] columns, long elements) implements Source.Chunked {
        @Override
        public void read(long first, long count, MemorySegment into) {
            Objects.checkFromIndexSize(first, count, elements);
            try {
                table.read(file, columns, first, count, into);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
