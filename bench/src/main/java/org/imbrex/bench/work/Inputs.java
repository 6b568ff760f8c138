package org.imbrex.bench.work;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.imbrex.host.Array;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.memory.Pages;

/** The works' inputs: uniform from 0.1 to 1.1, by seed, and kept only while the next work reads them too. */
public final class Inputs implements AutoCloseable {
    private static final int CHUNK = 1 << 16;

    private final Map<String, Input> held = new HashMap<>();

    private record Input(ArrayType type, Arena arena, MemorySegment memory) {}

    /** The arrays of a work; others go. */
    public Map<String, MemorySegment> of(Work work) {
        held.entrySet().removeIf(entry -> {
            boolean gone = !entry.getValue().type().equals(work.inputs().get(entry.getKey()));
            if (gone) {
                entry.getValue().arena().close();
            }
            return gone;
        });
        Map<String, MemorySegment> arrays = new LinkedHashMap<>();
        work.inputs().forEach((name, type) -> arrays.put(
                name, held.computeIfAbsent(name, missing -> make(missing, type)).memory()));
        return arrays;
    }

    /** The same as the engine takes them. */
    public Map<String, Array> arrays(Work work) {
        Map<String, Array> arrays = new LinkedHashMap<>();
        of(work).forEach((name, memory) -> {
            ArrayType type = work.inputs().get(name);
            arrays.put(name, Array.wrap(memory, type.dtype(), type.shape()));
        });
        return arrays;
    }

    private static Input make(String name, ArrayType type) {
        Arena arena = Arena.ofShared();
        long elements = type.shape().elements();
        MemorySegment memory = Pages.allocate(arena, elements * type.dtype().bytes());
        SplittableRandom random = new SplittableRandom(name.hashCode());
        boolean single = type.dtype() == DType.F32;
        float[] floats = new float[CHUNK];
        double[] doubles = new double[CHUNK];
        for (long at = 0; at < elements; at += CHUNK) {
            int count = (int) Math.min(CHUNK, elements - at);
            for (int k = 0; k < count; k++) {
                doubles[k] = 0.1 + random.nextInt(1 << 24) * 0x1p-24;
                floats[k] = (float) doubles[k];
            }
            if (single) {
                MemorySegment.copy(floats, 0, memory, ValueLayout.JAVA_FLOAT, at * 4, count);
            } else {
                MemorySegment.copy(doubles, 0, memory, ValueLayout.JAVA_DOUBLE, at * 8, count);
            }
        }
        return new Input(type, arena, memory);
    }

    @Override
    public void close() {
        held.values().forEach(input -> input.arena().close());
        held.clear();
    }
}
