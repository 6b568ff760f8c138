/**
 * The body of a kernel: what happens to one element, as straight-line code in static single assignment form.
 * In: operations on scalars, through {@link org.imbrex.kernels.scalar.Code}. Out: a
 * {@link org.imbrex.kernels.scalar.Body}, folded and free of repeats, that every lowering renders.
 */
package org.imbrex.kernels.scalar;
