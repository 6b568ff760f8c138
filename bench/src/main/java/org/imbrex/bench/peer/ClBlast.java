package org.imbrex.bench.peer;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Cleaner;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.work.Work;
import org.imbrex.kernels.type.DType;

/** CLBlast's products on an OpenCL device, whose memory holds the operands beforehand. */
final class ClBlast implements Peer {
    private static final int ROW_MAJOR = 101;
    private static final int PLAIN = 111;
    private static final int NO_FLOAT64 = -2042;
    private static final AddressLayout P = ValueLayout.ADDRESS;
    private static final MemoryLayout I = ValueLayout.JAVA_INT;
    private static final MemoryLayout L = ValueLayout.JAVA_LONG;
    private static final Cleaner CLEANER = Cleaner.create();

    private final OpenClCalls opencl;
    private final MethodHandle single;
    private final MethodHandle twice;
    private final MethodHandle vector;

    private ClBlast(NativeLibrary library, OpenClCalls opencl) {
        this.opencl = opencl;
        single = library.handle("CLBlastSgemm", product(ValueLayout.JAVA_FLOAT));
        twice = library.handle("CLBlastDgemm", product(ValueLayout.JAVA_DOUBLE));
        MemoryLayout f = ValueLayout.JAVA_FLOAT;
        vector = library.handle("CLBlastSgemv", FunctionDescriptor.of(I, I, I, L, L, f, P, L, L, P, L, L, f, P, L, L, P, P));
    }

    private static FunctionDescriptor product(MemoryLayout scalar) {
        return FunctionDescriptor.of(I, I, I, I, L, L, L, scalar, P, L, L, P, L, L, scalar, P, L, L, P, P);
    }

    /** Empty where the library, OpenCL's loader or a device is missing. */
    static Optional<Peer> find() {
        return NativeLibrary.find("libclblast.so.1", "libclblast.dylib", "clblast.dll")
                .flatMap(library -> OpenClCalls.open().map(opencl -> new ClBlast(library, opencl)));
    }

    @Override
    public String name() {
        return "clblast";
    }

    @Override
    public String version() {
        return "CLBlast 1 on " + opencl.device();
    }

    @Override
    public String note() {
        return "on " + opencl.device() + ", operands there beforehand, its driver's number of threads";
    }

    @Override
    public boolean takes(Work work) {
        return work.family().equals("matmul") || work.family().equals("matvec");
    }

    @Override
    public Optional<Trial> trial(Work work, Map<String, MemorySegment> inputs, int threads) {
        // a driver for a processor takes all of its cores
        if (!takes(work) || threads != Runtime.getRuntime().availableProcessors()) {
            return Optional.empty();
        }
        return Optional.of(new Product(work, inputs));
    }

    /** One work's buffers and calls; the buffers go with it. */
    private final class Product implements Trial {
        private final boolean matrices;
        private final boolean f32;
        private final long n;
        private final MemorySegment left;
        private final MemorySegment right;
        private final MemorySegment out;
        private final Result result;

        private Product(Work work, Map<String, MemorySegment> inputs) {
            matrices = work.family().equals("matmul");
            f32 = work.dtype() == DType.F32;
            n = JvmPeer.side(work);
            result = Result.of(work.dtype(), matrices ? n * n : n);
            left = opencl.buffer(inputs.get(matrices ? "p" : "m"));
            right = opencl.buffer(inputs.get(matrices ? "q" : "v"));
            out = opencl.buffer(result.memory());
            OpenClCalls calls = opencl;
            List<MemorySegment> buffers = List.of(left, right, out);
            CLEANER.register(this, () -> buffers.forEach(calls::release));
        }

        /** It builds its kernels then. */
        @Override
        public boolean firstTells() {
            return false;
        }

        @Override
        public double seconds(int times) {
            long began = System.nanoTime();
            for (int k = 0; k < times; k++) {
                int status = call();
                if (status != 0) {
                    throw new IllegalStateException("CLBlast returned " + status
                            + (status == NO_FLOAT64 ? ": " + opencl.device() + " has no float64" : ""));
                }
            }
            opencl.finish();
            return (System.nanoTime() - began) / 1e9;
        }

        private int call() {
            MemorySegment none = MemorySegment.NULL;
            MemorySegment queue = opencl.queue();
            try {
                if (!matrices) {
                    return (int) vector.invokeExact(
                            ROW_MAJOR, PLAIN, n, n, 1f, left, 0L, n, right, 0L, 1L, 0f, out, 0L, 1L, queue, none);
                }
                return f32
                        ? (int) single.invokeExact(
                                ROW_MAJOR, PLAIN, PLAIN, n, n, n, 1f, left, 0L, n, right, 0L, n, 0f, out, 0L, n, queue, none)
                        : (int) twice.invokeExact(
                                ROW_MAJOR, PLAIN, PLAIN, n, n, n, 1.0, left, 0L, n, right, 0L, n, 0.0, out, 0L, n, queue, none);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public double check() {
            opencl.read(out, result.memory());
            return result.sum();
        }
    }
}
