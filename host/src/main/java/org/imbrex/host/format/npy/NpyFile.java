package org.imbrex.host.format.npy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.imbrex.host.format.Fact;
import org.imbrex.host.format.FileFormat;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.OutputFile;
import org.imbrex.host.format.StoredArray;
import org.imbrex.host.format.StoredFile;
import org.imbrex.host.format.Variable;
import org.imbrex.host.format.file.Elements;
import org.imbrex.host.format.file.FileBytes;
import org.imbrex.host.format.file.FlatOutput;
import org.imbrex.host.format.file.Sizes;
import org.imbrex.kernels.type.ArrayType;

/** An NPY file: mapped in C and in Fortran order where its byte order is native, else decoded as it is read. */
public final class NpyFile implements StoredFile {
    private final FileBytes file;
    private final NpyHeader header;
    private final Variable variable;

    private NpyFile(FileBytes file, NpyHeader header) {
        this.file = file;
        this.header = header;
        this.variable = Variable.of("", header.type(), List.of(), header.facts());
    }

    public static NpyFile open(FileBytes file) throws IOException {
        NpyHeader header = NpyHeader.read(file.path(), "", file);
        header.requireSize(file.path(), "", file.size());
        return new NpyFile(file, header);
    }

    /** Begins a file of version 1, native byte order and C order. */
    public static OutputFile create(Path path, ArrayType type) throws IOException {
        return FlatOutput.create(path, NpyHeader.write(type), type);
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public FileFormat format() {
        return FileFormat.NPY;
    }

    @Override
    public List<Fact> facts() {
        return List.of(
                new Fact("format", "NPY version " + header.major() + ".0"), new Fact("size", Sizes.text(file.size())));
    }

    @Override
    public List<Variable> variables() {
        return List.of(variable);
    }

    @Override
    public StoredArray open(String name) {
        throw FormatException.of(path(), "found the name '" + name + "', expected none: an NPY file holds one array");
    }

    @Override
    public StoredArray open() throws IOException {
        return Elements.open(variable, header.strides(), file, header.bytes(), header.stored(), header.order());
    }

    @Override
    public void close() {
        file.close();
    }
}
