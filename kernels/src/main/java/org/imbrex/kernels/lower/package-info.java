/**
 * The door to the host lowerings: one choice of kernel for each kind of stage.
 * In: a stage. Out: a host kernel with the hash of what it runs.
 */
package org.imbrex.kernels.lower;
