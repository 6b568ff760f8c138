package org.imbrex.host.plot;

/**
 * Which cells of one axis each pixel shows: cells {@code order[first] … order[last]}, none where first is greater.
 *
 * @param order the axis's cells, in the order in which they lie on the sheet
 */
record Cells(int[] order, int[] first, int[] last) {
    /** Cells of equal size over all pixels. */
    static Cells even(int cells, int pixels, boolean reversed) {
        int[] order = new int[cells];
        for (int i = 0; i < cells; i++) {
            order[i] = reversed ? cells - 1 - i : i;
        }
        int[] first = new int[pixels];
        int[] last = new int[pixels];
        for (int p = 0; p < pixels; p++) {
            first[p] = (int) ((long) p * cells / pixels);
            last[p] = Math.max(first[p], (int) ((p + 1L) * cells / pixels) - 1);
        }
        return new Cells(order, first, last);
    }

    /**
     * Colours of all pixels, row by row. A pixel that shows several cells takes the mean of their values.
     *
     * @param edge a colour for the line between cells with and without a value; negative for none
     */
    static int[] paint(Grid grid, Cells rows, Cells columns, ColourScale scale, int edge) {
        int width = columns.first.length;
        int height = rows.first.length;
        double[] values = new double[width * height];
        for (int y = 0; y < height; y++) {
            boolean same = y > 0 && rows.first[y] == rows.first[y - 1] && rows.last[y] == rows.last[y - 1];
            for (int x = 0; x < width; x++) {
                values[y * width + x] = same ? values[(y - 1) * width + x] : mean(grid, rows, y, columns, x);
            }
        }
        int[] pixels = new int[width * height];
        double before = Double.NaN;
        int colour = scale.of(before);
        for (int i = 0; i < pixels.length; i++) {
            if (Double.doubleToRawLongBits(values[i]) != Double.doubleToRawLongBits(before)) {
                before = values[i];
                colour = scale.of(before);
            }
            boolean right = (i + 1) % width != 0 && Double.isNaN(values[i + 1]) != Double.isNaN(values[i]);
            boolean under = i + width < values.length && Double.isNaN(values[i + width]) != Double.isNaN(values[i]);
            pixels[i] = edge >= 0 && (right || under) ? edge : colour;
        }
        return pixels;
    }

    private static double mean(Grid grid, Cells rows, int y, Cells columns, int x) {
        double sum = 0;
        int count = 0;
        for (int r = rows.first[y]; r <= rows.last[y]; r++) {
            for (int c = columns.first[x]; c <= columns.last[x]; c++) {
                double value = grid.at(rows.order[r], columns.order[c]);
                if (!Double.isNaN(value)) {
                    sum += value;
                    count++;
                }
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }
}
