package org.imbrex.kernels.line;

/** A compiled pass over a strip; {@link StripBytecode} makes them. For any thread. */
@FunctionalInterface
interface StripPass {
    /**
     * Makes {@code count} butterflies. Butterfly t reads at {@code x + (t >> xShift) xRow + (t mod 2^xShift) unit}, and
     * from there on every {@code xApart} bytes; it writes likewise.
     *
     * @param between the roots between the steps, for each unit written one in the same place
     * @param roots of the pass: re, im and -im; of a pass that turns what it writes nine numbers for each p
     * @param scale what results are multiplied by where parts change places
     */
    void run(
            long x, int xShift, long xRow, long xApart, long y, int yShift, long yRow, long yApart, long between,
            double[] roots, double scale, int count);
}
