/**
 * Combines the partial results of tiles that saw only some leaves of a reduction, along the canonical tree.
 * In: accumulators of tree nodes, in any order of arrival. Out: the root's accumulators, always the same bits.
 */
package org.imbrex.runtime.merge;
