/**
 * Checks an expression against its inputs: promotion, broadcasting, axes, indices.
 * In: an expression and what each input is. Out: a graph of nodes that fuses without further questions, or a told error.
 */
package org.imbrex.kernels.typing;
