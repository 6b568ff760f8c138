/**
 * Timing by turns: everyone who does the same work runs once in each round, so that a drifting machine slows all.
 * In: trials. Out: the median of each and its spread.
 */
package org.imbrex.bench.measure;
