package org.imbrex.bench.peer;

import java.lang.foreign.AddressLayout;
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

/** FFTW in float64, plans by estimate, threads where its threads' library is there too. */
final class Fftw implements Peer {
    private static final int FORWARD = -1;
    private static final int ESTIMATE = 1 << 6;
    private static final MemoryLayout I = ValueLayout.JAVA_INT;
    private static final AddressLayout P = ValueLayout.ADDRESS;

    private final MethodHandle plan;
    private final MethodHandle execute;
    private final Optional<MethodHandle> threads;

    private Fftw(NativeLibrary library) {
        plan = library.handle("fftw_plan_dft_1d", FunctionDescriptor.of(P, I, P, P, I, I));
        execute = library.handle("fftw_execute", FunctionDescriptor.ofVoid(P));
        threads = NativeLibrary.find("libfftw3_threads.so.3", "libfftw3_threads.dylib").map(more -> {
            try {
                int ready = (int) more.handle("fftw_init_threads", FunctionDescriptor.of(I)).invokeExact();
                if (ready == 0) {
                    throw new IllegalStateException("fftw_init_threads failed");
                }
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            return more.handle("fftw_plan_with_nthreads", FunctionDescriptor.ofVoid(I));
        });
    }

    static Optional<Peer> find() {
        return NativeLibrary.find("libfftw3.so.3", "libfftw3.dylib", "libfftw3-3.dll").map(Fftw::new);
    }

    @Override
    public String name() {
        return "fftw";
    }

    @Override
    public String version() {
        return "FFTW 3, estimated plans" + (threads.isPresent() ? "" : ", one thread (no libfftw3_threads)");
    }

    @Override
    public String note() {
        return threads.isPresent() ? "" : "one thread";
    }

    @Override
    public boolean isCheap() {
        return true;
    }

    @Override
    public boolean takes(Work work) {
        return work.family().equals("fft") && work.dtype() == DType.F64;
    }

    @Override
    public Optional<Trial> trial(Work work, Map<String, MemorySegment> inputs, int count) {
        if (!takes(work)) {
            return Optional.empty();
        }
        MemorySegment in = inputs.get("z");
        int n = (int) (in.byteSize() / 16);
        Result result = Result.of(DType.F64, 2L * n);
        MemorySegment made;
        try {
            if (threads.isPresent()) {
                threads.get().invokeExact(count);
            }
            made = (MemorySegment) plan.invokeExact(n, in, result.memory(), FORWARD, ESTIMATE);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        return Optional.of(new Trial() {
            @Override
            public double seconds(int times) {
                try {
                    long began = System.nanoTime();
                    for (int k = 0; k < times; k++) {
                        execute.invokeExact(made);
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
