package org.imbrex.runtime.tune;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.imbrex.runtime.memory.Pages;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;

/** A program for a probe, on arrays of its own. */
final class ProbeWork implements AutoCloseable {
    private static final long ROWS = 768;
    private static final long INNER = 512;
    private static final long COLUMNS = 2048;
    private static final long SMALLER = 4;

    private final Arena arena = Arena.ofShared();
    private final Program program;
    private final List<Source> sources = new ArrayList<>();
    private final Sink sink;
    private final Supplier<ProbeWork> small;

    private ProbeWork(String text, boolean inParts, Map<String, ArrayType> types, Supplier<ProbeWork> small) {
        this.small = small;
        Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
        types.forEach((name, type) ->
                buffers.put(name, new Program.Buffer(type.dtype(), type.shape(), type.shape().strides())));
        program = Fuser.fuse(List.of(Typing.check(Parser.parse(text), types)), buffers);
        for (String name : program.inputs()) {
            MemorySegment memory = Pages.allocate(arena, buffers.get(name).bytes());
            for (long at = 0; at < memory.byteSize() / 4; at++) {
                memory.setAtIndex(ValueLayout.JAVA_FLOAT, at, (at & 1023) * 0.001f + 0.1f);
            }
            sources.add(inParts ? new Parts(memory) : new Source.Resident(memory));
        }
        Program.Buffer result = program.buffers().get(program.results().getFirst());
        MemorySegment out = Pages.allocate(arena, Math.max(64, result.bytes()));
        sink = inParts ? new Taken(out) : new Sink.Resident(out.asSlice(0, result.bytes()));
    }

    static ProbeWork of(String text, boolean inParts, long... elements) {
        Map<String, ArrayType> types = new LinkedHashMap<>();
        for (int k = 0; k < elements.length; k++) {
            types.put(Character.toString('a' + k), new ArrayType(DType.F32, Shape.of(elements[k])));
        }
        return new ProbeWork(text, inParts, types, () -> of(text, inParts, LongStream.of(elements).map(n -> n / SMALLER).toArray()));
    }

    static ProbeWork product() {
        return product(ROWS, INNER, COLUMNS);
    }

    private static ProbeWork product(long rows, long inner, long columns) {
        Map<String, ArrayType> types = new LinkedHashMap<>();
        types.put("a", new ArrayType(DType.F32, Shape.of(rows, inner)));
        types.put("b", new ArrayType(DType.F32, Shape.of(inner, columns)));
        return new ProbeWork("a @ b", false, types, () -> product(rows / 6, inner / 2, columns / 4));
    }

    /** The same on fewer elements, as many as it takes for its loops to be compiled. */
    ProbeWork small() {
        return small.get();
    }

    Program program() {
        return program;
    }

    List<Source> sources() {
        return sources;
    }

    Sink sink() {
        return sink;
    }

    @Override
    public void close() {
        arena.close();
    }

    /** As a file that is read in parts. */
    private record Parts(MemorySegment memory) implements Source.Chunked {
        @Override
        public void read(long first, long count, MemorySegment into) {
            MemorySegment.copy(memory, first * 4, into, 0, count * 4);
        }
    }

    private record Taken(MemorySegment memory) implements Sink.Chunked {
        @Override
        public void write(long first, long count, MemorySegment from) {
            MemorySegment.copy(from, 0, memory, first * 4, count * 4);
        }
    }
}
