/**
 * A program as plain data: stages, each one fused loop nest over an index space, and the strided views through which
 * they read and write flat buffers. In: a checked expression. Out: what any backend can lower and any tiler can cut.
 */
package org.imbrex.kernels.stage;
