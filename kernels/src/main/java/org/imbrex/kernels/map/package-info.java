/**
 * Elementwise stages, lowered: {@code MapReference} walks every index, {@code MapVector} runs compiled loops.
 * In: a map stage. Out: a host kernel that runs its tiles.
 */
package org.imbrex.kernels.map;
