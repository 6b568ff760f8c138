package org.imbrex.bench.speed;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.type.DType;

/** OpenBLAS's products, through its C interface, where the library is installed. */
final class OpenBlas {
    private static final int ROW_MAJOR = 101;
    private static final int PLAIN = 111;
    private static final int TRANSPOSED = 112;
    private static final MemoryLayout I = ValueLayout.JAVA_INT;
    private static final MemoryLayout P = ValueLayout.ADDRESS;

    private final MethodHandle single;
    private final MethodHandle real;
    private final MethodHandle singleVector;
    private final MethodHandle realVector;
    private final MethodHandle threads;
    private final String core;

    private OpenBlas(SymbolLookup library) {
        this.single = product(library, "cblas_sgemm", ValueLayout.JAVA_FLOAT);
        this.real = product(library, "cblas_dgemm", ValueLayout.JAVA_DOUBLE);
        this.singleVector = vector(library, "cblas_sgemv", ValueLayout.JAVA_FLOAT);
        this.realVector = vector(library, "cblas_dgemv", ValueLayout.JAVA_DOUBLE);
        this.threads = handle(library, "openblas_set_num_threads", FunctionDescriptor.ofVoid(I));
        try {
            MemorySegment name = (MemorySegment)
                    handle(library, "openblas_get_corename", FunctionDescriptor.of(P)).invokeExact();
            this.core = name.reinterpret(64).getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The library, or empty where there is none. */
    static Optional<OpenBlas> find() {
        for (String name : List.of("libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll")) {
            try {
                return Optional.of(new OpenBlas(SymbolLookup.libraryLookup(name, Arena.global())));
            } catch (IllegalArgumentException absent) {
                continue;
            }
        }
        return Optional.empty();
    }

    private static MethodHandle product(SymbolLookup library, String name, MemoryLayout scalar) {
        return handle(
                library, name, FunctionDescriptor.ofVoid(I, I, I, I, I, I, scalar, P, I, P, I, scalar, P, I));
    }

    private static MethodHandle vector(SymbolLookup library, String name, MemoryLayout scalar) {
        return handle(library, name, FunctionDescriptor.ofVoid(I, I, I, I, scalar, P, I, P, I, scalar, P, I));
    }

    private static MethodHandle handle(SymbolLookup library, String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type);
    }

    /** The instruction set whose kernels it has chosen. */
    String core() {
        return core;
    }

    void threads(int count) {
        try {
            threads.invokeExact(count);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** c = a @ b, with c dense and rows of a, or of its transpose, {@code rows} or {@code inner} long; b likewise. */
    void product(
            DType dtype, MemorySegment a, boolean turnA, MemorySegment b, boolean turnB, MemorySegment c, int rows,
            int inner, int cols) {
        int left = turnA ? TRANSPOSED : PLAIN;
        int right = turnB ? TRANSPOSED : PLAIN;
        int lda = turnA ? rows : inner;
        int ldb = turnB ? inner : cols;
        try {
            if (dtype == DType.F32) {
                single.invokeExact(ROW_MAJOR, left, right, rows, cols, inner, 1f, a, lda, b, ldb, 0f, c, cols);
            } else {
                real.invokeExact(ROW_MAJOR, left, right, rows, cols, inner, 1d, a, lda, b, ldb, 0d, c, cols);
            }
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** y = a @ x, or where {@code turn} x @ a, for a row-major matrix. */
    void vector(DType dtype, MemorySegment a, boolean turn, MemorySegment x, MemorySegment y, int rows, int cols) {
        int order = turn ? TRANSPOSED : PLAIN;
        try {
            if (dtype == DType.F32) {
                singleVector.invokeExact(ROW_MAJOR, order, rows, cols, 1f, a, cols, x, 1, 0f, y, 1);
            } else {
                realVector.invokeExact(ROW_MAJOR, order, rows, cols, 1d, a, cols, x, 1, 0d, y, 1);
            }
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
