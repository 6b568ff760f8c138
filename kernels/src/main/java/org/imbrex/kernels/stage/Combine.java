package org.imbrex.kernels.stage;

import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/** How two partial results of a reduction become one; never reordered, see {@link CanonicalTree}. */
public enum Combine {
    SUM,
    PROD,
    /** The smaller; a NaN on either side wins. */
    MIN,
    /** The larger; a NaN on either side wins. */
    MAX;

    /** {@code a (op) b}, in a kernel's terms. */
    public Value apply(Code code, Value a, Value b) {
        return switch (this) {
            case SUM -> code.add(a, b);
            case PROD -> code.mul(a, b);
            case MIN -> code.select(first(code, a, code.lt(a, b)), a, b);
            case MAX -> code.select(first(code, a, code.lt(b, a)), a, b);
        };
    }

    private static Value first(Code code, Value a, Value wins) {
        return a.type().isFloat() ? code.or(wins, code.isNaN(a)) : wins;
    }

    /**
     * The raw bits of the value that changes nothing when combined with another on either side: it stands in for
     * lanes that hold no element. For float sums that is -0.0, since 0.0 + -0.0 would lose a zero's sign.
     */
    public long identity(ScalarType type) {
        return switch (this) {
            case SUM ->
                switch (type) {
                    case F32 -> Float.floatToRawIntBits(-0f);
                    case F64 -> Double.doubleToRawLongBits(-0d);
                    default -> 0;
                };
            case PROD ->
                switch (type) {
                    case F32 -> Float.floatToRawIntBits(1f);
                    case F64 -> Double.doubleToRawLongBits(1d);
                    default -> 1;
                };
            case MIN ->
                switch (type) {
                    case F32 -> Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
                    case F64 -> Double.doubleToRawLongBits(Double.POSITIVE_INFINITY);
                    case I32 -> Integer.MAX_VALUE;
                    default -> Long.MAX_VALUE;
                };
            case MAX ->
                switch (type) {
                    case F32 -> Float.floatToRawIntBits(Float.NEGATIVE_INFINITY);
                    case F64 -> Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY);
                    case I32 -> Integer.MIN_VALUE;
                    default -> Long.MIN_VALUE;
                };
        };
    }
}
