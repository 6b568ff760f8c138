package org.imbrex.kernels.contract;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.LongFunction;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.typing.Node;

/** What a reduction of windows that overlap means: for one window after the other, what is merged with what. */
final class WindowFold {
    /** A stretch of a window. */
    record Stretch(long sum, long squares, long length) {}

    private final long[] window;
    private final BinaryOperator<Stretch> merge;
    private final LongFunction<Stretch> one;

    /** @param one what an element is by itself */
    WindowFold(long[] window, LongFunction<Stretch> one, BinaryOperator<Stretch> merge) {
        this.window = window;
        this.one = one;
        this.merge = merge;
    }

    /** Stretches of powers of 8, the longest first; where elements may count twice, the last of the longest overlaps. */
    Stretch value(boolean overlaps) {
        int length = 1;
        while (length * 8 <= window.length) {
            length *= 8;
        }
        List<Stretch> stretches = new ArrayList<>();
        int at = 0;
        while (at < window.length) {
            while (at + length > window.length && !overlaps) {
                length /= 8;
            }
            int from = Math.min(at, window.length - length);
            stretches.add(stretch(from, length));
            at = from + length;
        }
        return pairs(stretches);
    }

    private Stretch stretch(int from, int length) {
        if (length == 1) {
            return one.apply(window[from]);
        }
        List<Stretch> parts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            parts.add(stretch(from + i * (length / 8), length / 8));
        }
        return pairs(parts);
    }

    private Stretch pairs(List<Stretch> parts) {
        List<Stretch> level = parts;
        while (level.size() > 1) {
            List<Stretch> next = new ArrayList<>();
            for (int i = 0; i < level.size(); i += 2) {
                next.add(i + 1 < level.size() ? merge.apply(level.get(i), level.get(i + 1)) : level.get(i));
            }
            level = next;
        }
        return level.getFirst();
    }

    static boolean mayOverlap(Combine combine) {
        return combine == Combine.MIN || combine == Combine.MAX;
    }

    /** Whether a node is elementwise arithmetic on windows of more than 16 along an axis, and these are more than 16. */
    static boolean is(Node x, int axis) {
        List<Node.Affine> maps = new ArrayList<>();
        if (!collect(x, maps) || maps.isEmpty() || !maps.getFirst().type().shape().equals(x.type().shape())) {
            return false;
        }
        Node.Affine first = maps.getFirst();
        for (Node.Affine map : maps) {
            boolean same = map.x().type().shape().equals(first.x().type().shape())
                    && map.type().shape().equals(first.type().shape())
                    && Arrays.equals(map.offset(), first.offset())
                    && Arrays.deepEquals(map.steps(), first.steps());
            if (!same) {
                return false;
            }
        }
        List<long[]> rows =
                Arrays.stream(first.steps()).filter(row -> row[axis] != 0).toList();
        if (rows.size() != 1 || x.type().shape().extent(axis) <= 16) {
            return false;
        }
        List<Integer> moving = new ArrayList<>();
        for (int j = 0; j < x.type().shape().rank(); j++) {
            if (rows.getFirst()[j] != 0) {
                moving.add(j);
            }
        }
        return moving.size() == 2
                && moving.stream()
                        .allMatch(j -> rows.getFirst()[j] == 1 && x.type().shape().extent(j) > 16);
    }

    private static boolean collect(Node x, List<Node.Affine> into) {
        return switch (x) {
            case Node.Constant constant -> true;
            case Node.Affine affine -> into.add(affine);
            case Node.Cast cast -> collect(cast.x(), into);
            case Node.Apply apply -> apply.args().stream().allMatch(arg -> collect(arg, into));
            default -> false;
        };
    }
}
