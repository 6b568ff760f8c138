package org.imbrex.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;

/** Programs made by hand for tests. */
public final class Stages {
    private Stages() {}

    public static Program program(List<Program.Buffer> buffers, int inputs, List<Stage> stages, int... results) {
        List<String> names = new ArrayList<>();
        for (int k = 0; k < inputs; k++) {
            names.add("x" + k);
        }
        return new Program(
                "test-" + System.nanoTime() + "-" + stages.hashCode(),
                buffers,
                names,
                stages,
                java.util.Arrays.stream(results).boxed().toList());
    }

    public static Program.Buffer buffer(DType dtype, long... shape) {
        Shape s = new Shape(shape);
        return new Program.Buffer(dtype, s, s.strides());
    }

    /** A reduction of a C-contiguous input over the axes [from, to), doubled by the epilogue. */
    public static ReduceStage reduce(DType dtype, Combine combine, long[] extents, int from, int to) {
        Code body = new Code();
        Body load = body.body(body.load(dtype.scalar(), 0));
        Code epilogue = new Code();
        Value acc = epilogue.load(dtype.scalar(), 0);
        Body twice = epilogue.body(epilogue.add(acc, acc));
        View in = new View(0, dtype, 0, new Shape(extents).strides());
        ReduceStage bare =
                new ReduceStage(extents, from, to, List.of(in), load, List.of(combine), twice, List.of());
        View out = new View(1, dtype, 0, new Shape(bare.domain()).strides());
        return new ReduceStage(extents, from, to, List.of(in), load, List.of(combine), twice, List.of(out));
    }

    public static Program reduction(DType dtype, Combine combine, long[] extents, int from, int to) {
        ReduceStage stage = reduce(dtype, combine, extents, from, to);
        return program(List.of(buffer(dtype, extents), buffer(dtype, stage.domain())), 1, List.of(stage), 1);
    }

    /** mean(blocks(x, size), axis=1) of full blocks of rows. */
    public static Program blockMeans(long rows, long size, long cols) {
        Code body = new Code();
        Body load = body.body(body.load(ScalarType.F64, 0));
        Code epilogue = new Code();
        Body mean = epilogue.body(epilogue.div(epilogue.load(ScalarType.F64, 0), epilogue.f64(size)));
        long blocks = rows / size;
        View in = new View(0, DType.F64, 0, new long[] {size * cols, cols, 1});
        View out = new View(1, DType.F64, 0, new long[] {cols, 1});
        ReduceStage stage = new ReduceStage(
                new long[] {blocks, size, cols},
                1,
                2,
                List.of(in),
                load,
                List.of(Combine.SUM),
                mean,
                List.of(out));
        return program(
                List.of(buffer(DType.F64, rows, cols), buffer(DType.F64, blocks, cols)), 1, List.of(stage), 1);
    }

    /** Two stages with a buffer between: the five-point sum, then its square plus the first element of a row. */
    public static Program stencilThenSquare(long rows, long cols, EdgeMode mode) {
        long[] strides = {cols, 1};
        long[] domain = {rows, cols};
        Code code = new Code();
        Value sum = code.load(ScalarType.F32, 0);
        for (int k = 1; k < 5; k++) {
            sum = code.add(sum, code.load(ScalarType.F32, k));
        }
        List<View> loads = new ArrayList<>();
        loads.add(new View(0, DType.F32, 0, strides));
        for (Shift shift : List.of(
                new Shift(0, -1, rows), new Shift(0, 1, rows), new Shift(1, -1, cols), new Shift(1, 1, cols))) {
            loads.add(new View(0, DType.F32, 0, strides, List.of(shift), mode, 0));
        }
        MapStage stencil =
                new MapStage(domain, loads, code.body(sum), List.of(new View(1, DType.F32, 0, strides)));
        Code square = new Code();
        Value v = square.load(ScalarType.F32, 0);
        Value first = square.load(ScalarType.F32, 1);
        Value row = square.convert(square.index(0), ScalarType.F32);
        MapStage map = new MapStage(
                domain,
                List.of(new View(1, DType.F32, 0, strides), new View(1, DType.F32, 0, new long[] {cols, 0})),
                square.body(square.add(square.fma(v, v, first), row)),
                List.of(new View(2, DType.F32, 0, strides)));
        Program.Buffer b = buffer(DType.F32, rows, cols);
        return program(List.of(b, b, b), 1, List.of(stencil, map), 2);
    }

    /** A few shapes of reduction, of any rank up to 3. */
    public static Program randomReduction(Random random) {
        int rank = 1 + random.nextInt(3);
        int from = random.nextInt(rank);
        int to = from + 1 + random.nextInt(rank - from);
        long[] extents = new long[rank];
        for (int axis = 0; axis < rank; axis++) {
            extents[axis] = 1 + random.nextInt(axis >= from && axis < to ? 500 / (to - from) / (to - from) : 12);
        }
        if (to - from == 1) {
            extents[from] = 1 + random.nextInt(2500);
        }
        DType[] dtypes = {DType.F32, DType.F64, DType.I32, DType.I64};
        return reduction(
                dtypes[random.nextInt(4)], Combine.values()[random.nextInt(4)], extents, from, to);
    }
}
