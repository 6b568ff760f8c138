/**
 * JMH benchmarks: each expression through the public API beside the same work as a plain Java loop on as many threads.
 * In: arrays made here. Out: milliseconds an evaluation.
 */
package org.imbrex.bench.jmh;
