package org.imbrex.host.format.raw;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.imbrex.host.format.Fact;
import org.imbrex.host.format.FileFormat;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.OutputFile;
import org.imbrex.host.format.ReadOptions.Layout;
import org.imbrex.host.format.StoredArray;
import org.imbrex.host.format.StoredFile;
import org.imbrex.host.format.Variable;
import org.imbrex.host.format.file.Elements;
import org.imbrex.host.format.file.FileBytes;
import org.imbrex.host.format.file.FlatOutput;
import org.imbrex.host.format.file.Sizes;
import org.imbrex.host.format.file.StoredType;
import org.imbrex.kernels.type.ArrayType;

/** A raw file as the user says it lies: a flat C-contiguous array from a byte on, up to the end of the file. */
public final class RawFile implements StoredFile {
    private final FileBytes file;
    private final Layout.Raw layout;
    private final Variable variable;

    private RawFile(FileBytes file, Layout.Raw layout, Variable variable) {
        this.file = file;
        this.layout = layout;
        this.variable = variable;
    }

    public static RawFile open(FileBytes file, Layout.Raw layout) {
        Path path = file.path();
        ArrayType type = layout.type();
        if (layout.offset() < 0 || layout.offset() > file.size()) {
            throw FormatException.of(
                    path,
                    "found the offset " + layout.offset() + ", expected 0 to the file's " + file.size() + " bytes");
        }
        long expected = Sizes.of(path, type);
        long found = file.size() - layout.offset();
        if (found != expected) {
            throw FormatException.of(
                    path,
                    "found " + found + " bytes" + (layout.offset() == 0 ? "" : " from byte " + layout.offset() + " on")
                            + ", expected " + expected + " for " + type
                            + "; check the dtype, the shape and the offset");
        }
        List<Fact> facts = List.of(
                new Fact("byte order", layout.order() == ByteOrder.LITTLE_ENDIAN ? "little" : "big"),
                new Fact("offset", layout.offset() + " B"));
        return new RawFile(file, layout, Variable.of("", type, List.of(), facts));
    }

    /** Begins a file of elements in native order. */
    public static OutputFile create(Path path, ArrayType type) throws IOException {
        return FlatOutput.create(path, new byte[0], type);
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public FileFormat format() {
        return FileFormat.RAW;
    }

    @Override
    public List<Fact> facts() {
        return List.of(new Fact("format", "raw, as told"), new Fact("size", Sizes.text(file.size())));
    }

    @Override
    public List<Variable> variables() {
        return List.of(variable);
    }

    @Override
    public StoredArray open(String name) {
        throw FormatException.of(path(), "found the name '" + name + "', expected none: a raw file holds one array");
    }

    @Override
    public StoredArray open() throws IOException {
        ArrayType type = layout.type();
        return Elements.open(
                variable, type.shape().strides(), file, layout.offset(), StoredType.of(type.dtype()), layout.order());
    }

    @Override
    public void close() {
        file.close();
    }
}
