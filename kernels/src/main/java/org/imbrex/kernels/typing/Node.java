package org.imbrex.kernels.typing;

import java.util.List;
import org.imbrex.kernels.expr.Distribution;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.type.ArrayType;

/**
 * A checked expression: every dtype and shape is known, literals have a dtype, promotions are casts, axes are
 * normalised, and all that only rearranges indices is one affine map. A graph: what an expression shares is one node,
 * compared by identity. Nothing here can fail on any input data.
 */
public sealed interface Node {

    ArrayType type();

    record Input(String name, ArrayType type) implements Node {}

    /** A scalar; {@code bits} are its raw bits in the dtype's scalar type. */
    record Constant(long bits, ArrayType type) implements Node {}

    /**
     * An elementwise function. All arguments have the dtype in which it computes (the condition of {@code where} is
     * bool), already cast; their shapes broadcast to the result's. Comparisons and {@code isnan} … give bool, all
     * others the arguments' dtype. Narrow integers wrap after the operation.
     */
    record Apply(Function function, List<Node> args, ArrayType type) implements Node {
        public Apply {
            args = List.copyOf(args);
        }
    }

    /** To another dtype by value, as NumPy's astype; to bool is "not zero". */
    record Cast(Node x, ArrayType type) implements Node {}

    /**
     * Basic indexing, transposition, new axes, {@code blocks} and {@code rolling}: element (i0, i1, …) of the result is
     * the element of {@code x} whose index along axis a is {@code offset[a] + sum over j of steps[a][j] * i_j}, always
     * inside {@code x}.
     */
    record Affine(Node x, long[] offset, long[][] steps, ArrayType type) implements Node {}

    /**
     * The neighbour {@code by[a]} away along each axis, beyond the edge as {@code mode} says.
     *
     * @param fill what {@link EdgeMode#CONSTANT} reads: raw bits in the dtype's scalar type
     */
    record Shift(Node x, long[] by, EdgeMode mode, long fill, ArrayType type) implements Node {}

    /**
     * A reduction.
     *
     * @param x of the dtype in which it combines: {@code sum} of integers has i64, {@code any} has bool
     * @param axes ascending, without repeats; empty reduces nothing
     */
    record Reduce(Reduction reduction, Node x, int[] axes, boolean keepdims, ArrayType type) implements Node {}

    /** At each index of its shape: the row-major index over {@code axes}, as i64 or i32; what {@code argmin} is made of. */
    record Position(int[] axes, ArrayType type) implements Node {}

    /** Random numbers: element i depends on the seed and its row-major index only. */
    record Random(Distribution distribution, long seed, long lo, long hi, ArrayType type) implements Node {}

    /** The same elements in row-major order under another shape. */
    record Reshape(Node x, ArrayType type) implements Node {}

    /** Parts one after another along an axis; also the full blocks and the last short one of ragged {@code blocks}. */
    record Concat(List<Node> parts, int axis, ArrayType type) implements Node {
        public Concat {
            parts = List.copyOf(parts);
        }
    }

    /**
     * {@code a @ b} for operands of rank 2 or more, batch axes broadcast; vectors have been given an axis, and the
     * result loses it by {@link Affine}. Both have the result's dtype, one of i32 i64 f32 f64.
     */
    record MatMul(Node a, Node b, ArrayType type) implements Node {}

    /**
     * What a step of an iteration starts from: field {@code slot}, or past the fields what the iteration is given. It
     * stands nowhere but in the iteration's {@code nexts}.
     *
     * @param iteration the iteration's number
     */
    record State(int iteration, int slot, ArrayType type) implements Node {}

    /** A field after all steps of an iteration. */
    record Iterated(Iteration iteration, int field, ArrayType type) implements Node {}

    /**
     * Time steps of fields of one type: each step makes all fields anew, from the fields before it.
     *
     * @param given what the steps read but do not change, where {@link State} stands for it: none in a checked
     *     expression, which names it directly
     * @param nexts the fields after one step
     * @param steps 1 or more
     */
    record Iteration(int number, List<Node> starts, List<Node> given, List<Node> nexts, long steps) {
        public Iteration {
            starts = List.copyOf(starts);
            given = List.copyOf(given);
            nexts = List.copyOf(nexts);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /**
     * What {@code line} makes of each line along {@code axis}; complex elements are pairs along a last axis of extent
     * 2. A sum longer than {@link Line.Cumulate#CHUNK} is cut: {@code Lines} of the fuser says how.
     */
    record Lines(Line line, Node x, int axis, ArrayType type) implements Node {}
}
