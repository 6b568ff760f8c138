package org.imbrex.kernels.line;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.imbrex.kernels.lower.Lowering;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.junit.jupiter.api.Test;

/** Lines too long for stages by chance. */
class LinesTest {
    private static final int LONG = 100_000;

    private static LineStage stage(Line line, DType dtype) {
        Code code = new Code();
        boolean pairs = line.readsPairs();
        long[] strides = pairs ? new long[] {2, 1} : new long[] {1};
        long[] domain = line.writesPairs() ? new long[] {line.to(), 2} : new long[] {line.to()};
        View in = new View(0, dtype, 0, strides);
        View out = new View(1, line.result(dtype), 0, line.writesPairs() ? new long[] {2, 1} : new long[] {1});
        return new LineStage(
                domain, 0, line, dtype, List.of(in), code.body(code.load(dtype.scalar(), 0)), Optional.empty(), out);
    }

    /** The result's bytes, by so many threads. */
    private static byte[] run(Lowering lowering, LineStage stage, MemorySegment in, int threads) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment out = arena.allocate(stage.resultBytes(), 64);
            MemorySegment work = arena.allocate(stage.workBytes() + 64, 64);
            Tile tile = new Tile(0, new long[stage.domain().length], stage.domain(), 0, 1);
            lowering.run(tile, new long[] {in.address()}, new long[] {out.address()}, work.address(), threads);
            return out.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static void same(Line line, DType dtype, boolean few) {
        LineStage stage = stage(line, dtype);
        Random random = new Random(line.hashCode());
        try (Arena arena = Arena.ofShared()) {
            MemorySegment in = arena.allocate(stage.lineBytes(), 64);
            for (long i = 0; i < in.byteSize() / dtype.bytes(); i++) {
                double value = few ? random.nextInt(4) - 1.5 : random.nextGaussian();
                if (dtype.scalar() == ScalarType.F32) {
                    in.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
                } else if (dtype == DType.F64) {
                    in.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
                } else {
                    in.setAtIndex(ValueLayout.JAVA_LONG, i, few ? (long) value : random.nextLong());
                }
            }
            byte[] expected = run(Lowerings.reference(stage), stage, in, 1);
            for (int threads = 1; threads <= 3; threads++) {
                assertThat(run(Lowerings.vector(stage), stage, in, threads))
                        .as(line + " of " + dtype + " by " + threads + " threads")
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void anyNumberOfThreadsSortsAndSelectsAlike() {
        for (DType dtype : List.of(DType.F32, DType.F64, DType.I64)) {
            for (boolean few : new boolean[] {false, true}) {
                same(new Line.Sort(LONG), dtype, few);
                same(new Line.ArgSort(LONG), dtype, few);
                same(new Line.Select(LONG, List.of(0L, 7L, LONG / 2L, LONG / 2L + 1, LONG - 1L)), dtype, few);
            }
        }
    }

    @Test
    void anyNumberOfThreadsTransformsAlike() {
        for (int n : new int[] {1 << 12, 1 << 17, 3 * 5 * 7 * 1024, 10_007}) {
            for (Line.Fourier.Kind kind : Line.Fourier.Kind.values()) {
                same(new Line.Fourier(n, kind), DType.F64, false);
            }
        }
    }

    @Test
    void longSumsAreTheReferences() {
        same(new Line.Cumulate(Combine.SUM, Line.Cumulate.CHUNK, false), DType.F32, false);
        same(new Line.Cumulate(Combine.PROD, 5000, false), DType.F64, false);
    }
}
