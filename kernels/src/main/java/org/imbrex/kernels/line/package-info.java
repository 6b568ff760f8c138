/**
 * Operations on whole lines: sorting, selecting, running sums, counting, Fourier transforms; each with its reference
 * and its vector version. In: a stage and its memory. Out: the lines' results.
 */
package org.imbrex.kernels.line;
