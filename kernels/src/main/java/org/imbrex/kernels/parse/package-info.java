/**
 * Expressions as text.
 * In: text as NumPy users write it. Out: an expression tree, or the position of what does not fit.
 */
package org.imbrex.kernels.parse;
