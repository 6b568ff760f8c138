/**
 * Speed against the machine's limits and plain loops, in one process and one run.
 * In: nothing. Out: a table and, if asked, JSON.
 */
package org.imbrex.bench.speed;
