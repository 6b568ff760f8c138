/**
 * What it costs to run tiles on another process: per tile, and per byte.
 * In: nothing. Out: a table.
 */
package org.imbrex.bench.node;
