package org.imbrex.kernels.contract;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.line.LineReference;
import org.imbrex.kernels.math.Functions;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/**
 * What checked expressions mean, without fusing: every node becomes a whole array, one element after the other. Knows
 * nothing of stages and views; {@link Folds} does the reductions.
 */
public final class NodeEvaluator {
    private final Map<String, Values> inputs;
    private final Map<Node, long[]> known = new IdentityHashMap<>();
    private final Map<Integer, List<long[]>> states = new HashMap<>();
    private final Map<Node.Iteration, List<long[]>> iterations = new IdentityHashMap<>();

    private NodeEvaluator(Map<String, Values> inputs) {
        this.inputs = inputs;
    }

    public static List<Values> evaluate(List<Node> results, Map<String, Values> inputs) {
        NodeEvaluator evaluator = new NodeEvaluator(inputs);
        return results.stream()
                .map(node -> new Values(node.type(), evaluator.bits(node)))
                .toList();
    }

    private long[] bits(Node node) {
        long[] bits = known.get(node);
        if (bits == null) {
            bits = compute(node);
            known.put(node, bits);
        }
        return bits;
    }

    private long[] compute(Node node) {
        return switch (node) {
            case Node.Input input -> inputs.get(input.name()).bits();
            case Node.Constant constant -> new long[] {constant.bits()};
            case Node.Apply apply -> apply(apply);
            case Node.Cast cast -> {
                Code code = new Code();
                DType from = cast.x().type().dtype();
                Value value = code.convert(code.load(from.scalar(), 0), cast.type().dtype().scalar());
                yield elementwise(List.of(cast.x()), cast, new Interpreter(code.body(value)));
            }
            case Node.Affine affine -> {
                long[] x = bits(affine.x());
                yield each(affine.type().shape(), index -> {
                    long[] from = affine.offset().clone();
                    for (int axis = 0; axis < from.length; axis++) {
                        for (int j = 0; j < index.length; j++) {
                            from[axis] += affine.steps()[axis][j] * index[j];
                        }
                    }
                    return x[at(affine.x().type().shape(), from)];
                });
            }
            case Node.Shift shift -> shift(shift);
            case Node.Reduce reduce ->
                new Folds(
                                reduce.x().type(),
                                bits(reduce.x()),
                                reduce.axes(),
                                reduce.type().dtype(),
                                reduce.axes().length > 0
                                        && WindowFold.is(reduce.x(), reduce.axes()[reduce.axes().length - 1]))
                        .reduce(reduce.reduction());
            case Node.Position position ->
                each(position.type().shape(), index -> {
                    long number = 0;
                    for (int axis : position.axes()) {
                        number = number * position.type().shape().extent(axis) + index[axis];
                    }
                    return number;
                });
            case Node.Reshape reshape -> bits(reshape.x());
            case Node.Concat concat -> concat(concat);
            case Node.MatMul product -> product(product);
            case Node.Random random -> RandomNumbers.of(random);
            case Node.State state -> states.get(state.iteration()).get(state.slot());
            case Node.Iterated iterated ->
                iterated(iterated.iteration()).get(iterated.field());
            case Node.Lines lines -> lines(lines);
        };
    }

    private List<long[]> iterated(Node.Iteration iteration) {
        List<long[]> fields = iterations.get(iteration);
        if (fields == null) {
            fields = iterate(iteration);
            iterations.put(iteration, fields);
        }
        return fields;
    }

    /** One whole step after the other. */
    private List<long[]> iterate(Node.Iteration iteration) {
        List<long[]> fields = iteration.starts().stream().map(this::bits).toList();
        List<long[]> given = iteration.given().stream().map(this::bits).toList();
        for (long t = 0; t < iteration.steps(); t++) {
            NodeEvaluator step = new NodeEvaluator(inputs);
            step.states.putAll(states);
            List<long[]> slots = new ArrayList<>(fields);
            slots.addAll(given);
            step.states.put(iteration.number(), slots);
            fields = iteration.nexts().stream().map(step::bits).toList();
        }
        return fields;
    }

    private long[] apply(Node.Apply apply) {
        Code code = new Code();
        Value[] args = new Value[apply.args().size()];
        for (int k = 0; k < args.length; k++) {
            args[k] = code.load(apply.args().get(k).type().dtype().scalar(), k);
        }
        Value value = Functions.apply(code, apply.function(), args);
        return elementwise(apply.args(), apply, new Interpreter(code.body(value)));
    }

    private long[] elementwise(List<Node> args, Node result, Interpreter scalar) {
        long[][] from = args.stream().map(this::bits).toArray(long[][]::new);
        long[] loads = new long[from.length];
        return each(result.type().shape(), index -> {
            for (int k = 0; k < from.length; k++) {
                Shape shape = args.get(k).type().shape();
                long[] own = Arrays.copyOfRange(index, index.length - shape.rank(), index.length);
                for (int axis = 0; axis < own.length; axis++) {
                    own[axis] = shape.extent(axis) == 1 ? 0 : own[axis];
                }
                loads[k] = from[k][at(shape, own)];
            }
            scalar.run(new long[0], loads);
            return narrow(result.type().dtype(), scalar.result(0));
        });
    }

    static long narrow(DType dtype, long bits) {
        return switch (dtype) {
            case I8 -> (byte) bits;
            case I16 -> (short) bits;
            case U8 -> bits & 0xff;
            default -> bits;
        };
    }

    private long[] shift(Node.Shift shift) {
        long[] x = bits(shift.x());
        Shape shape = shift.type().shape();
        return each(shape, index -> {
            long[] from = index.clone();
            for (int axis = 0; axis < from.length; axis++) {
                from[axis] = shift.mode().map(from[axis] + shift.by()[axis], shape.extent(axis));
                if (from[axis] < 0) {
                    return shift.fill();
                }
            }
            return x[at(shape, from)];
        });
    }

    private long[] concat(Node.Concat concat) {
        return each(concat.type().shape(), index -> {
            long[] from = index.clone();
            for (Node part : concat.parts()) {
                Shape shape = part.type().shape();
                if (from[concat.axis()] < shape.extent(concat.axis())) {
                    return bits(part)[at(shape, from)];
                }
                from[concat.axis()] -= shape.extent(concat.axis());
            }
            throw new IllegalStateException("no part has the index");
        });
    }

    private long[] product(Node.MatMul product) {
        long[] a = bits(product.a());
        long[] b = bits(product.b());
        Shape left = product.a().type().shape();
        Shape right = product.b().type().shape();
        ScalarType type = product.type().dtype().scalar();
        long inner = left.extent(left.rank() - 1);
        return each(product.type().shape(), index -> {
            long total = 0;
            for (long from = 0; from < inner; from += MatMulStage.BLOCK) {
                long block = 0;
                for (long k = from; k < Math.min(inner, from + MatMulStage.BLOCK); k++) {
                    long x = a[at(left, operand(index, left, index[index.length - 2], k))];
                    long y = b[at(right, operand(index, right, k, index[index.length - 1]))];
                    block = type.isFloat()
                            ? Semantics.apply(Op.FMA, type, type, x, y, block)
                            : Semantics.apply(
                                    Op.ADD, type, type, block, Semantics.apply(Op.MUL, type, type, x, y, 0), 0);
                }
                total = from == 0 ? block : Semantics.apply(Op.ADD, type, type, total, block, 0);
            }
            return total;
        });
    }

    private long[] lines(Node.Lines node) {
        Line line = node.line();
        Shape from = node.x().type().shape();
        Shape to = node.type().shape();
        DType dtype = node.x().type().dtype();
        long[] x = bits(node.x());
        long[] result = new long[Math.toIntExact(to.elements())];
        long[] first = to.extents();
        first[node.axis()] = 1;
        int plain = to.rank() - (line.writesPairs() ? 1 : 0);
        if (line.writesPairs()) {
            first[plain] = 1;
        }
        long identity = line instanceof Line.Cumulate cumulate ? cumulate.identity(dtype.scalar()) : 0;
        each(new Shape(first), index -> {
            long[] own = new long[(int) line.from() * (line.readsPairs() ? 2 : 1)];
            for (int i = 0; i < own.length; i++) {
                own[i] = x[at(from, place(index, node.axis(), plain, i, line.readsPairs()))];
            }
            long[] made = line instanceof Line.Cumulate cumulate && cumulate.how() == Combine.SUM
                    ? cumulated(cumulate.exclusive(), dtype, own)
                    : LineReference.apply(line, dtype, own, identity);
            for (int i = 0; i < made.length; i++) {
                result[at(to, place(index, node.axis(), plain, i, line.writesPairs()))] = made[i];
            }
            return 0;
        });
        return result;
    }

    private static long[] place(long[] line, int axis, int plain, int i, boolean pairs) {
        long[] index = Arrays.copyOf(line, pairs ? plain + 1 : plain);
        index[axis] = pairs ? i / 2 : i;
        if (pairs) {
            index[plain] = i % 2;
        }
        return index;
    }

    /** Sums of a line of any length: chunks carry on from the exclusive sums of the sums of those before. */
    private static long[] cumulated(boolean exclusive, DType dtype, long[] x) {
        int chunk = Line.Cumulate.CHUNK;
        long identity = Combine.SUM.identity(dtype.scalar());
        if (x.length <= chunk) {
            return LineReference.apply(new Line.Cumulate(Combine.SUM, x.length, exclusive), dtype, x, identity);
        }
        long[] sums = new long[Math.ceilDiv(x.length, chunk)];
        for (int k = 0; k < sums.length; k++) {
            long[] own = Arrays.copyOfRange(x, k * chunk, Math.min(x.length, (k + 1) * chunk));
            ArrayType type = new ArrayType(dtype, new Shape(own.length));
            sums[k] = new Folds(type, own, new int[] {0}, dtype, false).reduce(Reduction.SUM)[0];
        }
        long[] before = cumulated(true, dtype, sums);
        long[] result = new long[x.length];
        for (int k = 0; k < sums.length; k++) {
            long[] own = Arrays.copyOfRange(x, k * chunk, Math.min(x.length, (k + 1) * chunk));
            Line line = new Line.Cumulate(Combine.SUM, own.length, exclusive);
            System.arraycopy(LineReference.apply(line, dtype, own, before[k]), 0, result, k * chunk, own.length);
        }
        return result;
    }

    /** The index of a matrix's element (row, col) in the batch that {@code index} is in. */
    private static long[] operand(long[] index, Shape shape, long row, long col) {
        long[] own = Arrays.copyOfRange(index, index.length - shape.rank(), index.length);
        for (int axis = 0; axis < own.length - 2; axis++) {
            own[axis] = shape.extent(axis) == 1 ? 0 : own[axis];
        }
        own[own.length - 2] = row;
        own[own.length - 1] = col;
        return own;
    }

    // ---- indices

    interface Element {
        long at(long[] index);
    }

    /** An array whose elements are given by their indices. */
    static long[] each(Shape shape, Element element) {
        long[] bits = new long[Math.toIntExact(shape.elements())];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = element.at(index(shape, i));
        }
        return bits;
    }

    static long[] index(Shape shape, long number) {
        long[] index = new long[shape.rank()];
        for (int axis = index.length - 1; axis >= 0; axis--) {
            index[axis] = number % shape.extent(axis);
            number /= shape.extent(axis);
        }
        return index;
    }

    static int at(Shape shape, long[] index) {
        long number = 0;
        for (int axis = 0; axis < index.length; axis++) {
            if (index[axis] < 0 || index[axis] >= shape.extent(axis)) {
                throw new IllegalStateException("index " + Arrays.toString(index) + " is outside " + shape);
            }
            number = number * shape.extent(axis) + index[axis];
        }
        return (int) number;
    }
}
