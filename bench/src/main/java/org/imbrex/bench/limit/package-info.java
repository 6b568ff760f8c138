/**
 * What this machine can do at most: bandwidth by array size, peak fma, launches, transfers.
 * In: loops made by gcc, or by the Vector API where there is none; OpenCL devices. Out: limits.
 */
package org.imbrex.bench.limit;
