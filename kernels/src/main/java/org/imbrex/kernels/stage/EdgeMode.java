package org.imbrex.kernels.stage;

import java.util.Locale;

/** What a neighbour access finds beyond an array's edge, by {@code numpy.pad}'s names. */
public enum EdgeMode {
    /** The nearest element: {@code a a|a b c|c c}. */
    EDGE,
    /** The other end: {@code b c|a b c|a b}. */
    WRAP,
    /** Mirrored about the edge element: {@code c b|a b c|b a}. */
    REFLECT,
    /** Mirrored about the edge: {@code b a|a b c|c b}. */
    SYMMETRIC,
    /** A given constant. */
    CONSTANT;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The index within [0, n) that this mode reads for {@code i}, any distance outside; -1 where it is the constant.
     */
    public long map(long i, long n) {
        if (i >= 0 && i < n) {
            return i;
        }
        return switch (this) {
            case EDGE -> i < 0 ? 0 : n - 1;
            case WRAP -> Math.floorMod(i, n);
            case REFLECT -> {
                if (n == 1) {
                    yield 0;
                }
                long m = Math.floorMod(i, 2 * n - 2);
                yield m < n ? m : 2 * n - 2 - m;
            }
            case SYMMETRIC -> {
                long m = Math.floorMod(i, 2 * n);
                yield m < n ? m : 2 * n - 1 - m;
            }
            case CONSTANT -> -1;
        };
    }
}
