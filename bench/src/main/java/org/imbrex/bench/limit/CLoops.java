package org.imbrex.bench.limit;

import java.io.IOException;
import java.io.InputStream;
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
import org.imbrex.kernels.type.DType;

/** The loops of loops.c, built by gcc on first use; also what one would write in C for works of the suite. */
public final class CLoops implements Loops {
    private static final AddressLayout P = ValueLayout.ADDRESS;
    private static final MemoryLayout L = ValueLayout.JAVA_LONG;
    private static final MemoryLayout I = ValueLayout.JAVA_INT;
    private static final int CHAINS = 12;

    private final SymbolLookup library;
    private final String maker;
    private final int lanes;
    private final MemorySegment result = Arena.global().allocate(8, 8);
    private final MethodHandle triad;
    private final MethodHandle read;
    private final MethodHandle single;
    private final MethodHandle twice;

    private CLoops(SymbolLookup library, String maker) {
        this.library = library;
        this.maker = maker;
        triad = handle("triad", P, P, P, L, L, I);
        read = handle("readall", P, L, L, I, P);
        single = handle("peakf32", L, I, P);
        twice = handle("peakf64", L, I, P);
        try {
            lanes = (int) Linker.nativeLinker()
                    .downcallHandle(library.findOrThrow("lanes"), FunctionDescriptor.of(ValueLayout.JAVA_INT))
                    .invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** One of the library's functions, which returns its seconds. */
    public MethodHandle handle(String name, MemoryLayout... arguments) {
        return Linker.nativeLinker().downcallHandle(
                library.findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_DOUBLE, arguments));
    }

    /** @throws IOException where gcc is missing or fails */
    public static CLoops build() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("imbrex-loops-");
        Path source = folder.resolve("loops.c");
        Path made = folder.resolve("libloops.so");
        try {
            try (InputStream text = CLoops.class.getResourceAsStream("loops.c")) {
                Files.copy(text, source);
            }
            output("gcc", "-O3", "-march=native", "-fopenmp", "-shared", "-fPIC", "-o", made.toString(), source.toString(), "-lm");
            String version = output("gcc", "-dumpfullversion").strip();
            return new CLoops(SymbolLookup.libraryLookup(made, Arena.global()), "gcc " + version);
        } finally {
            Files.deleteIfExists(source);
            Files.deleteIfExists(made);
            Files.delete(folder);
        }
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command[0] + " failed: " + text.lines().findFirst().orElse("it says nothing"));
        }
        return text;
    }

    @Override
    public String maker() {
        return maker;
    }

    @Override
    public double triad(MemorySegment a, MemorySegment b, MemorySegment c, long n, long times, int threads) {
        try {
            return (double) triad.invokeExact(a, b, c, n, times, threads);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public double read(MemorySegment a, long n, long times, int threads) {
        try {
            return (double) read.invokeExact(a, n, times, threads, result);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public double fma(DType dtype, long times, int threads) {
        try {
            return dtype == DType.F32
                    ? (double) single.invokeExact(times, threads, result)
                    : (double) twice.invokeExact(times, threads, result);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public double fmaFlops(DType dtype) {
        return 2.0 * CHAINS * lanes * 4 / dtype.bytes();
    }
}
