package org.imbrex.kernels.contract;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;

/** Runs a program in the plainest way: all buffers in memory, each stage one tile, one after the other. */
public final class ProgramRunner {
    private final Program program;
    private final List<MemorySegment> memory = new ArrayList<>();
    private final long[] bases;

    private ProgramRunner(Program program, Arena arena) {
        this.program = program;
        this.bases = new long[program.buffers().size()];
        for (int b = 0; b < bases.length; b++) {
            Program.Buffer buffer = program.buffers().get(b);
            long[] span = span(buffer);
            int bytes = buffer.dtype().bytes();
            MemorySegment segment = arena.allocate((span[1] - span[0] + 1) * bytes + 64, 64);
            memory.add(segment.fill((byte) 0x5a));
            bases[b] = segment.address() - span[0] * bytes;
        }
    }

    /**
     * Runs the program by a lowering.
     *
     * @param inputs by name, of the buffers' dtypes and shapes
     * @return the results in their order
     */
    public static List<Values> run(
            Program program, Map<String, Values> inputs, Function<Stage, ? extends HostKernel> lowering) {
        try (Arena arena = Arena.ofConfined()) {
            ProgramRunner runner = new ProgramRunner(program, arena);
            for (int b = 0; b < program.inputs().size(); b++) {
                runner.write(b, inputs.get(program.inputs().get(b)));
            }
            for (int s = 0; s < program.stages().size(); s++) {
                runner.run(s, lowering.apply(program.stages().get(s)));
            }
            return program.results().stream().map(runner::read).toList();
        }
    }

    private void run(int number, HostKernel kernel) {
        Stage stage = program.stages().get(number);
        long[] domain = stage.domain();
        Tile whole = new Tile(number, new long[domain.length], domain, 0, stage.leaves());
        kernel.run(whole, bases(stage.loads()), bases(stage.stores()));
    }

    private long[] bases(List<View> views) {
        return views.stream().mapToLong(view -> bases[view.buffer()]).toArray();
    }

    /** The smallest and the largest element that a buffer's indices reach. */
    static long[] span(Program.Buffer buffer) {
        long[] extents = buffer.shape().extents();
        long[] span = new View(0, buffer.dtype(), 0, buffer.strides()).range(new long[extents.length], extents);
        return span[0] > span[1] ? new long[] {0, 0} : span;
    }

    private void write(int number, Values values) {
        Program.Buffer buffer = program.buffers().get(number);
        if (!values.type().equals(new ArrayType(buffer.dtype(), buffer.shape()))) {
            throw new IllegalArgumentException("input " + number + " is " + values.type() + ", not " + buffer);
        }
        each(buffer.shape(), buffer.strides(), (i, element) -> Elements.write(
                buffer.dtype(), bases[number] + element * buffer.dtype().bytes(), values.bits()[i]));
    }

    private Values read(int number) {
        Program.Buffer buffer = program.buffers().get(number);
        DType dtype = buffer.dtype();
        long[] bits = new long[Math.toIntExact(buffer.shape().elements())];
        each(buffer.shape(), buffer.strides(), (i, element) ->
                bits[i] = Elements.read(dtype, bases[number] + element * dtype.bytes()));
        return new Values(new ArrayType(dtype, buffer.shape()), bits);
    }

    private interface Visit {
        void at(int number, long element);
    }

    private static void each(Shape shape, long[] strides, Visit visit) {
        long[] extents = shape.extents();
        long[] index = new long[extents.length];
        View view = new View(0, DType.F64, 0, strides);
        if (shape.elements() == 0) {
            return;
        }
        int number = 0;
        do {
            visit.at(number++, view.element(index));
        } while (Walk.next(index, new long[extents.length], extents));
    }
}
