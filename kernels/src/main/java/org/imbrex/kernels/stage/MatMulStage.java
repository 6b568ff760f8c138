package org.imbrex.kernels.stage;

import java.util.List;
import org.imbrex.kernels.type.DType;

/**
 * {@code c[…, i, j] = sum over k of a[…, i, k] * b[…, k, j]} for each index of the domain (…, rows, cols).
 *
 * <p>The one order: k is cut into blocks of {@link #BLOCK}; within a block {@code acc = fma(a, b, acc)} from +0 in
 * order of k (integers multiply and add, wrapping); the blocks' values are added in order, starting with the first.
 *
 * @param domain batch axes, then rows, then cols
 * @param inner the extent of k; where it is 0 the result is 0
 * @param a strides over (batch axes, rows, k)
 * @param b strides over (batch axes, k, cols)
 * @param c over the domain; a, b and c have the same dtype, one of i32 i64 f32 f64
 */
public record MatMulStage(long[] domain, long inner, View a, View b, View c) implements Stage {
    /** Elements of k in one chain of fused multiply-adds. */
    public static final int BLOCK = 256;

    public DType dtype() {
        return c.dtype();
    }

    @Override
    public List<View> loads() {
        return List.of(a, b);
    }

    @Override
    public List<View> stores() {
        return List.of(c);
    }
}
