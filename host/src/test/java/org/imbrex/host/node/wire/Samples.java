package org.imbrex.host.node.wire;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.tile.Footprint;

/** Programs of every kind of stage, and tiles of them. */
final class Samples {
    static final List<String> EXPRESSIONS = List.of(
            "x + y * 2",
            "mean(blocks(x, 8), axis=1)",
            "sum(rolling(x, 3), axis=1)",
            "stencil(at(x, -1, 0) + at(x, 1, 0) - 4 * x + at(x, 0, -1) + at(x, 0, 1), mode='wrap')",
            "stencil(at(x, -2, 1) * at(x, 1, 2), mode='reflect')",
            "stencil(at(x, 0, 3) + at(x, 2, 0), mode=1)",
            "x @ transpose(y)",
            "maximum(x @ transpose(y) + x[:, :1] * 2, 0)",
            "f32(transpose(i) @ i) / r + 1",
            "max(x) - min(x)",
            "sum(x * y)",
            "argmax(x, axis=0)",
            "x - mean(x, axis=0)",
            "transpose(x)[::2, ::-1] + 1",
            "x[1:] - x[:-1]",
            "var(x, axis=1)",
            "sqrt(abs(x)) + r",
            "x // 3 + y % x",
            "i // j + i % j",
            "iterate(x=x + 0.5 * (at(x, -1, 0) + at(x, 1, 0) - 2 * x), steps=5)",
            "iterate(x=stencil(x + 0.1 * (at(x, -1, 0) - at(x, 0, 1)), mode='wrap'), steps=4)",
            "iterate(x=x - (at(y, 1, 0) - y) * 0.1, y=y - (x - at(x, -1, 0)) * 0.1, steps=6)[0]",
            "where(x < y, exp(x), tan(y))",
            "sort(x + y, axis=0)",
            "argsort(x, axis=1)",
            "cumsum(x * 2, axis=0)",
            "cumprod(y, axis=1)",
            "quantile(x, (0.3, 0.9), axis=1)",
            "histogram(y, 16, 0, 1)",
            "rfft(x, axis=0)",
            "ifft(fft(rfft(y)))",
            "irfft(rfft(x, axis=0), axis=0)");

    private Samples() {}

    static Program program(String text, Random random) {
        DType dtype = random.nextBoolean() ? DType.F64 : DType.F32;
        long rows = 3 + random.nextInt(300);
        long cols = 1 + random.nextInt(60);
        Map<String, ArrayType> types = new LinkedHashMap<>();
        types.put("x", new ArrayType(dtype, Shape.of(rows, cols)));
        types.put("y", new ArrayType(dtype, Shape.of(rows, cols)));
        types.put("r", new ArrayType(dtype, Shape.of(cols)));
        types.put("i", new ArrayType(DType.I64, Shape.of(rows, cols)));
        types.put("j", new ArrayType(DType.I16, Shape.of(rows, cols)));
        Expr expression = Parser.parse(text);
        Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
        for (String name : expression.inputs()) {
            Shape shape = types.get(name).shape();
            boolean turned = shape.rank() == 2 && random.nextInt(4) == 0;
            long[] strides = turned ? new long[] {1, rows} : shape.strides();
            buffers.put(name, new Program.Buffer(types.get(name).dtype(), shape, strides));
        }
        return Fuser.fuse(List.of(Typing.check(expression, types)), buffers);
    }

    static Program any(Random random) {
        return program(EXPRESSIONS.get(random.nextInt(EXPRESSIONS.size())), random);
    }

    /** A box of a stage's domain and a node of its tree; none where the domain is empty. */
    static List<Tile> tiles(Program program, Random random, int count) {
        List<Tile> tiles = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            int number = random.nextInt(program.stages().size());
            Stage stage = program.stages().get(number);
            long[] domain = stage.domain();
            long[] lo = new long[domain.length];
            long[] hi = new long[domain.length];
            for (int axis = 0; axis < domain.length; axis++) {
                if (domain[axis] == 0) {
                    return List.of();
                }
                lo[axis] = random.nextLong(domain[axis]);
                hi[axis] = lo[axis] + 1 + random.nextLong(domain[axis] - lo[axis]);
                if (!stage.cuts(axis)) {
                    lo[axis] = 0;
                    hi[axis] = domain[axis];
                }
            }
            long leaves = stage.leaves();
            long from = 0;
            long to = leaves;
            if (stage instanceof ReduceStage && leaves > 1 && random.nextBoolean()) {
                long node = 1L << random.nextInt(64 - Long.numberOfLeadingZeros(leaves - 1));
                from = random.nextLong(Math.ceilDiv(leaves, node)) * node;
                to = Math.min(leaves, from + node);
            }
            tiles.add(new Tile(number, lo, hi, from, to));
        }
        return tiles;
    }

    /** As a scheduler gives them: the whole buffer for each load, or no more than the load reads. */
    static List<Span> spans(Stage stage, Tile tile, Random random) {
        boolean whole = random.nextBoolean();
        List<Span> spans = new ArrayList<>();
        for (int load = 0; load < stage.loads().size(); load++) {
            long[] range = Footprint.loadRange(stage, load, tile);
            int width = stage.loads().get(load).dtype().bytes();
            MemorySegment nowhere = MemorySegment.NULL;
            spans.add(
                    whole
                            ? new Span(nowhere.reinterpret(Long.MAX_VALUE), 0)
                            : new Span(nowhere.reinterpret(Math.max(0, range[1] - range[0] + 1) * width), range[0]));
        }
        return spans;
    }
}
