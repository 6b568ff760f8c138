package org.imbrex.kernels.typing;

import java.util.Arrays;
import java.util.Map;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.type.Shape;

/** What a checked graph means, in doubles and one element at a time; for arithmetic, comparisons and reductions. */
final class Evaluator {
    private final Map<String, double[]> inputs;

    Evaluator(Map<String, double[]> inputs) {
        this.inputs = inputs;
    }

    /** The elements in row-major order. */
    double[] all(Node node) {
        Shape shape = node.type().shape();
        double[] result = new double[Math.toIntExact(shape.elements())];
        for (int i = 0; i < result.length; i++) {
            result[i] = at(node, index(i, shape));
        }
        return result;
    }

    private static long[] index(long element, Shape shape) {
        long[] index = new long[shape.rank()];
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            index[axis] = element % shape.extent(axis);
            element /= shape.extent(axis);
        }
        return index;
    }

    private static long element(long[] index, Shape shape) {
        long element = 0;
        for (int axis = 0; axis < index.length; axis++) {
            element = element * shape.extent(axis) + index[axis];
        }
        return element;
    }

    private double at(Node node, long[] index) {
        return switch (node) {
            case Node.Input input ->
                inputs.get(input.name())[(int) element(index, input.type().shape())];
            case Node.Constant c -> c.type().dtype().isFloat() ? Double.longBitsToDouble(c.bits()) : c.bits();
            case Node.Cast cast -> at(cast.x(), index);
            case Node.Apply apply ->
                apply(
                        apply.function(),
                        apply.args().stream()
                                .mapToDouble(arg ->
                                        at(arg, broadcast(index, arg.type().shape())))
                                .toArray());
            case Node.Affine a -> {
                long[] inner = a.offset().clone();
                for (int axis = 0; axis < inner.length; axis++) {
                    for (int j = 0; j < index.length; j++) {
                        inner[axis] += a.steps()[axis][j] * index[j];
                    }
                    if (inner[axis] < 0 || inner[axis] >= a.x().type().shape().extent(axis)) {
                        throw new AssertionError(Arrays.toString(inner) + " is outside of " + a.x().type());
                    }
                }
                yield at(a.x(), inner);
            }
            case Node.Reshape r ->
                at(r.x(), index(element(index, r.type().shape()), r.x().type().shape()));
            case Node.Concat c -> {
                long[] inner = index.clone();
                for (Node part : c.parts()) {
                    long extent = part.type().shape().extent(c.axis());
                    if (inner[c.axis()] < extent) {
                        yield at(part, inner);
                    }
                    inner[c.axis()] -= extent;
                }
                throw new AssertionError("beyond " + c.type());
            }
            case Node.Reduce r -> reduce(r, index);
            default -> throw new AssertionError(node + " has no meaning here");
        };
    }

    private static long[] broadcast(long[] index, Shape shape) {
        long[] inner = new long[shape.rank()];
        for (int axis = 0; axis < inner.length; axis++) {
            inner[axis] = shape.extent(axis) == 1 ? 0 : index[index.length - inner.length + axis];
        }
        return inner;
    }

    private static double apply(Function function, double[] a) {
        return switch (function) {
            case ADD -> a[0] + a[1];
            case SUB -> a[0] - a[1];
            case MUL -> a[0] * a[1];
            case DIV -> a[0] / a[1];
            case GT -> a[0] > a[1] ? 1 : 0;
            case WHERE -> a[0] != 0 ? a[1] : a[2];
            default -> throw new AssertionError(function + " has no meaning here");
        };
    }

    private double reduce(Node.Reduce r, long[] index) {
        Shape shape = r.x().type().shape();
        long[] inner = new long[shape.rank()];
        long[] reduced = new long[r.axes().length];
        int from = 0;
        int gone = 0;
        for (int axis = 0; axis < inner.length; axis++) {
            boolean isReduced = Arrays.binarySearch(r.axes(), axis) >= 0;
            if (isReduced) {
                reduced[gone++] = shape.extent(axis);
            }
            inner[axis] = isReduced ? 0 : index[from];
            from += isReduced && !r.keepdims() ? 0 : 1;
        }
        Shape over = new Shape(reduced);
        double[] elements = new double[Math.toIntExact(over.elements())];
        for (int i = 0; i < elements.length; i++) {
            long[] at = index(i, over);
            for (int k = 0; k < at.length; k++) {
                inner[r.axes()[k]] = at[k];
            }
            elements[i] = at(r.x(), inner);
        }
        double sum = Arrays.stream(elements).sum();
        double mean = sum / elements.length;
        return switch (r.reduction()) {
            case SUM, COUNT -> sum;
            case MEAN -> mean;
            case VAR ->
                Arrays.stream(elements).map(e -> (e - mean) * (e - mean)).sum() / elements.length;
            case MAX -> Arrays.stream(elements).max().orElseThrow();
            case ARGMAX -> {
                int best = 0;
                for (int i = 1; i < elements.length; i++) {
                    best = elements[i] > elements[best] ? i : best;
                }
                yield best;
            }
            default -> throw new AssertionError(r.reduction() + " has no meaning here");
        };
    }
}
