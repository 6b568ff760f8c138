package org.imbrex.bench.speed;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** The loops of stream.c, built by gcc on first use. */
final class CLoops {
    private static final AddressLayout P = ValueLayout.ADDRESS;
    private static final MemoryLayout F = ValueLayout.JAVA_FLOAT;
    private static final MemoryLayout L = ValueLayout.JAVA_LONG;
    private static final MemoryLayout I = ValueLayout.JAVA_INT;

    private final MethodHandle triad;
    private final MethodHandle readsum;
    private final MethodHandle heat;

    private CLoops(SymbolLookup library) {
        triad = handle(library, "triad", P, P, P, F, L, I);
        readsum = handle(library, "readsum", P, L, I, P);
        heat = handle(library, "heat", P, P, L, L, F, I);
    }

    private static MethodHandle handle(SymbolLookup library, String name, MemoryLayout... arguments) {
        return Linker.nativeLinker().downcallHandle(
                library.findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_DOUBLE, arguments));
    }

    /** @throws IOException where gcc is missing or fails */
    static CLoops build(Path source) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("imbrex-stream-");
        Path library = folder.resolve("libstream.so");
        Process gcc = new ProcessBuilder(
                        "gcc", "-O3", "-march=native", "-fopenmp", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                .inheritIO()
                .start();
        if (gcc.waitFor() != 0) {
            throw new IOException("gcc could not build " + source);
        }
        CLoops loops = new CLoops(SymbolLookup.libraryLookup(library, Arena.global()));
        Files.delete(library);
        Files.delete(folder);
        return loops;
    }

    double triad(MemorySegment a, MemorySegment b, MemorySegment c, long n, int threads) {
        try {
            return (double) triad.invokeExact(a, b, c, 3f, n, threads);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    double readsum(MemorySegment a, long n, int threads, MemorySegment result) {
        try {
            return (double) readsum.invokeExact(a, n, threads, result);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    double heat(MemorySegment v, MemorySegment u, long rows, long cols, int threads) {
        try {
            return (double) heat.invokeExact(v, u, rows, cols, 0.1f, threads);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
