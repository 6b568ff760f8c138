/**
 * NPY: NumPy's file of one array, versions 1 to 3.
 * In: a file's bytes. Out: its header, checked, and its elements; or a header to write before elements.
 */
package org.imbrex.host.format.npy;
