/**
 * Reductions along the canonical tree, lowered: {@code ReduceReference} walks every index, {@code ReduceVector} runs
 * compiled loops. In: a reduce stage. Out: a host kernel that runs its tiles.
 */
package org.imbrex.kernels.reduce;
