package org.imbrex.bench.peer;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which of OpenBLAS's kernels suit this processor best. Its versions up to 0.3.21 at least take newer AMD processors for
 * ones without AVX-512, at half their speed; OPENBLAS_CORETYPE tells them, before they are loaded.
 */
final class CoreType {
    static final String VARIABLE = "OPENBLAS_CORETYPE";
    private static final Set<String> AVX512 = Set.of("avx512f", "avx512dq", "avx512bw", "avx512vl");

    private CoreType() {}

    /** What is to be told; empty where the user has told it, and where OpenBLAS finds the best ones by itself. */
    static Optional<String> toTell() {
        if (System.getenv(VARIABLE) != null) {
            return Optional.empty();
        }
        try {
            return of(Files.readAllLines(Path.of("/proc/cpuinfo")));
        } catch (IOException notLinux) {
            return Optional.empty();
        }
    }

    /** @param processor the lines of /proc/cpuinfo */
    static Optional<String> of(List<String> processor) {
        boolean amd = value(processor, "vendor_id").equals("AuthenticAMD");
        List<String> flags = Arrays.asList(value(processor, "flags").split(" "));
        return amd && flags.containsAll(AVX512) ? Optional.of("SkylakeX") : Optional.empty();
    }

    private static String value(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("");
    }

    /** Puts it into the environment that libraries of this process see, which is not the map that Java keeps. */
    static void tell() {
        Linker linker = Linker.nativeLinker();
        toTell().ifPresent(core -> linker.defaultLookup().find("setenv").ifPresent(setenv -> {
            try (Arena arena = Arena.ofConfined()) {
                int status = (int) linker.downcallHandle(
                                setenv,
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
                        .invokeExact(arena.allocateFrom(VARIABLE), arena.allocateFrom(core), 0);
                if (status != 0) {
                    throw new IllegalStateException("setenv returned " + status);
                }
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }));
    }
}
