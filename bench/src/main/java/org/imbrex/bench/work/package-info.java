/**
 * The fixed suite: which expressions over which arrays, and what bounds them.
 * In: a scale of sizes. Out: works, and their inputs in native memory.
 */
package org.imbrex.bench.work;
