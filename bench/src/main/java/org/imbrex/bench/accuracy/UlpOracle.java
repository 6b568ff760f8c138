package org.imbrex.bench.accuracy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** Distances to true values by C's wider types, from a library that gcc builds on first use. */
final class UlpOracle {
    private final MethodHandle f32;
    private final MethodHandle f64;

    private UlpOracle(MethodHandle f32, MethodHandle f64) {
        this.f32 = f32;
        this.f64 = f64;
    }

    /** @param source ulp.c */
    static UlpOracle build(Path source) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("imbrex-ulp-");
        Path library = folder.resolve("libulp.so");
        Process gcc = new ProcessBuilder(
                        "gcc",
                        "-O3",
                        "-march=native",
                        "-shared",
                        "-fPIC",
                        "-o",
                        library.toString(),
                        source.toString(),
                        "-lmvec",
                        "-lm")
                .inheritIO()
                .start();
        if (gcc.waitFor() != 0) {
            throw new IOException("gcc could not build " + source);
        }
        SymbolLookup lookup = SymbolLookup.libraryLookup(library, Arena.global());
        FunctionDescriptor type = FunctionDescriptor.of(
                ValueLayout.JAVA_DOUBLE,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS);
        Linker linker = Linker.nativeLinker();
        UlpOracle oracle = new UlpOracle(
                linker.downcallHandle(lookup.findOrThrow("ulp_f32"), type),
                linker.downcallHandle(lookup.findOrThrow("ulp_f64"), type));
        Files.delete(library);
        Files.delete(folder);
        return oracle;
    }

    /** The worst distance among n results, in ulp, and its index. */
    double worst(boolean single, int fn, MemorySegment x, MemorySegment y, MemorySegment found, long n, MemorySegment at) {
        try {
            return single
                    ? (double) f32.invokeExact(fn, x, y, found, n, at)
                    : (double) f64.invokeExact(fn, x, y, found, n, at);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
