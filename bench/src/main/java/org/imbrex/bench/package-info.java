/**
 * {@code imbrex bench}: the suite on each device, beside the machine's limits and its peers.
 * In: a command line. Out: findings as JSON, a table and a page.
 */
package org.imbrex.bench;
