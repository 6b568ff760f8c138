package org.imbrex.bench.work;

import java.util.Map;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;

/**
 * One line of the suite.
 *
 * @param name as in the table of targets: {@code fma3}, {@code matmul-f32-512}
 * @param family what its peers are looked up by: {@code fma3}, {@code matmul}
 * @param size for people: {@code 20000000}, {@code 4096x4096}
 * @param amount what one run does, in the unit: bytes, floating-point operations, points, elements
 * @param bytes what one run must read and write, each array once, as STREAM counts
 * @param flops what one run must compute; 0 where memory alone bounds it
 * @param reads whether it reads nearly all of these bytes, so that the read bandwidth is its bound and not triad's
 */
public record Work(
        String name,
        String family,
        DType dtype,
        String size,
        String expression,
        Map<String, ArrayType> inputs,
        Unit unit,
        double amount,
        double bytes,
        double flops,
        boolean reads) {

    /**
     * About how much time it needs beside others, of which the least needs one: inputs are made and copied to peers, and
     * the slowest of these run at a few GB/s or GF/s.
     */
    public double cost() {
        double given = inputs.values().stream()
                .mapToDouble(type -> (double) type.shape().elements() * type.dtype().bytes())
                .sum();
        double steps = unit == Unit.GPOINTS ? amount / 5e8 : 0;
        double sorted = unit == Unit.MELEMENTS ? amount / 1e7 : 0;
        return 1 + given / 2e8 + flops / 1e10 + steps + sorted;
    }
}
