package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;

/**
 * An axis of windows that overlap, each one element further than the one before, reduced without computing anew what
 * windows share: eight neighbours make the values of windows of 8, eight of those that follow one another the values of
 * windows of 64, and so on; a window of any length is made of the longest of these, then of shorter ones. The work is
 * the same for each element whatever the length is, but for one more pass each time it grows eightfold, and parts are
 * merged in pairs, so that sums keep their digits, as sums that drop what leaves the window do not.
 *
 * <p>The operand may be elementwise arithmetic on several arrays of windows: it is done on the arrays themselves.
 */
final class Windows {
    /** Up to here the windows are reduced one by one. */
    static final int SHORT = 16;

    private static final int RADIX = 8;

    private final Node base;
    private final int baseAxis;
    private final Node.Affine map;
    private final int axis;
    private final long length;

    /** What is known of a window: a node for each part of it, over all windows of one length. */
    interface Merge {
        /**
         * Of two windows of lengths {@code m} and {@code n} beside each other.
         *
         * @return as many nodes as each has
         */
        List<Node> merged(List<Node> left, long m, List<Node> right, long n);
    }

    private record Part(List<Node> nodes, long length) {}

    private Windows(Node base, int baseAxis, Node.Affine map, int axis) {
        this.base = base;
        this.baseAxis = baseAxis;
        this.map = map;
        this.axis = axis;
        this.length = map.type().shape().extent(axis);
    }

    /** The windows along an axis of a node that is to be reduced, if they overlap and are many and long. */
    static Optional<Windows> along(Node x, int axis) {
        List<Node> parts = Nodes.order(
                List.of(x), node -> Plan.isElementwise(node) ? Nodes.children(node) : Collections.emptyList());
        Node.Affine map = null;
        for (Node part : parts) {
            if (part instanceof Node.Affine affine && (map == null || isSame(map, affine))) {
                map = affine;
            } else if (!Plan.isElementwise(part) && !(part instanceof Node.Constant)) {
                return Optional.empty();
            }
        }
        if (map == null || !map.type().shape().equals(x.type().shape())) {
            return Optional.empty();
        }
        int along = overlapping(map, axis);
        return along < 0 ? Optional.empty() : Optional.of(new Windows(lifted(x, parts), along, map, axis));
    }

    private static boolean isSame(Node.Affine one, Node.Affine other) {
        return one.x().type().shape().equals(other.x().type().shape())
                && one.type().shape().equals(other.type().shape())
                && Arrays.equals(one.offset(), other.offset())
                && Arrays.deepEquals(one.steps(), other.steps());
    }

    /** The one axis of what is mapped that the windows' axis and just one other move along, both by 1; else -1. */
    private static int overlapping(Node.Affine map, int axis) {
        Shape shape = map.type().shape();
        int along = -1;
        for (int a = 0; a < map.steps().length; a++) {
            if (map.steps()[a][axis] != 0) {
                if (along >= 0) {
                    return -1;
                }
                along = a;
            }
        }
        if (along < 0 || map.steps()[along][axis] != 1 || shape.extent(axis) <= SHORT) {
            return -1;
        }
        int others = 0;
        for (int j = 0; j < shape.rank(); j++) {
            long step = map.steps()[along][j];
            if (j != axis && step != 0) {
                if (step != 1 || shape.extent(j) <= SHORT) {
                    return -1;
                }
                others++;
            }
        }
        return others == 1 ? along : -1;
    }

    /** The elementwise operations, on what the windows are of. */
    private static Node lifted(Node x, List<Node> parts) {
        Map<Node, Node> lifted = new IdentityHashMap<>();
        for (Node part : parts) {
            lifted.put(part, switch (part) {
                case Node.Affine affine -> affine.x();
                case Node.Cast cast -> {
                    Node of = lifted.get(cast.x());
                    yield new Node.Cast(of, new ArrayType(cast.type().dtype(), of.type().shape()));
                }
                case Node.Apply apply -> {
                    List<Node> args = apply.args().stream().map(lifted::get).toList();
                    Shape shape = Shape.SCALAR;
                    for (Node arg : args) {
                        shape = shape.broadcast(arg.type().shape());
                    }
                    yield new Node.Apply(apply.function(), args, new ArrayType(apply.type().dtype(), shape));
                }
                default -> part;
            });
        }
        return lifted.get(x);
    }

    /** The arrays' elements that windows have, as windows of one. */
    Node elements() {
        long first = map.offset()[baseAxis];
        long count = length;
        for (int j = 0; j < map.type().shape().rank(); j++) {
            count += j != axis && map.steps()[baseAxis][j] != 0 ? map.type().shape().extent(j) - 1 : 0;
        }
        return from(base, first, count);
    }

    /**
     * The values of all windows, from those of {@link #elements}.
     *
     * @param overlaps whether elements may be merged in twice
     */
    List<Node> reduced(List<Node> elements, boolean overlaps, Merge merge) {
        List<Part> levels = new ArrayList<>();
        levels.add(new Part(elements, 1));
        while (levels.getLast().length() * RADIX <= length) {
            Part last = levels.getLast();
            long[] starts = new long[RADIX];
            Arrays.setAll(starts, i -> i * last.length());
            levels.add(merged(pieces(last, starts, last.length() * RADIX, elements), merge));
        }
        List<Part> all = new ArrayList<>();
        long done = 0;
        for (Part level : levels.reversed()) {
            long left = length - done;
            long times = overlaps ? Math.ceilDiv(left, level.length()) : left / level.length();
            long[] starts = new long[(int) times];
            for (int i = 0; i < times; i++) {
                starts[i] = Math.min(done + i * level.length(), length - level.length());
            }
            all.addAll(pieces(level, starts, length, elements));
            done = Math.min(length, done + times * level.length());
        }
        return merged(all, merge).nodes();
    }

    /** Windows of one level at some distances from where windows of {@code whole} elements start. */
    private List<Part> pieces(Part level, long[] starts, long whole, List<Node> elements) {
        long count = elements.getFirst().type().shape().extent(baseAxis) - whole + 1;
        List<Part> pieces = new ArrayList<>();
        for (long start : starts) {
            List<Node> nodes = level.nodes().stream()
                    .map(node -> from(node, start, count))
                    .toList();
            pieces.add(new Part(nodes, level.length()));
        }
        return pieces;
    }

    private static Part merged(List<Part> parts, Merge merge) {
        List<Part> level = parts;
        while (level.size() > 1) {
            List<Part> next = new ArrayList<>();
            for (int i = 0; i + 1 < level.size(); i += 2) {
                Part left = level.get(i);
                Part right = level.get(i + 1);
                next.add(new Part(
                        merge.merged(left.nodes(), left.length(), right.nodes(), right.length()),
                        left.length() + right.length()));
            }
            if (level.size() % 2 == 1) {
                next.add(level.getLast());
            }
            level = next;
        }
        return level.getFirst();
    }

    private Node from(Node x, long first, long count) {
        long[] extents = x.type().shape().extents();
        if (first == 0 && count == extents[baseAxis]) {
            return x;
        }
        long[] offset = new long[extents.length];
        offset[baseAxis] = first;
        extents[baseAxis] = count;
        return new Node.Affine(
                x, offset, Nodes.identity(extents.length), new ArrayType(x.type().dtype(), new Shape(extents)));
    }

    /** A value of each window where the operand has the windows: its axis is gone, or of extent 1. */
    Node placed(Node values, boolean keepdims) {
        long[] offset = map.offset().clone();
        offset[baseAxis] = 0;
        long[][] steps = new long[offset.length][];
        for (int a = 0; a < steps.length; a++) {
            steps[a] = without(map.steps()[a], keepdims, 0);
        }
        long[] extents = without(map.type().shape().extents(), keepdims, 1);
        return new Node.Affine(values, offset, steps, new ArrayType(values.type().dtype(), new Shape(extents)));
    }

    private long[] without(long[] of, boolean keepdims, long kept) {
        long[] less = new long[keepdims ? of.length : of.length - 1];
        for (int j = 0, to = 0; j < of.length; j++) {
            if (j != axis) {
                less[to++] = of[j];
            } else if (keepdims) {
                less[to++] = kept;
            }
        }
        return less;
    }
}
