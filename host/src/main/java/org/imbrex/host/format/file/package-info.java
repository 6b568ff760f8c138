/**
 * What every format needs of files: their bytes, elements decoded from them, and outputs that appear only on commit.
 * In: paths, positions, elements as stored. Out: sources and sinks of elements in native order, or a told error.
 */
package org.imbrex.host.format.file;
