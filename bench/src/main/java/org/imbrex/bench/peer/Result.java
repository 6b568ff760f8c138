package org.imbrex.bench.peer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.memory.Pages;

/** Native memory for a peer's result, whose pages are dropped in; it goes with the trial that holds it. */
record Result(DType dtype, MemorySegment memory) {

    static Result of(DType dtype, long elements) {
        MemorySegment memory = Pages.allocate(Arena.ofAuto(), elements * dtype.bytes());
        return new Result(dtype, memory.fill((byte) 0));
    }

    double sum() {
        double sum = 0;
        for (long i = 0; i < memory.byteSize() / dtype.bytes(); i++) {
            sum += dtype == DType.F32
                    ? memory.getAtIndex(ValueLayout.JAVA_FLOAT, i)
                    : memory.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        }
        return sum;
    }
}
