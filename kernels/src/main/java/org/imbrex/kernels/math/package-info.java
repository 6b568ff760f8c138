/**
 * The elementwise functions, written once in a kernel's primitives, so that every backend gives the same bits.
 * In: a function and its arguments as values of a kernel. Out: the value of its result.
 */
package org.imbrex.kernels.math;
