package org.imbrex.host.format.netcdf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.imbrex.host.format.Fact;
import org.imbrex.host.format.FileFormat;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.StoredArray;
import org.imbrex.host.format.StoredFile;
import org.imbrex.host.format.Variable;
import org.imbrex.host.format.file.Choice;
import org.imbrex.host.format.file.Decoder;
import org.imbrex.host.format.file.Elements;
import org.imbrex.host.format.file.FileBytes;
import org.imbrex.host.format.file.Sizes;
import org.imbrex.host.format.file.StoredType;
import org.imbrex.host.format.netcdf.Header.Entry;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Source;

/** A NetCDF classic file: its variables by name, decoded as they are read. */
public final class NetcdfFile implements StoredFile {
    /** Told first, and by these names. */
    private static final List<String> LEADING = List.of("long_name", "standard_name", "units");

    /** Told by what they do to the values. */
    private static final Set<String> APPLIED =
            Set.of("_FillValue", "missing_value", "scale_factor", "add_offset", "_Unsigned");

    private final FileBytes file;
    private final Header header;
    private final List<Variable> variables = new ArrayList<>();

    private NetcdfFile(FileBytes file, Header header) {
        this.file = file;
        this.header = header;
        for (Entry entry : header.entries()) {
            variables.add(variable(entry));
        }
    }

    public static NetcdfFile open(FileBytes file) throws IOException {
        return new NetcdfFile(file, HeaderReader.read(file));
    }

    private Variable variable(Entry entry) {
        List<String> dimensions = entry.dimensions().stream()
                .map(n -> header.dimensions().get(n).name())
                .toList();
        List<Fact> facts = new ArrayList<>();
        for (String name : LEADING) {
            attribute(entry, name).ifPresent(a -> facts.add(new Fact(name, a.value())));
        }
        Variable variable;
        try {
            ArrayType type = type(entry, facts);
            others(entry, facts);
            variable = Variable.of(entry.name(), type, dimensions, facts);
        } catch (FormatException e) {
            others(entry, facts);
            facts.add(new Fact("not read", e.getMessage()));
            variable = Variable.unread(entry.name(), dimensions, facts);
        }
        return variable;
    }

    private static void others(Entry entry, List<Fact> facts) {
        for (Attribute attribute : entry.attributes()) {
            if (!LEADING.contains(attribute.name())
                    && !APPLIED.contains(attribute.name())
                    && !attribute.value().isEmpty()) {
                facts.add(new Fact(attribute.name(), attribute.value()));
            }
        }
    }

    private static Optional<Attribute> attribute(Entry entry, String name) {
        return entry.attributes().stream().filter(a -> a.name().equals(name)).findFirst();
    }

    private ArrayType type(Entry entry, List<Fact> facts) {
        if (entry.type().stored().isEmpty()) {
            throw FormatException.of(
                    path(),
                    entry.type() == NetcdfType.CHAR
                            ? entry.name() + " is text, expected numbers"
                            : entry.name() + " is " + entry.type().text()
                                    + ", expected integers of at most 63 bits or floats; convert it"
                                    + " to double or int64");
        }
        if (entry.dimensions().size() > Shape.MAX_RANK) {
            throw FormatException.of(
                    path(),
                    entry.name() + " has " + entry.dimensions().size() + " dimensions, expected at most "
                            + Shape.MAX_RANK);
        }
        DType dtype = decoder(entry, facts).dtype();
        ArrayType type = new ArrayType(dtype, Sizes.shape(path(), header.extents(entry)));
        Sizes.of(path(), type);
        return type;
    }

    private Decoder decoder(Entry entry, List<Fact> facts) {
        return Unpacking.of(path(), entry.name(), entry.type(), entry.attributes(), facts);
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public FileFormat format() {
        return FileFormat.NETCDF;
    }

    @Override
    public List<Fact> facts() {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("format", "NetCDF classic, CDF-" + header.version()));
        facts.add(new Fact("size", Sizes.text(file.size())));
        facts.add(new Fact("byte order", "big"));
        for (Dimension dimension : header.dimensions()) {
            facts.add(new Fact(
                    "dimension " + dimension.name(),
                    dimension.length()
                            + (dimension.unlimited() ? " (unlimited)" : "")
                            + coordinates(dimension.name())));
        }
        for (Attribute attribute : header.attributes()) {
            facts.add(new Fact(attribute.name(), attribute.value()));
        }
        return facts;
    }

    /** The ends and the unit of the coordinates along a dimension; empty where it has none. */
    private String coordinates(String dimension) {
        for (int i = 0; i < variables.size(); i++) {
            Variable variable = variables.get(i);
            if (coordinate(variable)
                    && variable.name().equals(dimension)
                    && variable.type().isPresent()) {
                return ends(i)
                        + attribute(header.entries().get(i), "units")
                                .map(a -> " " + a.value())
                                .orElse("");
            }
        }
        return "";
    }

    private String ends(int index) {
        ArrayType type = variables.get(index).type().orElseThrow();
        long last = type.shape().elements() - 1;
        if (last < 0) {
            return ",";
        }
        try (StoredArray array = open(index)) {
            return ", from " + number(array, 0) + " to " + number(array, last);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String number(StoredArray array, long element) {
        DType dtype = array.type().dtype();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(8, 8);
            switch (array.source()) {
                case Source.Resident resident ->
                    MemorySegment.copy(resident.memory(), element * dtype.bytes(), memory, 0, dtype.bytes());
                case Source.Chunked chunked -> chunked.read(element, 1, memory);
            }
            return switch (dtype) {
                case BOOL, I8 -> Byte.toString(memory.get(ValueLayout.JAVA_BYTE, 0));
                case U8 -> Integer.toString(memory.get(ValueLayout.JAVA_BYTE, 0) & 0xff);
                case I16 -> Short.toString(memory.get(ValueLayout.JAVA_SHORT, 0));
                case I32 -> Integer.toString(memory.get(ValueLayout.JAVA_INT, 0));
                case I64 -> Long.toString(memory.get(ValueLayout.JAVA_LONG, 0));
                case F32 -> Float.toString(memory.get(ValueLayout.JAVA_FLOAT, 0));
                case F64 -> Double.toString(memory.get(ValueLayout.JAVA_DOUBLE, 0));
            };
        }
    }

    @Override
    public List<Variable> variables() {
        return List.copyOf(variables);
    }

    /** Whether the variable tells the places along the dimension of its name. */
    private static boolean coordinate(Variable variable) {
        return variable.dimensions().equals(List.of(variable.name()));
    }

    @Override
    public StoredArray open() throws IOException {
        List<Variable> data = variables.stream().filter(v -> !coordinate(v)).toList();
        return open(Choice.only(path(), data.isEmpty() ? variables : data));
    }

    @Override
    public StoredArray open(String name) throws IOException {
        return open(Choice.named(path(), variables, name));
    }

    private StoredArray open(int index) throws IOException {
        Variable variable = variables.get(index);
        if (variable.type().isEmpty()) {
            throw FormatException.of(path(), variable.facts().getLast().value().replace(path() + ": ", ""));
        }
        Entry entry = header.entries().get(index);
        Shape shape = variable.type().orElseThrow().shape();
        Decoder decoder = decoder(entry, new ArrayList<>());
        long elements = shape.elements();
        long run = header.record(entry) ? elements / Math.max(1, shape.extent(0)) : elements;
        if (header.record(entry) && run * entry.type().bytes() != header.recordBytes()) {
            Source source = new RecordSource(file, entry.begin(), header.recordBytes(), run, elements, decoder);
            return new StoredArray(variable, shape.strides(), source, file.share()::close);
        }
        StoredType stored = entry.type().stored().orElseThrow();
        if (stored.direct(ByteOrder.BIG_ENDIAN) && decoder.dtype() == stored.dtype()) {
            return Elements.open(variable, shape.strides(), file, entry.begin(), stored, ByteOrder.BIG_ENDIAN);
        }
        Source source = Elements.decoded(file, entry.begin(), elements, decoder);
        return new StoredArray(variable, shape.strides(), source, file.share()::close);
    }

    @Override
    public void close() {
        file.close();
    }
}
