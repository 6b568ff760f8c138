/**
 * Matrix products, lowered: {@code MatMulReference} computes one element after the other, {@code MatMulVector} blocks
 * and vectorises over columns. In: a product stage. Out: a host kernel that runs its tiles.
 */
package org.imbrex.kernels.matmul;
