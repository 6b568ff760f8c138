package org.imbrex.host.plot;

import java.util.ArrayList;
import java.util.List;

/** Draws a heat map: cells in a frame, ticks at cells' middles, the colour bar at the right. */
final class HeatDrawing {
    private static final double WIDTH = 760;
    private static final double HEIGHT = 320;
    private static final double GAP = 18;

    /** A tick at a share of the side's length. */
    private record Mark(double at, String label, String below) {}

    private final HeatMap map;
    private final Theme theme;

    HeatDrawing(HeatMap map, Theme theme) {
        this.map = map;
        this.theme = theme;
    }

    byte[] toPng() {
        Grid grid = map.grid();
        ColourScale scale = ColourScale.over(map.colours(), grid, theme.missing());
        boolean upward = map.order() == HeatMap.RowOrder.FIRST_AT_BOTTOM;
        Ticks yTicks = ticks(map.y(), Math.min(6, grid.rows() - 1));
        Ticks xTicks = ticks(map.x(), Math.min(8, grid.columns() - 1));
        List<Mark> ys = marks(map.y(), grid.rows(), yTicks, (int) (HEIGHT / 17));
        double widest = 0;
        for (Mark mark : ys) {
            widest = Math.max(widest, Lettering.width(mark.label + mark.below, Canvas.TICK));
        }
        ColourBar bar = new ColourBar(scale, HEIGHT);
        double left = Math.ceil(Math.max(48, widest + 28));
        double top = map.title().isEmpty() ? 34 : 68;
        double width = Math.floor(WIDTH - 16 - bar.width() - GAP - left);
        Canvas canvas = new Canvas(WIDTH, top + HEIGHT + 60, theme);
        canvas.bold(map.title(), 16, 28, Canvas.TITLE, Canvas.Align.LEFT, theme.ink());
        String yLabel = map.y().axis().text(yTicks);
        canvas.text(yLabel, 16, top - 15, Canvas.LABEL, Canvas.Align.LEFT, theme.ink());
        canvas.text(bar.label(), WIDTH - 16, top - 15, Canvas.LABEL, Canvas.Align.RIGHT, theme.ink());

        int columns = (int) width * Canvas.SCALE;
        int rows = (int) HEIGHT * Canvas.SCALE;
        Cells down = Cells.even(grid.rows(), rows, upward);
        canvas.pixels(
                left, top, columns, Cells.paint(grid, down, Cells.even(grid.columns(), columns, false), scale, -1));
        for (Mark mark : ys) {
            double at = top + HEIGHT * (upward ? 1 - mark.at : mark.at);
            canvas.rule(left - 5, at, left, at, 1, theme.ink());
            String label = (mark.label + " " + mark.below).strip();
            double base = at + Lettering.capitals(Canvas.TICK) / 2;
            canvas.text(label, left - 9, base, Canvas.TICK, Canvas.Align.RIGHT, theme.quiet());
        }
        xLabels(canvas, left, width, top + HEIGHT, xTicks);
        canvas.frame(left, top, width, HEIGHT, 1, theme.ink());
        bar.draw(canvas, left + width + GAP, top, HEIGHT);
        return canvas.toPng();
    }

    private void xLabels(Canvas canvas, double left, double width, double bottom, Ticks ticks) {
        double free = 0;
        boolean two = false;
        for (Mark mark : marks(map.x(), map.grid().columns(), ticks, Integer.MAX_VALUE)) {
            double at = left + width * mark.at;
            double half = Lettering.width(mark.label, Canvas.TICK) / 2;
            if (at - half < free) {
                continue;
            }
            canvas.rule(at, bottom, at, bottom + 5, 1, theme.ink());
            canvas.text(mark.label, at, bottom + 20, Canvas.TICK, Canvas.Align.CENTRE, theme.quiet());
            canvas.text(mark.below, at, bottom + 35, Canvas.TICK, Canvas.Align.CENTRE, theme.ink());
            free = at + half + 6;
            two |= !mark.below.isEmpty();
        }
        String label = map.x().axis().text(ticks);
        double base = bottom + (two ? 50 : 41);
        canvas.text(label, left + width / 2, base, Canvas.LABEL, Canvas.Align.CENTRE, theme.ink());
    }

    private static double low(HeatMap.Side side) {
        return Math.min(side.first(), side.last());
    }

    private static double high(HeatMap.Side side) {
        return Math.max(side.first(), side.last());
    }

    private static Ticks ticks(HeatMap.Side side, int about) {
        if (low(side) == high(side)) {
            return new Ticks(List.of(new Ticks.Tick(low(side), Ticks.number(low(side), 0), "")), "");
        }
        return Ticks.of(side.axis().scale(), low(side), high(side), about);
    }

    private static List<Mark> marks(HeatMap.Side side, int cells, Ticks ticks, int room) {
        List<Mark> marks = new ArrayList<>();
        int names = Math.min(cells, side.names().size());
        int every = Math.max(1, Math.ceilDiv(names, room));
        for (int i = 0; i < names; i += every) {
            marks.add(new Mark((i + 0.5) / cells, side.names().get(i), ""));
        }
        if (!side.names().isEmpty()) {
            return marks;
        }
        for (Ticks.Tick tick : ticks.ticks()) {
            double distance = side.last() - side.first();
            double share = distance == 0 ? 0 : (tick.at() - side.first()) / distance;
            if (tick.isMajor()) {
                marks.add(new Mark((share * (cells - 1) + 0.5) / cells, tick.label(), tick.below()));
            }
        }
        return marks;
    }
}
