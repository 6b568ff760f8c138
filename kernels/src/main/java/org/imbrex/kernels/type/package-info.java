/**
 * Dtypes and shapes: NumPy's element types, promotion and broadcasting.
 * In: what an array or a literal is. Out: what the result of an operation is, or a told error.
 */
package org.imbrex.kernels.type;
