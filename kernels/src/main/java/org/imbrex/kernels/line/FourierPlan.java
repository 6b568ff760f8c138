package org.imbrex.kernels.line;

import java.util.ArrayList;
import java.util.List;

/**
 * How a transform is made, to the last operation, by the reference and by the vector version alike. A complex product
 * (a + bi) w is {@code fma(b, -im w, a re w)} and {@code fma(a, im w, b re w)}; w are {@link Twiddles}.
 *
 * <p><em>n without prime factors above 7.</em> Where n is above {@link #DIRECT} and has a divisor above 1, at most its
 * root, n1 is the largest such one and n = n1 n2: element j = n2 j1 + j2 belongs to column j2; the columns are
 * transformed directly; element k1 of column j2 is multiplied by w(n)^(k1 j2), unless k1 is 0 (with n above {@link
 * #WHOLE} by the product of w(n)^(k1 b) with w(n)^(k1 (j2 - b)), b the last multiple of {@link #BLOCK}); then for each
 * k1 the elements over j2 are transformed directly; element k2 of that is element k1 + n1 k2 of the result.
 *
 * <p><em>Directly</em> is Stockham's way with the radices {@link #radices}: with m = n / r and stride s (first 1), for
 * p below m and q below s, elements q + s (p + m k), k below r, become by a butterfly of r, and a product with
 * w(n)^(p k) unless p k is 0, elements q + s (r p + k); then n is m, and s is r times as large.
 *
 * <p><em>Butterflies.</em> 2: sum and difference. 4: two of 2 and two of 2 of those. An odd r: with t_j = a_j + a_(r-j)
 * and d_j = a_j - a_(r-j), b_0 = a_0 + t_1 + t_2 …; m_k = a_0 plus t_j cos(2 pi j k / r) by fma in order of j; s_k the
 * same of d_j and sin, the first product rounded; b_k = m_k - i s_k, b_(r-k) = m_k + i s_k.
 *
 * <p><em>Other n</em> by Bluestein's chirp c_j = w(2n)^(j j mod 2n): x_j c_j, padded with zeros to m, the power of two
 * from 2n - 1 on, is convolved with the conjugate chirp by transforms of m; the result's element k is divided by m and
 * multiplied by c_k.
 *
 * <p><em>Inverse</em>: parts swapped before and after, then multiplied by 1 / n. <em>Real</em> lines of even n are
 * transforms of n / 2 pairs, {@link FourierReference} has the formulas; of odd n they are complex ones.
 */
final class FourierPlan {
    /** Up to here one run of butterflies is all. */
    static final int DIRECT = 64;
    /** Up to here the roots between the steps are tables. */
    static final int WHOLE = 1 << 16;
    /** Columns whose roots are made from those of the first so many. */
    static final int BLOCK = 16;

    private static final int[] PRIMES = {3, 5, 7};

    private FourierPlan() {}

    /** Whether n has no prime factor above 7. */
    static boolean isSmooth(long n) {
        long left = n;
        for (int prime : new int[] {2, 3, 5, 7}) {
            while (left % prime == 0) {
                left /= prime;
            }
        }
        return left == 1;
    }

    /** The radices of a direct transform in their order: fours, at most a two, threes, fives, sevens. */
    static int[] radices(long n) {
        List<Integer> radices = new ArrayList<>();
        long left = n;
        while (left % 4 == 0) {
            radices.add(4);
            left /= 4;
        }
        if (left % 2 == 0) {
            radices.add(2);
            left /= 2;
        }
        for (int prime : PRIMES) {
            while (left % prime == 0) {
                radices.add(prime);
                left /= prime;
            }
        }
        return radices.stream().mapToInt(Integer::intValue).toArray();
    }

    /** n1 of a transform that is cut in columns, or 1 for a direct one. */
    static long rows(long n) {
        if (n <= DIRECT) {
            return 1;
        }
        for (long rows = (long) Math.sqrt((double) n); rows > 1; rows--) {
            if (n % rows == 0) {
                return rows;
            }
        }
        return 1;
    }

    /** The length of the convolution by which other lengths are transformed. */
    static long padded(long n) {
        return n == 1 ? 1 : Long.highestOneBit(2 * n - 2) << 1;
    }
}
