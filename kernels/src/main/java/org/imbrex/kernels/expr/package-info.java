/**
 * The expression tree: what a user wrote or traced, its text, and its hash.
 * In: text or a Java lambda. Out: a tree that {@code typing} checks against the inputs' dtypes and shapes.
 */
package org.imbrex.kernels.expr;
