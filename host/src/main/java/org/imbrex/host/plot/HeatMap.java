package org.imbrex.host.plot;

import java.util.List;

/**
 * A two-dimensional array as coloured cells. NaN is grey; of an array with more cells than pixels each pixel shows the
 * mean of its cells.
 *
 * @param x the axis along the columns
 * @param y the axis along the rows
 * @param order whether the first row is at the top, as in a matrix, or at the bottom, as in a diagram
 */
public record HeatMap(String title, Grid grid, Side x, Side y, RowOrder order, Colours colours) implements Picture {
    /** Where the first row lies. */
    public enum RowOrder {
        FIRST_ON_TOP,
        FIRST_AT_BOTTOM
    }

    /**
     * What lies along one side.
     *
     * @param first the place of the first cell's middle
     * @param last the place of the last cell's middle
     * @param names of the cells, in place of numbers; may be empty
     */
    public record Side(Axis axis, double first, double last, List<String> names) {
        public Side {
            names = List.copyOf(names);
        }

        /** Cells at equal distances from one place to another. */
        public static Side between(Axis axis, double first, double last) {
            return new Side(axis, first, last, List.of());
        }

        /** Cells with names, one for each. */
        public static Side named(String label, List<String> names) {
            return new Side(Axis.of(label, ""), 0, Math.max(0, names.size() - 1), names);
        }

        /** Cells by their index from 0. */
        public static Side index(String label, int cells) {
            return between(Axis.of(label, ""), 0, cells - 1);
        }
    }

    /** With rows and columns by their index, the first row on top. */
    public static HeatMap of(String title, Grid grid, Colours colours) {
        return new HeatMap(
                title,
                grid,
                Side.index("column", grid.columns()),
                Side.index("row", grid.rows()),
                RowOrder.FIRST_ON_TOP,
                colours);
    }

    @Override
    public byte[] toPng(Theme theme) {
        return new HeatDrawing(this, theme).toPng();
    }
}
