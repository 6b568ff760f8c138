/**
 * What a program uses: the engine and its arrays.
 * In: expressions, arrays, files. Out: arrays, files, and a summary of what ran where.
 */
package org.imbrex.host;
