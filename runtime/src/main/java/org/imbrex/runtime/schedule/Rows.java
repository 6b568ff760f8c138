package org.imbrex.runtime.schedule;

import java.lang.foreign.MemorySegment;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Span;

/** Hands runs of elements that lie together to a sink. */
final class Rows {
    /** What is handed over at once of an array that lies in memory. */
    private static final long CHUNK_BYTES = 4L << 20;

    private Rows() {}

    /** A whole buffer, in order. */
    static void write(Sink.Chunked sink, MemorySegment memory, long first, Program.Buffer buffer) {
        int width = buffer.dtype().bytes();
        long chunk = CHUNK_BYTES / width;
        long count = buffer.shape().elements();
        for (long at = 0; at < count; at += chunk) {
            long run = Math.min(chunk, count - at);
            sink.write(first + at, run, memory.asSlice(at * width, run * width));
        }
    }

    /** What a tile wrote: run by run, each as long as the trailing axes of the box lie without gaps. */
    static void write(Sink.Chunked sink, View view, Tile tile, Span span) {
        each(view, tile, span, sink::write);
    }

    /** One run of elements in memory. */
    @FunctionalInterface
    interface Run {
        void at(long first, long count, MemorySegment memory);
    }

    /** The runs of a tile's elements in a view, in row-major order of its box. */
    static void each(View view, Tile tile, Span span, Run to) {
        long[] lo = tile.lo();
        long[] hi = tile.hi();
        int axis = lo.length;
        long run = 1;
        while (axis > 0 && (hi[axis - 1] - lo[axis - 1] == 1 || view.strides()[axis - 1] == run)) {
            run *= hi[axis - 1] - lo[axis - 1];
            axis--;
        }
        if (run == 0) {
            return;
        }
        int width = view.dtype().bytes();
        long[] index = lo.clone();
        while (true) {
            long element = view.element(index);
            to.at(element, run, span.memory().asSlice((element - span.first()) * width, run * width));
            int outer = axis - 1;
            while (outer >= 0 && ++index[outer] == hi[outer]) {
                index[outer] = lo[outer];
                outer--;
            }
            if (outer < 0) {
                return;
            }
        }
    }
}
