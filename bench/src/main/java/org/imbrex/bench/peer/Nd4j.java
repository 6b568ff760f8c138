package org.imbrex.bench.peer;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.Optional;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.work.Work;
import org.imbrex.kernels.type.DType;

/** ND4J's products, found by name: its 134 MB come with the Maven profile {@code nd4j} alone. Its threads are its own choice. */
final class Nd4j {
    private Nd4j() {}

    static Optional<Trial> trial(Work work, Map<String, MemorySegment> inputs, int threads) {
        if (!work.family().equals("matmul") || threads == 1) {
            return Optional.empty();
        }
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> array = Class.forName("org.nd4j.linalg.api.ndarray.INDArray");
            Class<?> factory = Class.forName("org.nd4j.linalg.factory.Nd4j");
            Class<?> elements = work.dtype() == DType.F32 ? float[].class : double[].class;
            MethodHandle create = lookup.findStatic(factory, "createFromArray", MethodType.methodType(array, elements));
            MethodHandle reshape = lookup.findVirtual(array, "reshape", MethodType.methodType(array, long[].class));
            MethodHandle product = lookup.findVirtual(array, "mmuli", MethodType.methodType(array, array, array));
            MethodHandle sum = lookup.findVirtual(array, "sumNumber", MethodType.methodType(Number.class));
            long[] shape = {JvmPeer.side(work), JvmPeer.side(work)};
            Object p = reshape.invoke(create.invoke(elements(work, inputs.get("p"))), shape);
            Object q = reshape.invoke(create.invoke(elements(work, inputs.get("q"))), shape);
            Object out = reshape.invoke(create.invoke(elements(work, inputs.get("p"))), shape);
            return JvmPeer.trial(() -> call(product, p, q, out), () -> ((Number) call(sum, out)).doubleValue());
        } catch (Throwable e) {
            throw new IllegalStateException("nd4j: " + e, e);
        }
    }

    private static Object elements(Work work, MemorySegment memory) {
        return work.dtype() == DType.F32 ? JvmPeer.floats(memory) : JvmPeer.doubles(memory);
    }

    private static Object call(MethodHandle handle, Object... arguments) {
        try {
            return handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
