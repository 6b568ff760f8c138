/**
 * What a run of the suite found, told: JSON, a table for terminals, and one HTML page with plots.
 * In: outcomes, limits, the machine. Out: text.
 */
package org.imbrex.bench.report;
