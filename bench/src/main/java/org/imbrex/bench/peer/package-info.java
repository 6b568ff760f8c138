/**
 * Other ways to do the suite's works, where they are installed: NumPy, OpenBLAS, FFTW, libraries on the JVM, plain C.
 * In: a work, its inputs, a number of threads. Out: trials on the same data, and who is missing.
 */
package org.imbrex.bench.peer;
