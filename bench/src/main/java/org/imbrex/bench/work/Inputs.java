package org.imbrex.bench.work;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.imbrex.host.Array;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.memory.Pages;

/** The works' inputs: uniform from 0.1 to 1.1, by seed, and kept only while the next work reads them too. */
public final class Inputs implements AutoCloseable {
    private static final int CHUNK = 1 << 14;

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
        boolean single = type.dtype() == DType.F32;
        LongStream.range(0, Math.ceilDiv(elements, CHUNK)).parallel().forEach(chunk -> {
            float[] floats = new float[CHUNK];
            double[] doubles = new double[CHUNK];
            long at = chunk * CHUNK;
            int count = (int) Math.min(CHUNK, elements - at);
            fill(name.hashCode() + (int) at, doubles, floats);
            if (single) {
                MemorySegment.copy(floats, 0, memory, ValueLayout.JAVA_FLOAT, at * 4, count);
            } else {
                MemorySegment.copy(doubles, 0, memory, ValueLayout.JAVA_DOUBLE, at * 8, count);
            }
        });
        return new Input(type, arena, memory);
    }

    /** MurmurHash3's last steps over a count, which a JIT makes vectors of: the larger inputs have 64 M elements. */
    private static void fill(int first, double[] doubles, float[] floats) {
        for (int k = 0; k < CHUNK; k++) {
            int bits = first + k;
            bits = (bits ^ bits >>> 16) * 0x85ebca6b;
            bits = (bits ^ bits >>> 13) * 0xc2b2ae35;
            doubles[k] = 0.1 + ((bits ^ bits >>> 16) >>> 8) * 0x1p-24;
        }
        for (int k = 0; k < CHUNK; k++) {
            floats[k] = (float) doubles[k];
        }
    }

    @Override
    public void close() {
        held.values().forEach(input -> input.arena().close());
        held.clear();
    }
}
