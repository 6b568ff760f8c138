package org.imbrex.kernels.reduce;

import java.util.OptionalLong;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.type.DType;

/**
 * MIN and MAX of floats from their bits as integers, which may be combined in any order. Among negative floats, the greater
 * has the lesser magnitude. {@link ExtremesText} says the same in OpenCL C.
 *
 * @param floats F32 or F64
 * @param integers of the same width
 * @param infinity the bits of +inf; those of NaN are beyond, but for their sign
 * @param sign the sign bit, the least integer of the width
 */
record Extremes(DType floats, DType integers, long infinity, long sign) {
    static Extremes of(DType floats) {
        return floats == DType.F32
                ? new Extremes(floats, DType.I32, Float.floatToRawIntBits(Float.POSITIVE_INFINITY), Integer.MIN_VALUE)
                : new Extremes(floats, DType.I64, Double.doubleToRawLongBits(Double.POSITIVE_INFINITY), Long.MIN_VALUE);
    }

    /**
     * Writes each row's value; false, with some written, where one is not told by its bits.
     *
     * @param nodes of a row, which lie together
     * @param from where the nodes' least, greatest and greatest turned lie: see {@link #value}
     */
    boolean write(Combine how, int rows, int nodes, long[] from, long into) {
        for (int row = 0; row < rows; row++) {
            long least = Long.MAX_VALUE;
            long most = Long.MIN_VALUE;
            long turned = Long.MIN_VALUE;
            for (int node = row * nodes; node < (row + 1) * nodes; node++) {
                long offset = (long) node * integers.bytes();
                least = Math.min(least, Elements.read(integers, from[0] + offset));
                most = Math.max(most, Elements.read(integers, from[1] + offset));
                turned = Math.max(turned, Elements.read(integers, from[2] + offset));
            }
            OptionalLong value = value(how, least, most, turned);
            if (value.isEmpty()) {
                return false;
            }
            Elements.write(floats, into + (long) row * floats.bytes(), value.getAsLong());
        }
        return true;
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
            boolean zeros = turned == 0 && most != sign;
            return zeros ? OptionalLong.empty() : OptionalLong.of(turned >= 0 ? turned ^ sign : least);
        }
        boolean zeros = most == 0 && least == sign;
        return zeros ? OptionalLong.empty() : OptionalLong.of(most >= 0 ? most : least);
    }
}
