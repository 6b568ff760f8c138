package org.imbrex.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.imbrex.host.format.ArrayFiles;
import org.imbrex.host.format.OutputFile;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Sink;

/**
 * What the launcher runs once after a build to record the AOT cache: the commands whose start should be quick. Its
 * argument is an empty folder for its files.
 */
public final class Training {

    private Training() {}

    public static void main(String[] args) throws IOException {
        StandardError.restore();
        PrintWriter out = new PrintWriter(System.out, true);
        Main.run(out, out, "--help");
        Main.run(out, out, "--version");
        Main.run(out, out, "--unknown");
        Path x = Path.of(args[0]).resolve("x.npy");
        try (OutputFile file = ArrayFiles.create(x, new ArrayType(DType.F32, Shape.of(10)))) {
            MemorySegment zeros = Arena.ofAuto().allocate(40, 64);
            ((Sink.Chunked) file.sink()).write(0, 10, zeros);
            file.commit();
        }
        String in = "x=" + x;
        Main.run(out, out, "eval", "x + 1", "--in", in);
        Main.run(out, out, "eval", "mean(blocks(x, 8), axis=1)", "--in", in, "--out", x.resolveSibling("y.npy").toString());
        Main.run(out, out, "info", x.toString());
    }
}
