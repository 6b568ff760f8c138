package org.imbrex.kernels.stage;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.type.DType;

/**
 * {@code c[…, i, j] = epilogue(sum over k of a[…, i, k] * b[…, k, j], others[…, i, j])} for each index of the domain
 * (…, rows, cols).
 *
 * <p>The one order: k is cut into blocks of {@link #BLOCK}; within a block {@code acc = fma(a, b, acc)} from +0 in
 * order of k (integers multiply and add, wrapping); the blocks' values are added in order, starting with the first.
 *
 * @param domain batch axes, then rows, then cols
 * @param inner the extent of k; where it is 0 the sum is 0
 * @param a strides over (batch axes, rows, k)
 * @param b strides over (batch axes, k, cols); a and b have the same dtype, one of i32 i64 f32 f64
 * @param others what else the epilogue reads, over the domain
 * @param epilogue one result; its LOAD slot 0 is the sum, those after it count {@code others}
 * @param c over the domain; the result is narrowed to its dtype by keeping its low bits
 */
public record MatMulStage(long[] domain, long inner, View a, View b, List<View> others, Body epilogue, View c)
        implements Stage {
    /** Elements of k in one chain of fused multiply-adds. */
    public static final int BLOCK = 256;

    public MatMulStage {
        others = List.copyOf(others);
    }

    /** A product whose sums are its results. */
    public MatMulStage(long[] domain, long inner, View a, View b, View c) {
        this(domain, inner, a, b, List.of(), same(a.dtype()), c);
    }

    private static Body same(DType dtype) {
        Code code = new Code();
        return code.body(code.load(dtype.scalar(), 0));
    }

    /** The dtype of the sums. */
    public DType dtype() {
        return a.dtype();
    }

    /** Whether the sums are the results. */
    public boolean isPlain() {
        return epilogue.instrs().size() == 1
                && epilogue.instr(0).op() == Op.LOAD
                && epilogue.instr(0).imm() == 0
                && c.dtype() == dtype();
    }

    /** The stage that makes results of sums that lie where {@code sums} says. */
    public MapStage finish(View sums) {
        List<View> loads = new ArrayList<>(List.of(sums));
        loads.addAll(others);
        return new MapStage(domain, loads, epilogue, List.of(c));
    }

    @Override
    public List<View> loads() {
        List<View> loads = new ArrayList<>(List.of(a, b));
        loads.addAll(others);
        return loads;
    }

    @Override
    public List<View> stores() {
        return List.of(c);
    }
}
