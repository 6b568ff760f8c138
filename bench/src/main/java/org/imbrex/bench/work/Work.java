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

    /** What is computed for so much work by the machine's bounds: the longer of moving and computing. */
    public double boundSeconds(double bytesPerSecond, double flopsPerSecond) {
        return Math.max(bytes / bytesPerSecond, flops / flopsPerSecond);
    }
}
