package org.imbrex.kernels.expr;

import java.util.Locale;

/** The reductions, by their names in expressions; the {@code NAN…} ones skip NaN. */
public enum Reduction {
    SUM,
    PROD,
    MEAN,
    VAR,
    STD,
    MIN,
    MAX,
    ARGMIN,
    ARGMAX,
    ANY,
    ALL,
    COUNT,
    NANSUM,
    NANPROD,
    NANMEAN,
    NANVAR,
    NANSTD,
    NANMIN,
    NANMAX;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
