/**
 * CSV: tables of numbers as text.
 * In: a file's bytes, read in a stream. Out: its numeric columns as float64, from memory or parsed again as tiles need
 * them; or elements written as the shortest decimals that read back as the same.
 */
package org.imbrex.host.format.csv;
