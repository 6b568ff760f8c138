package org.imbrex.kernels.contract;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/**
 * Checked expressions by chance: graphs of all kinds of nodes over inputs of any dtype and strides, with extents of 0
 * and 1 among others. They keep what {@link Node} promises and nothing more.
 */
final class RandomNodes {
    private static final int MOST_ELEMENTS = 3000;
    private static final Set<Function> ON_BOOLS = EnumSet.of(
            Function.EQ, Function.NE, Function.LT, Function.LE, Function.GT, Function.GE, Function.AND, Function.OR,
            Function.XOR, Function.INVERT, Function.WHERE);
    private static final Set<Function> ON_INTEGERS = EnumSet.of(
            Function.ADD, Function.SUB, Function.MUL, Function.FLOORDIV, Function.MOD, Function.NEG, Function.EQ,
            Function.NE, Function.LT, Function.LE, Function.GT, Function.GE, Function.AND, Function.OR, Function.XOR,
            Function.INVERT, Function.WHERE, Function.MINIMUM, Function.MAXIMUM, Function.CLIP, Function.ABS,
            Function.SIGN);
    private static final Set<Function> ON_FLOATS = floats();

    private final Random random;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
    private final Map<String, Values> inputs = new LinkedHashMap<>();

    /** Expressions with what their inputs hold and how those lie in memory. */
    record Case(List<Node> results, Map<String, Program.Buffer> buffers, Map<String, Values> inputs) {}

    private RandomNodes(Random random) {
        this.random = random;
    }

    static Case of(long seed) {
        RandomNodes maker = new RandomNodes(new Random(seed));
        maker.grow();
        List<Node> results = new ArrayList<>();
        int count = maker.random.nextInt(3) == 0 ? 2 + maker.random.nextInt(3) : 1;
        for (int k = 0; k < count; k++) {
            results.add(maker.recent());
        }
        return new Case(results, maker.buffers, maker.inputs);
    }

    private static Set<Function> floats() {
        Set<Function> all = EnumSet.allOf(Function.class);
        all.removeAll(EnumSet.of(Function.AND, Function.OR, Function.XOR, Function.INVERT));
        // one of the long ones is as good as all
        all.removeAll(EnumSet.of(
                Function.EXPM1, Function.LOG, Function.LOG1P, Function.LOG2, Function.LOG10, Function.COS, Function.TAN,
                Function.ASIN, Function.ACOS, Function.ATAN, Function.ATAN2, Function.SINH, Function.COSH,
                Function.TANH, Function.HYPOT, Function.POW));
        return all;
    }

    private void grow() {
        Shape base = shape();
        int inputCount = 1 + random.nextInt(3);
        for (int k = 0; k < inputCount; k++) {
            input("x" + k, within(base));
        }
        int steps = 1 + random.nextInt(random.nextInt(3) == 0 ? 25 : 8);
        for (int k = 0; k < steps; k++) {
            Optional<Node> next = next();
            next.filter(node -> node.type().shape().elements() <= MOST_ELEMENTS).ifPresent(nodes::add);
        }
    }

    private Node recent() {
        int back = Math.min(random.nextInt(nodes.size()), random.nextInt(nodes.size()));
        return nodes.get(nodes.size() - 1 - Math.min(back, random.nextInt(nodes.size())));
    }

    // ---- leaves

    private Shape shape() {
        while (true) {
            long[] extents = new long[random.nextInt(5)];
            for (int axis = 0; axis < extents.length; axis++) {
                extents[axis] = switch (random.nextInt(16)) {
                    case 0 -> 0;
                    case 1, 2, 3 -> 1;
                    case 4 -> 100 + random.nextInt(200);
                    case 5 -> random.nextInt(2000);
                    default -> 2 + random.nextInt(8);
                };
            }
            Shape shape = new Shape(extents);
            if (shape.elements() <= MOST_ELEMENTS) {
                return shape;
            }
        }
    }

    /** A shape that broadcasts to {@code base}, most often itself. */
    private Shape within(Shape base) {
        long[] extents = base.extents();
        for (int axis = 0; axis < extents.length; axis++) {
            extents[axis] = random.nextInt(6) == 0 ? 1 : extents[axis];
        }
        int drop = random.nextInt(5) == 0 ? random.nextInt(extents.length + 1) : 0;
        return new Shape(Arrays.copyOfRange(extents, drop, extents.length));
    }

    private void input(String name, Shape shape) {
        DType dtype = random.nextInt(3) == 0 ? DType.values()[random.nextInt(8)] : any(DType.F32, DType.F64, DType.I32);
        long[] strides = strides(shape);
        long[] bits = new long[(int) shape.elements()];
        boolean special = random.nextBoolean();
        for (int i = 0; i < bits.length; i++) {
            bits[i] = RandomValues.bits(random, dtype, special);
            long[] index = NodeEvaluator.index(shape, i);
            for (int axis = 0; axis < index.length; axis++) {
                index[axis] = strides[axis] == 0 ? 0 : index[axis];
            }
            bits[i] = bits[NodeEvaluator.at(shape, index)];
        }
        ArrayType type = new ArrayType(dtype, shape);
        buffers.put(name, new Program.Buffer(dtype, shape, strides));
        inputs.put(name, new Values(type, bits));
        nodes.add(new Node.Input(name, type));
    }

    /** C-contiguous, or any order of axes, with gaps or repeated. */
    private long[] strides(Shape shape) {
        if (random.nextInt(3) > 0) {
            return shape.strides();
        }
        int rank = shape.rank();
        long[] strides = new long[rank];
        List<Integer> order = new ArrayList<>();
        for (int axis = 0; axis < rank; axis++) {
            order.add(random.nextInt(order.size() + 1), axis);
        }
        long stride = 1 + random.nextInt(2);
        for (int axis : order) {
            strides[axis] = shape.extent(axis) < 4 && random.nextInt(6) == 0 ? 0 : stride;
            stride *= Math.max(1, shape.extent(axis)) + random.nextInt(2);
        }
        return strides;
    }

    private DType any(DType... dtypes) {
        return dtypes[random.nextInt(dtypes.length)];
    }

    private Node.Constant constant(DType dtype) {
        long bits = random.nextInt(3) == 0 ? RandomValues.bits(random, dtype, true) : small(dtype);
        return new Node.Constant(bits, new ArrayType(dtype, Shape.SCALAR));
    }

    private long small(DType dtype) {
        int value = random.nextInt(5);
        return switch (dtype) {
            case BOOL -> value & 1;
            case F32 -> Semantics.bits((float) value);
            case F64 -> Semantics.bits((double) value);
            default -> value;
        };
    }

    // ---- nodes over earlier ones

    private Optional<Node> next() {
        Node x = recent();
        return switch (random.nextInt(22)) {
            case 0, 1, 2, 3, 4, 5 -> elementwise(x);
            case 6 -> Optional.of(cast(x, DType.values()[random.nextInt(8)]));
            case 7, 8, 9 -> affine(x);
            case 10, 11, 12 -> shift(x);
            case 13, 14, 15, 16 -> x instanceof Node.Reduce reduce ? twin(reduce) : reduce(x);
            case 17 -> reshape(x);
            case 18 -> concat(x);
            case 19, 20 -> lines(x);
            default -> product(x);
        };
    }

    private static Node cast(Node x, DType to) {
        return x.type().dtype() == to ? x : new Node.Cast(x, new ArrayType(to, x.type().shape()));
    }

    private Optional<Node> elementwise(Node x) {
        DType dtype = x.type().dtype();
        Set<Function> set = dtype == DType.BOOL ? ON_BOOLS : dtype.isFloat() ? ON_FLOATS : ON_INTEGERS;
        Function function = List.copyOf(set).get(random.nextInt(set.size()));
        if (!hasCode(function, dtype)) {
            return Optional.empty();
        }
        List<Node> args = new ArrayList<>();
        int at = random.nextInt(function.arity());
        Shape shape = x.type().shape();
        for (int k = 0; k < function.arity(); k++) {
            Node arg = k == at ? x : fitting(shape);
            args.add(cast(arg, function == Function.WHERE && k == 0 ? DType.BOOL : dtype));
            shape = shape.broadcast(args.get(k).type().shape());
        }
        DType result = switch (function) {
            case EQ, NE, LT, LE, GT, GE, ISNAN, ISINF, ISFINITE -> DType.BOOL;
            default -> dtype;
        };
        return Optional.of(new Node.Apply(function, args, new ArrayType(result, shape)));
    }

    private static boolean hasCode(Function function, DType dtype) {
        Code code = new Code();
        ScalarType type = dtype.scalar();
        try {
            Functions.apply(code, function, type);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Appends a function to code, for want of arguments by loads. */
    private static final class Functions {
        static void apply(Code code, Function function, ScalarType type) {
            var args = new org.imbrex.kernels.scalar.Value[function.arity()];
            for (int k = 0; k < args.length; k++) {
                args[k] = code.load(function == Function.WHERE && k == 0 ? ScalarType.BOOL : type, k);
            }
            org.imbrex.kernels.math.Functions.apply(code, function, args);
        }
    }

    /** An earlier node that broadcasts with the shape, or a constant. */
    private Node fitting(Shape shape) {
        for (int tries = 0; tries < 8; tries++) {
            Node node = recent();
            Shape other = node.type().shape();
            boolean fits = true;
            for (int i = 1; i <= Math.min(shape.rank(), other.rank()); i++) {
                long a = shape.extent(shape.rank() - i);
                long b = other.extent(other.rank() - i);
                fits &= a == b || a == 1 || b == 1;
            }
            if (fits && shape.broadcast(other).elements() <= MOST_ELEMENTS) {
                return node;
            }
        }
        return constant(any(DType.values()));
    }

    private Optional<Node> shift(Node x) {
        Shape shape = x.type().shape();
        long[] by = new long[shape.rank()];
        for (int axis = 0; axis < by.length; axis++) {
            by[axis] = random.nextInt(3) == 0 ? 0 : random.nextInt(5) - 2;
            by[axis] = random.nextInt(20) == 0 ? random.nextInt(50) - 25 : by[axis];
        }
        EdgeMode mode = EdgeMode.values()[random.nextInt(5)];
        long fill = RandomValues.bits(random, x.type().dtype(), true);
        return Optional.of(new Node.Shift(x, by, mode, fill, x.type()));
    }

    private Optional<Node> reduce(Node x) {
        Shape shape = x.type().shape();
        int[] axes = java.util.stream.IntStream.range(0, shape.rank())
                .filter(axis -> random.nextInt(5) > 1)
                .toArray();
        return reduce(x, axes, random.nextBoolean());
    }

    /** Another reduction of the same elements over the same axes. */
    private Optional<Node> twin(Node.Reduce reduce) {
        return reduce(reduce.x(), reduce.axes(), reduce.keepdims());
    }

    private Optional<Node> reduce(Node x, int[] axes, boolean keepdims) {
        Reduction reduction = Reduction.values()[random.nextInt(Reduction.values().length)];
        Shape shape = x.type().shape();
        boolean floats = x.type().dtype().isFloat();
        Node operand = switch (reduction) {
            case SUM, PROD, NANSUM, NANPROD -> floats ? x : cast(x, DType.I64);
            case MEAN, VAR, STD, NANMEAN, NANVAR, NANSTD -> floats ? x : cast(x, DType.F64);
            case ANY, ALL, COUNT -> cast(x, DType.BOOL);
            case MIN, MAX, ARGMIN, ARGMAX, NANMIN, NANMAX -> x;
        };
        DType result = switch (reduction) {
            case ARGMIN, ARGMAX, COUNT -> DType.I64;
            default -> operand.type().dtype();
        };
        boolean needsElements = switch (reduction) {
            case MIN, MAX, ARGMIN, ARGMAX, NANMIN, NANMAX -> true;
            default -> false;
        };
        if (needsElements && Arrays.stream(axes).anyMatch(axis -> shape.extent(axis) == 0)) {
            return Optional.empty();
        }
        List<Long> extents = new ArrayList<>();
        for (int axis = 0; axis < shape.rank(); axis++) {
            boolean gone = Arrays.binarySearch(axes, axis) >= 0;
            if (!gone || keepdims) {
                extents.add(gone ? 1 : shape.extent(axis));
            }
        }
        return Optional.of(new Node.Reduce(reduction, operand, axes, keepdims, new ArrayType(result, shape(extents))));
    }

    private static Shape shape(List<Long> extents) {
        return new Shape(extents.stream().mapToLong(Long::longValue).toArray());
    }

    private Optional<Node> reshape(Node x) {
        long rest = x.type().shape().elements();
        List<Long> extents = new ArrayList<>();
        for (int axis = random.nextInt(4); axis > 0 && rest > 0; axis--) {
            long factor = divisor(rest);
            extents.add(random.nextInt(extents.size() + 1), factor);
            rest /= factor;
        }
        if (rest != 1) {
            extents.add(random.nextInt(extents.size() + 1), rest);
        }
        return Optional.of(new Node.Reshape(x, new ArrayType(x.type().dtype(), shape(extents))));
    }

    private long divisor(long n) {
        long factor = 1 + random.nextLong(Math.min(n, 12));
        return n % factor == 0 ? factor : 1;
    }

    private Optional<Node> concat(Node x) {
        Shape shape = x.type().shape();
        if (shape.rank() == 0) {
            return Optional.empty();
        }
        int axis = random.nextInt(shape.rank());
        List<Node> parts = new ArrayList<>(List.of(x));
        long[] extents = shape.extents();
        for (int tries = 0; tries < 6 && parts.size() < 4; tries++) {
            Node part = recent();
            long[] other = part.type().shape().extents();
            boolean fits = other.length == extents.length;
            for (int a = 0; fits && a < other.length; a++) {
                fits = a == axis || other[a] == extents[a];
            }
            if (fits) {
                parts.add(random.nextInt(parts.size() + 1), cast(part, x.type().dtype()));
                extents[axis] += other[axis];
            }
        }
        return Optional.of(new Node.Concat(parts, axis, new ArrayType(x.type().dtype(), new Shape(extents))));
    }

    private Optional<Node> lines(Node x) {
        Shape shape = x.type().shape();
        DType dtype = x.type().dtype();
        DType floats = dtype.isFloat() ? dtype : DType.F64;
        if (shape.rank() == 0 || shape.rank() > 6) {
            return Optional.empty();
        }
        int axis = random.nextInt(shape.rank());
        long n = shape.extent(axis);
        long[] extents = shape.extents();
        int kind = random.nextInt(7);
        if (n == 0 && (kind == 4 || kind > 5)) {
            return Optional.empty();
        }
        return switch (kind) {
            case 0 -> Optional.of(line(new Line.Sort(n), x, axis, extents));
            case 1 -> Optional.of(line(new Line.ArgSort(n), x, axis, extents));
            case 2, 3 -> {
                Combine how = random.nextInt(4) == 0 ? Combine.PROD : Combine.SUM;
                Line line = new Line.Cumulate(how, n, random.nextInt(3) == 0);
                yield Optional.of(line(line, cast(x, dtype.isFloat() ? dtype : DType.I64), axis, extents));
            }
            case 4 -> {
                extents[axis] = 2;
                Line line = new Line.Select(n, List.of(random.nextLong(n), n - 1));
                yield Optional.of(line(line, x, axis, extents));
            }
            case 5 -> {
                extents[axis] = 3;
                yield Optional.of(line(new Line.Count(n, 3), cast(x, DType.I32), axis, extents));
            }
            default -> {
                boolean pairs = shape.rank() > 1 && axis < shape.rank() - 1 && extents[shape.rank() - 1] == 2;
                if (pairs) {
                    Line line = new Line.Fourier(
                            n, random.nextBoolean() ? Line.Fourier.Kind.FFT : Line.Fourier.Kind.IFFT);
                    yield Optional.of(line(line, cast(x, floats), axis, extents));
                }
                long[] with = Arrays.copyOf(extents, extents.length + 1);
                with[axis] = n / 2 + 1;
                with[extents.length] = 2;
                yield Optional.of(line(new Line.Fourier(n, Line.Fourier.Kind.RFFT), cast(x, floats), axis, with));
            }
        };
    }

    private static Node line(Line line, Node x, int axis, long[] extents) {
        return new Node.Lines(line, x, axis, new ArrayType(line.result(x.type().dtype()), new Shape(extents)));
    }

    private Optional<Node> product(Node x) {
        DType dtype = x.type().dtype();
        dtype = dtype.bytes() < 4 ? DType.I32 : dtype;
        for (int tries = 0; tries < 6; tries++) {
            Node y = recent();
            Shape a = x.type().shape();
            Shape b = y.type().shape();
            if (a.rank() < 2 || b.rank() < 2) {
                continue;
            }
            boolean fits = a.extent(a.rank() - 1) == b.extent(b.rank() - 2);
            for (int i = 3; i <= Math.min(a.rank(), b.rank()); i++) {
                long p = a.extent(a.rank() - i);
                long q = b.extent(b.rank() - i);
                fits &= p == q || p == 1 || q == 1;
            }
            if (!fits) {
                y = transposed(y);
                b = y.type().shape();
                fits = a.rank() == 2 && b.rank() == 2 && a.extent(1) == b.extent(0);
            }
            if (fits) {
                Shape batch = batch(a).broadcast(batch(b));
                long[] extents = Arrays.copyOf(batch.extents(), batch.rank() + 2);
                extents[batch.rank()] = a.extent(a.rank() - 2);
                extents[batch.rank() + 1] = b.extent(b.rank() - 1);
                return Optional.of(
                        new Node.MatMul(cast(x, dtype), cast(y, dtype), new ArrayType(dtype, new Shape(extents))));
            }
        }
        return Optional.empty();
    }

    private static Shape batch(Shape shape) {
        return new Shape(Arrays.copyOf(shape.extents(), shape.rank() - 2));
    }

    private static Node transposed(Node x) {
        int rank = x.type().shape().rank();
        long[] extents = new long[rank];
        long[][] steps = new long[rank][rank];
        for (int j = 0; j < rank; j++) {
            extents[j] = x.type().shape().extent(rank - 1 - j);
            steps[rank - 1 - j][j] = 1;
        }
        return new Node.Affine(x, new long[rank], steps, new ArrayType(x.type().dtype(), new Shape(extents)));
    }

    /** Axes of the result are made one at a time; each walks an axis of x, or two, or none. */
    private Optional<Node> affine(Node x) {
        Shape shape = x.type().shape();
        if (shape.elements() == 0 || random.nextInt(5) == 0) {
            return Optional.of(transposed(x));
        }
        int rank = shape.rank();
        long[] offset = new long[rank];
        long[] room = shape.extents(); // how far an index may still go
        List<Long> extents = new ArrayList<>();
        List<long[]> columns = new ArrayList<>();
        for (int axis = 0; axis < rank; axis++) {
            int walks = switch (random.nextInt(8)) {
                case 0 -> 0;
                case 1 -> 2;
                default -> 1;
            };
            boolean whole = random.nextBoolean();
            offset[axis] = whole || walks == 0 ? 0 : random.nextLong(room[axis]);
            if (walks == 0) {
                offset[axis] = random.nextLong(room[axis]);
            }
            room[axis] -= offset[axis];
            for (int w = 0; w < walks; w++) {
                long step = whole && w == walks - 1 ? 1 : 1 + random.nextInt(3);
                long most = (room[axis] - 1) / step + 1;
                long extent = whole && w == walks - 1 ? most : 1 + random.nextLong(Math.min(most, 40));
                room[axis] -= (extent - 1) * step;
                long[] column = new long[rank];
                column[axis] = step;
                if (random.nextInt(4) == 0) {
                    offset[axis] += (extent - 1) * step;
                    column[axis] = -step;
                }
                int to = random.nextInt(3) == 0 ? random.nextInt(columns.size() + 1) : columns.size();
                columns.add(to, column);
                extents.add(to, extent);
            }
        }
        if (columns.size() > 1 && random.nextInt(6) == 0) { // a diagonal
            long[] other = columns.removeLast();
            long[] column = columns.getLast();
            Arrays.setAll(column, axis -> column[axis] + other[axis]);
            long shorter = Math.min(extents.removeLast(), extents.getLast());
            extents.set(extents.size() - 1, shorter);
        }
        if (random.nextInt(4) == 0) {
            int to = random.nextInt(columns.size() + 1);
            columns.add(to, new long[rank]);
            extents.add(to, random.nextInt(3) == 0 ? random.nextLong(4) : 1L);
        }
        long[][] steps = new long[rank][columns.size()];
        for (int j = 0; j < columns.size(); j++) {
            for (int axis = 0; axis < rank; axis++) {
                steps[axis][j] = columns.get(j)[axis];
            }
        }
        return Optional.of(new Node.Affine(x, offset, steps, new ArrayType(x.type().dtype(), shape(extents))));
    }
}
