package org.imbrex.kernels.stage;

import java.util.List;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.type.DType;

/**
 * An operation that needs a whole line of elements: what a line becomes, bit for bit. {@code LineReference} is the
 * oracle.
 *
 * <p>The order of elements is that of their values, false before true, -0 before +0, and every NaN last.
 */
public sealed interface Line {

    /** Elements of a line that is read; of complex ones, pairs. */
    long from();

    /** Elements of a line that is written; of complex ones, pairs. */
    long to();

    /** Whether the elements that are read are complex: pairs (re, im) along a last axis of extent 2. */
    default boolean readsPairs() {
        return false;
    }

    /** Whether the elements that are written are complex. */
    default boolean writesPairs() {
        return false;
    }

    /** What a line of {@code dtype} becomes. */
    default DType result(DType dtype) {
        return dtype;
    }

    /** The most working memory that any lowering needs for a line of {@code dtype}, beside the line and its result. */
    long workBytes(DType dtype);

    /** The name, for people. */
    String text();

    /** Ascending. */
    record Sort(long from) implements Line {
        @Override
        public long to() {
            return from;
        }

        @Override
        public long workBytes(DType dtype) {
            return from * dtype.bytes();
        }

        @Override
        public String text() {
            return "sort";
        }
    }

    /** The indices, as i64, at which the elements of the sorted line were; of equal ones, -0 and +0 too, in order. */
    record ArgSort(long from) implements Line {
        @Override
        public long to() {
            return from;
        }

        @Override
        public DType result(DType dtype) {
            return DType.I64;
        }

        @Override
        public long workBytes(DType dtype) {
            return from * 3 * Long.BYTES;
        }

        @Override
        public String text() {
            return "argsort";
        }
    }

    /** The elements that sorting would put at {@code ranks}. */
    record Select(long from, List<Long> ranks) implements Line {
        public Select {
            ranks = List.copyOf(ranks);
        }

        @Override
        public long to() {
            return ranks.size();
        }

        @Override
        public long workBytes(DType dtype) {
            return 2 * from * dtype.bytes();
        }

        @Override
        public String text() {
            return "select";
        }
    }

    /**
     * Running sums or products. Sums in one fixed order: the line is cut into leaves of {@link CanonicalTree#LEAF};
     * within a leaf {@code sum = sum + x}, from the identity on; a leaf's offset is the carry, or the identity, plus
     * the totals of the leaves before, one after the other; each result is {@code offset + sum}. Products are one
     * leaf.
     *
     * @param how SUM or PROD
     * @param exclusive whether a result leaves its own element out: the first is the carry, or the identity
     */
    record Cumulate(Combine how, long from, boolean exclusive) implements Line {
        /** Longer lines are cut into so many elements, and each piece carries on from the sum of those before. */
        public static final int CHUNK = CanonicalTree.LEAF * CanonicalTree.LEAF;

        @Override
        public long to() {
            return from;
        }

        /** What nothing has been added to, in the scalar type. */
        public long identity(ScalarType type) {
            return how.identity(type);
        }

        /** Elements of a leaf. */
        public long leaf() {
            return how == Combine.SUM ? CanonicalTree.LEAF : Math.max(1, from);
        }

        @Override
        public long workBytes(DType dtype) {
            return 0;
        }

        @Override
        public String text() {
            return how == Combine.SUM ? "cumsum" : "cumprod";
        }
    }

    /** How often each number from 0 to bins - 1 occurs among i32 elements, as i64; others are not counted. */
    record Count(long from, int bins) implements Line {
        @Override
        public long to() {
            return bins;
        }

        @Override
        public DType result(DType dtype) {
            return DType.I64;
        }

        @Override
        public long workBytes(DType dtype) {
            return 0;
        }

        @Override
        public String text() {
            return "histogram";
        }
    }

    /**
     * A discrete Fourier transform in f64, its result rounded to the line's dtype: what {@code FourierPlan} says.
     *
     * @param length the transform's n
     * @param kind what is read and written
     */
    record Fourier(long length, Kind kind) implements Line {
        /** What is read and written. */
        public enum Kind {
            FFT,
            IFFT,
            /** From n reals to the first n / 2 + 1 pairs. */
            RFFT,
            /** From the first n / 2 + 1 pairs of a Hermitian line to n reals. */
            IRFFT
        }

        @Override
        public long from() {
            return kind == Kind.IRFFT ? length / 2 + 1 : length;
        }

        @Override
        public long to() {
            return kind == Kind.RFFT ? length / 2 + 1 : length;
        }

        @Override
        public boolean readsPairs() {
            return kind != Kind.RFFT;
        }

        @Override
        public boolean writesPairs() {
            return kind != Kind.IRFFT;
        }

        @Override
        public long workBytes(DType dtype) {
            // pairs of doubles, and as many again on the way; lengths that have large prime factors are convolved in
            // a power of two of at most four times the length
            return 32 * length + (isSmooth(length) ? 0 : 128 * Long.highestOneBit(length));
        }

        /** Whether there is no prime factor above 7. */
        private static boolean isSmooth(long n) {
            long left = n;
            for (int prime : new int[] {2, 3, 5, 7}) {
                while (left % prime == 0) {
                    left /= prime;
                }
            }
            return left == 1;
        }

        @Override
        public String text() {
            return kind.name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
