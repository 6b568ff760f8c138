package org.imbrex.host.plot;

import java.util.List;

/**
 * The colours of a picture's paper and lines, each as 0xRRGGBB.
 *
 * @param paper the background
 * @param ink titles and axes
 * @param quiet tick labels
 * @param grid lines that help the eye
 * @param missing where there is no value
 * @param series lines, in order of use; told apart by most colour-blind readers
 */
public record Theme(int paper, int ink, int quiet, int grid, int missing, List<Integer> series) {
    // Okabe and Ito, Color Universal Design (2008), without the yellow, which is lost on white.
    /** Dark on white. */
    public static final Theme LIGHT = new Theme(
            0xffffff, 0x1a1d21, 0x4a5057, 0xe3e6ea, 0xc9ccd1,
            List.of(0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0x1a1d21));

    /** Light on near-black. */
    public static final Theme DARK = new Theme(
            0x15181c, 0xe8eaed, 0xaab0b8, 0x2c3138, 0x4a4f57,
            List.of(0x56b4e9, 0xf07c28, 0x1fbf92, 0xdd92bd, 0xe69f00, 0x3d8fd1, 0xe8eaed));

    /** @param series at least one */
    public Theme {
        series = List.copyOf(series);
        if (series.isEmpty()) {
            throw new IllegalArgumentException("found no colours for series, expected at least one");
        }
    }
}
