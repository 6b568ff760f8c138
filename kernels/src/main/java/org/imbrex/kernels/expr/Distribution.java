package org.imbrex.kernels.expr;

import java.util.Locale;

/** What random numbers are drawn from, by their functions' names. */
public enum Distribution {
    /** Uniform in [0, 1). */
    RANDOM,
    /** Normal, of mean 0 and variance 1. */
    NORMAL,
    /** Integers, uniform in [lo, hi). */
    RANDINT;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
