/**
 * The door to the lowerings: one choice of kernel for each kind of stage.
 * In: a stage. Out: a host kernel, or source with its launches, and the hash of what runs.
 */
package org.imbrex.kernels.lower;
