package org.imbrex.runtime;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;

/** Programs of one or several stages, made of expressions by chance over two tables and a row. */
public final class RandomPrograms {
    private static final DType[] DTYPES = {DType.F32, DType.F64, DType.I32, DType.I64};
    private static final String[] MODES = {"edge", "wrap", "reflect", "symmetric", "1"};

    /** A program and the text it was made of. */
    public record Case(String text, Program program) {}

    private final Random random;

    public RandomPrograms(Random random) {
        this.random = random;
    }

    public Case next() {
        long rows = 1 + random.nextInt(random.nextBoolean() ? 12 : 400);
        long cols = 1 + random.nextInt(random.nextBoolean() ? 9 : 60);
        DType dtype = DTYPES[random.nextInt(DTYPES.length)];
        Map<String, ArrayType> types = new LinkedHashMap<>();
        types.put("x", new ArrayType(dtype, new Shape(new long[] {rows, cols})));
        types.put("y", new ArrayType(dtype, new Shape(new long[] {rows, cols})));
        types.put("r", new ArrayType(dtype, new Shape(new long[] {cols})));
        String text = top(rows);
        Expr expression = Parser.parse(text);
        Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
        for (String name : expression.inputs()) {
            Shape shape = types.get(name).shape();
            boolean transposed = shape.rank() == 2 && random.nextInt(4) == 0;
            long[] strides = transposed ? new long[] {1, rows} : shape.strides();
            buffers.put(name, new Program.Buffer(dtype, shape, strides));
        }
        return new Case(
                dtype + "(" + rows + ", " + cols + "): " + text,
                Fuser.fuse(List.of(Typing.check(expression, types)), buffers));
    }

    private String top(long rows) {
        if (random.nextInt(4) == 0) {
            return iterate();
        }
        String e = table(2);
        int part = 1 + random.nextInt((int) Math.min(rows, 9));
        return switch (random.nextInt(9)) {
            case 0 -> "sum(" + e + ", axis=" + random.nextInt(2) + ")";
            case 1 -> "mean(blocks(" + leaf() + ", " + part + "), axis=1)";
            case 2 -> "sum(rolling(" + leaf() + ", " + part + "), axis=1)";
            case 3 -> e + " @ transpose(" + leaf() + ")";
            case 4 -> "max(" + e + ")";
            case 5 -> "argmax(" + e + ", axis=0)";
            default -> e;
        };
    }

    private String iterate() {
        String steps = ", steps=" + (1 + random.nextInt(20)) + ")";
        return switch (random.nextInt(3)) {
            case 0 -> "iterate(x=" + stencil(leaf()) + ", y=" + stencil("x") + " - r" + steps + "[" + random.nextInt(2)
                    + "]";
            case 1 -> "sum(iterate(x=" + stencil("(x - y)") + steps + ", axis=0)";
            default -> "iterate(x=" + stencil("x") + " - " + stencil("x") + steps;
        };
    }

    private String table(int depth) {
        if (depth == 0) {
            return leaf();
        }
        String a = table(depth - 1);
        String b = random.nextInt(4) == 0 ? "r" : table(random.nextInt(depth));
        return switch (random.nextInt(9)) {
            case 0 -> "(" + a + " + " + b + ")";
            case 1 -> "(" + a + " * " + b + ")";
            case 2 -> "where(" + a + " < " + b + ", " + b + ", x)";
            case 3 -> "(" + a + " - " + reduction() + "(" + b(b) + ", axis=" + random.nextInt(2) + ", keepdims=true))";
            case 4 -> "minimum(" + a + ", " + b + ")";
            case 5, 6 -> stencil(random.nextBoolean() ? leaf() : a);
            case 7 -> a + "[::-1]";
            default -> "-" + a;
        };
    }

    /** A row has no second axis to reduce. */
    private static String b(String of) {
        return of.equals("r") ? "x" : of;
    }

    private String reduction() {
        return List.of("sum", "min", "max", "mean").get(random.nextInt(4));
    }

    private String stencil(String of) {
        String mode = MODES[random.nextInt(MODES.length)];
        return "stencil(at(" + of + ", " + by() + ", " + by() + ") + at(" + of + ", " + by() + ", 0), mode="
                + (mode.equals("1") ? mode : "'" + mode + "'") + ")";
    }

    private int by() {
        return random.nextInt(5) - 2;
    }

    private String leaf() {
        return random.nextBoolean() ? "x" : "y";
    }
}
