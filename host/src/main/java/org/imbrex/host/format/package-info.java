/**
 * The door to array files: what a file holds, its arrays as sources, and results on their way into a file.
 * In: a path, and for raw files a layout. Out: {@link org.imbrex.host.format.StoredArray}s and sinks, or a told error.
 */
package org.imbrex.host.format;
