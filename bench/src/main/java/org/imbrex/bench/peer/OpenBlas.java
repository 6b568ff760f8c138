package org.imbrex.bench.peer;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.work.Work;
import org.imbrex.kernels.type.DType;

/** OpenBLAS through its C interface, in this process. */
final class OpenBlas implements Peer {
    private static final int ROW_MAJOR = 101;
    private static final int PLAIN = 111;
    private static final MemoryLayout I = ValueLayout.JAVA_INT;
    private static final MemoryLayout P = ValueLayout.ADDRESS;

    private final MethodHandle single;
    private final MethodHandle twice;
    private final MethodHandle vector;
    private final MethodHandle threads;
    private final String version;
    private final String core;

    private OpenBlas(NativeLibrary library) {
        single = library.handle("cblas_sgemm", product(ValueLayout.JAVA_FLOAT));
        twice = library.handle("cblas_dgemm", product(ValueLayout.JAVA_DOUBLE));
        MemoryLayout f = ValueLayout.JAVA_FLOAT;
        vector = library.handle("cblas_sgemv", FunctionDescriptor.ofVoid(I, I, I, I, f, P, I, P, I, f, P, I));
        threads = library.handle("openblas_set_num_threads", FunctionDescriptor.ofVoid(I));
        try {
            MethodHandle told = library.handle("openblas_get_config", FunctionDescriptor.of(ValueLayout.ADDRESS));
            MethodHandle name = library.handle("openblas_get_corename", FunctionDescriptor.of(ValueLayout.ADDRESS));
            core = ((MemorySegment) name.invokeExact()).reinterpret(64).getString(0);
            version = ((MemorySegment) told.invokeExact()).reinterpret(512).getString(0).strip();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static FunctionDescriptor product(MemoryLayout scalar) {
        return FunctionDescriptor.ofVoid(I, I, I, I, I, I, scalar, P, I, P, I, scalar, P, I);
    }

    static Optional<Peer> find() {
        CoreType.tell();
        return NativeLibrary.find("libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll")
                .map(OpenBlas::new);
    }

    @Override
    public String name() {
        return "openblas";
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public String note() {
        return "core " + core;
    }

    @Override
    public boolean isCheap() {
        return true;
    }

    @Override
    public boolean takes(Work work) {
        return work.family().equals("matmul") || work.family().equals("matvec");
    }

    @Override
    public Optional<Trial> trial(Work work, Map<String, MemorySegment> inputs, int count) {
        if (!takes(work)) {
            return Optional.empty();
        }
        boolean product = work.family().equals("matmul");
        String first = product ? "p" : "m";
        MemorySegment left = inputs.get(first);
        MemorySegment right = inputs.get(product ? "q" : "v");
        int n = (int) work.inputs().get(first).shape().extent(0);
        Result result = Result.of(work.dtype(), product ? (long) n * n : n);
        MemorySegment out = result.memory();
        return Optional.of(new Trial() {
            @Override
            public double seconds(int times) {
                try {
                    threads.invokeExact(count);
                    long began = System.nanoTime();
                    for (int k = 0; k < times; k++) {
                        if (!product) {
                            vector.invokeExact(ROW_MAJOR, PLAIN, n, n, 1f, left, n, right, 1, 0f, out, 1);
                        } else if (work.dtype() == DType.F32) {
                            single.invokeExact(ROW_MAJOR, PLAIN, PLAIN, n, n, n, 1f, left, n, right, n, 0f, out, n);
                        } else {
                            twice.invokeExact(ROW_MAJOR, PLAIN, PLAIN, n, n, n, 1.0, left, n, right, n, 0.0, out, n);
                        }
                    }
                    return (System.nanoTime() - began) / 1e9;
                } catch (Throwable e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public double check() {
                return result.sum();
            }
        });
    }
}
