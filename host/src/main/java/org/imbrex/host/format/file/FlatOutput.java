package org.imbrex.host.format.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.imbrex.host.format.OutputFile;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.runtime.memory.Sink;

/** A file of one array: some bytes of header, then the elements. */
public final class FlatOutput implements OutputFile {
    private final Target target;
    private final FlatSink sink;

    private FlatOutput(Target target, FlatSink sink) {
        this.target = target;
        this.sink = sink;
    }

    public static FlatOutput create(Path file, byte[] header, ArrayType type) throws IOException {
        long bytes = Sizes.of(file, type);
        Target target = Target.open(file, header.length + bytes);
        try {
            target.write(0, ByteBuffer.wrap(header));
            return new FlatOutput(target, new FlatSink(target, header.length, type));
        } catch (IOException | RuntimeException e) {
            target.close();
            throw e;
        }
    }

    @Override
    public Path path() {
        return target.path();
    }

    @Override
    public Sink sink() {
        return sink;
    }

    @Override
    public Sink sink(String name) {
        return sink;
    }

    @Override
    public void commit() throws IOException {
        sink.requireComplete();
        target.commit();
    }

    @Override
    public void close() {
        target.close();
    }
}
