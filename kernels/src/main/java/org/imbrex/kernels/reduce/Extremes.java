package org.imbrex.kernels.reduce;

import java.util.OptionalLong;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.type.DType;

/**
 * MIN and MAX of floats from their bits as integers, which may be combined in any order. Among negative floats, the greater
 * has the lesser magnitude.
 *
 * @param infinity the bits of +inf; those of NaN are beyond, but for their sign
 * @param sign the sign bit, the least integer of the width
 */
record Extremes(long infinity, long sign) {
    static Extremes of(DType dtype) {
        return dtype == DType.F32
                ? new Extremes(Float.floatToRawIntBits(Float.POSITIVE_INFINITY), Integer.MIN_VALUE)
                : new Extremes(Double.doubleToRawLongBits(Double.POSITIVE_INFINITY), Long.MIN_VALUE);
    }

    /**
     * The bits of the float that wins; nothing where there is a NaN, or zeros of both signs may win, of which the order
     * tells.
     *
     * @param least the least of all bits, as a signed integer
     * @param most the greatest
     * @param turned the greatest after the sign bit was turned round: the greatest magnitude of negative floats, if not
     *     negative
     */
    OptionalLong value(Combine how, long least, long most, long turned) {
        if (most > infinity || turned > infinity) {
            return OptionalLong.empty();
        }
        if (how == Combine.MIN) {
            return turned == 0 ? OptionalLong.empty() : OptionalLong.of(turned > 0 ? turned ^ sign : least);
        }
        boolean zeros = most == 0 && least == sign;
        return zeros ? OptionalLong.empty() : OptionalLong.of(most >= 0 ? most : least);
    }
}
