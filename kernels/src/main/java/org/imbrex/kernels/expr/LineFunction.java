package org.imbrex.kernels.expr;

import java.util.Locale;

/** The functions of whole lines of elements along an axis, by their names in expressions. */
public enum LineFunction {
    SORT,
    ARGSORT,
    CUMSUM,
    CUMPROD,
    QUANTILE,
    MEDIAN,
    HISTOGRAM,
    FFT,
    IFFT,
    RFFT,
    IRFFT;

    /** Whether it may leave what it reduces with extent 1. */
    public boolean takesKeepdims() {
        return this == QUANTILE || this == MEDIAN;
    }

    /** The most axes that may be given. */
    public int mostAxes() {
        return switch (this) {
            case SORT, ARGSORT, CUMSUM, CUMPROD -> 1;
            case HISTOGRAM -> 0;
            case QUANTILE, MEDIAN, FFT, IFFT, RFFT, IRFFT -> Integer.MAX_VALUE;
        };
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
