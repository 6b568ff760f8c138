package org.imbrex.kernels.matmul;

import org.imbrex.kernels.type.ImbrexException;

/**
 * How a matrix product is cut on a processor. The order of its sums does not depend on it, so neither do its bits; the
 * block of k is part of that order and is no choice.
 *
 * @param rows of a block of registers, or 0 for what suits the vectors' width
 * @param vectors that a row of that block has, or 0 likewise
 * @param bytesOfA packed panels of a, which are to stay in the second-level cache
 * @param bytesOfB packed panels of b, which are to stay in the third-level cache, or in a large second one
 */
public record ProductBlocks(int rows, int vectors, int bytesOfA, int bytesOfB) {
    private static final int MOST_ROWS = 16;
    private static final int MOST_VECTORS = 8;
    private static final int LEAST_BYTES = 1 << 10;
    private static final int MOST_BYTES = 256 << 20;
    private static final int LARGE_CACHE = 1 << 20;

    /** Without a measurement: about a quarter of a usual second-level cache, and what a core has of a third-level one. */
    public static final ProductBlocks USUAL = new ProductBlocks(0, 0, 256 << 10, 2 << 20);

    /** Without a measurement, by a core's second-level cache: where it is large, most of it is for b's panels. */
    public static ProductBlocks usual(long cacheBytes) {
        return cacheBytes < LARGE_CACHE
                ? USUAL
                : USUAL.withPanels(USUAL.bytesOfA, (int) Math.min(USUAL.bytesOfB, cacheBytes / 4 * 3));
    }

    /** @throws ImbrexException where no kernel has such blocks */
    public ProductBlocks {
        boolean chosen = rows >= 1 && rows <= MOST_ROWS && vectors >= 1 && vectors <= MOST_VECTORS;
        if (!chosen && (rows != 0 || vectors != 0)) {
            throw new ImbrexException("found a register block of " + rows + " rows by " + vectors + " vectors, expected 1 to "
                    + MOST_ROWS + " by 1 to " + MOST_VECTORS + ", or 0 by 0 to leave the choice");
        }
        for (int bytes : new int[] {bytesOfA, bytesOfB}) {
            if (bytes < LEAST_BYTES || bytes > MOST_BYTES) {
                throw new ImbrexException("found packed panels of " + bytes + " bytes, expected " + LEAST_BYTES + " to "
                        + MOST_BYTES);
            }
        }
    }

    public ProductBlocks withRegisters(int otherRows, int otherVectors) {
        return new ProductBlocks(otherRows, otherVectors, bytesOfA, bytesOfB);
    }

    public ProductBlocks withPanels(int otherBytesOfA, int otherBytesOfB) {
        return new ProductBlocks(rows, vectors, otherBytesOfA, otherBytesOfB);
    }
}
