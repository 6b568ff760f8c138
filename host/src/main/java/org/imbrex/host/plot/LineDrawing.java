package org.imbrex.host.plot;

import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.util.ArrayList;
import java.util.List;

/** Draws a line plot: panels below one another, each with its label and legend above it, outside of the data. */
final class LineDrawing {
    private static final double WIDTH = 760;
    private static final double RIGHT = 22;
    private static final double PANEL = 300;
    private static final double SMALL_PANEL = 150;
    private static final double LINE = 1.6;
    private static final double ROW = 19;
    private static final double SWATCH = 20;
    /** Series beyond the last colour take the colours again, dashed. */
    private static final float[] DASHES = {6, 4};

    private final LinePlot plot;
    private final Theme theme;
    private final List<Places> ys = new ArrayList<>();
    private final List<Ticks> yTicks = new ArrayList<>();
    private final List<List<List<Integer>>> legends = new ArrayList<>();
    private final double panelHeight;
    private final double left;
    private final double top;
    private final Canvas canvas;

    LineDrawing(LinePlot plot, Theme theme) {
        this.plot = plot;
        this.theme = theme;
        this.panelHeight = plot.panels().size() == 1 ? PANEL : SMALL_PANEL;
        double widest = 0;
        double height = 0;
        for (LinePlot.Panel panel : plot.panels()) {
            Places y = Places.around(
                    panel.y(), panel.series().stream().map(LinePlot.Series::y).toList(), true);
            Ticks ticks = Ticks.of(panel.y().scale(), y.low(), y.high(), plot.panels().size() == 1 ? 6 : 4);
            for (Ticks.Tick tick : ticks.ticks()) {
                widest = Math.max(widest, Lettering.width(tick.label(), Canvas.TICK));
            }
            ys.add(y);
            yTicks.add(ticks);
            legends.add(legend(panel, ticks));
            height += ROW * Math.max(1, legends.getLast().size()) + 8 + panelHeight + 16;
        }
        this.left = Math.max(52, Math.ceil(widest) + 26);
        this.top = plot.title().isEmpty() ? 10 : 44;
        this.canvas = new Canvas(WIDTH, Math.ceil(top + height + 44), theme);
    }

    byte[] toPng() {
        canvas.bold(plot.title(), 16, 28, Canvas.TITLE, Canvas.Align.LEFT, theme.ink());
        Places x = Places.around(
                        plot.x(),
                        plot.panels().stream()
                                .flatMap(panel -> panel.series().stream())
                                .map(LinePlot.Series::x)
                                .toList(),
                        false)
                .at(left, WIDTH - RIGHT);
        int about = plot.x().scale() == Axis.Scale.TIME ? 9 : 7;
        Ticks xTicks = Ticks.of(plot.x().scale(), x.low(), x.high(), about);
        double y = top;
        for (int k = 0; k < plot.panels().size(); k++) {
            y = header(k, y);
            frame(ys.get(k).at(y + panelHeight, y), yTicks.get(k), x, xTicks, y);
            lines(plot.panels().get(k), x, ys.get(k).at(y + panelHeight, y), y);
            y += panelHeight + 16;
        }
        xLabels(x, xTicks, y - 16);
        return canvas.toPng();
    }

    // ---- above a panel: what it shows

    private List<List<Integer>> legend(LinePlot.Panel panel, Ticks ticks) {
        List<List<Integer>> rows = new ArrayList<>();
        boolean none = panel.series().isEmpty()
                || (panel.series().size() == 1 && panel.series().getFirst().name().isEmpty());
        double room = 0;
        double all = WIDTH - RIGHT - 16;
        double label = Lettering.width(panel.y().text(ticks), Canvas.LABEL) + 24;
        for (int i = 0; !none && i < panel.series().size(); i++) {
            double width = entry(panel.series().get(i));
            if (rows.isEmpty() || room < width) {
                room = all - (rows.isEmpty() ? label : 0);
                rows.add(new ArrayList<>());
            }
            rows.getLast().add(i);
            room -= width;
        }
        return rows;
    }

    private static double entry(LinePlot.Series series) {
        return SWATCH + 7 + Lettering.width(series.name(), Canvas.TICK) + 18;
    }

    private double header(int k, double y) {
        LinePlot.Panel panel = plot.panels().get(k);
        double base = y + 13;
        canvas.text(panel.y().text(yTicks.get(k)), 16, base, Canvas.LABEL, Canvas.Align.LEFT, theme.ink());
        for (List<Integer> row : legends.get(k)) {
            double at = WIDTH - RIGHT + 18;
            for (int i : row) {
                at -= entry(panel.series().get(i));
            }
            for (int i : row) {
                double middle = base - Lettering.capitals(Canvas.TICK) / 2;
                canvas.stroke(new Line2D.Double(at, middle, at + SWATCH, middle), LINE + 0.6, colour(i), dashes(i));
                String name = panel.series().get(i).name();
                canvas.text(name, at + SWATCH + 7, base, Canvas.TICK, Canvas.Align.LEFT, theme.ink());
                at += entry(panel.series().get(i));
            }
            base += ROW;
        }
        return y + ROW * Math.max(1, legends.get(k).size()) + 8;
    }

    // ---- around a panel: its axes

    private void frame(Places y, Ticks ticks, Places x, Ticks xTicks, double top) {
        double bottom = top + panelHeight;
        for (Ticks.Tick tick : ticks.ticks()) {
            double at = y.of(tick.at());
            if (tick.isMajor()) {
                canvas.rule(left, at, WIDTH - RIGHT, at, 1, theme.grid());
                canvas.rule(left - 5, at, left, at, 1, theme.ink());
                double base = at + Lettering.capitals(Canvas.TICK) / 2;
                canvas.text(tick.label(), left - 9, base, Canvas.TICK, Canvas.Align.RIGHT, theme.quiet());
            } else {
                canvas.rule(left - 3, at, left, at, 0.5, theme.ink());
            }
        }
        for (Ticks.Tick tick : xTicks.ticks()) {
            double at = x.of(tick.at());
            if (tick.isMajor()) {
                canvas.rule(at, top, at, bottom, 0.5, theme.grid());
            }
            canvas.rule(at, bottom, at, bottom + (tick.isMajor() ? 5 : 3), tick.isMajor() ? 1 : 0.5, theme.ink());
        }
        canvas.rule(left, top, left, bottom + 0.5, 1, theme.ink());
        canvas.rule(left - 0.5, bottom, WIDTH - RIGHT, bottom, 1, theme.ink());
    }

    private void xLabels(Places x, Ticks ticks, double bottom) {
        double free = 0;
        boolean two = false;
        for (Ticks.Tick tick : ticks.ticks()) {
            double at = x.of(tick.at());
            double half = Lettering.width(tick.label(), Canvas.TICK) / 2;
            if (tick.isMajor() && at - half > free) {
                canvas.text(tick.label(), at, bottom + 20, Canvas.TICK, Canvas.Align.CENTRE, theme.quiet());
                free = at + half + 4;
            }
            canvas.text(tick.below(), at, bottom + 36, Canvas.TICK, Canvas.Align.CENTRE, theme.ink());
            two |= !tick.below().isEmpty();
        }
        double base = bottom + (two ? 52 : 40);
        double middle = (left + WIDTH - RIGHT) / 2;
        canvas.text(plot.x().text(ticks), middle, base, Canvas.LABEL, Canvas.Align.CENTRE, theme.ink());
    }

    // ---- the data

    private int colour(int i) {
        return theme.series().get(i % theme.series().size());
    }

    private float[] dashes(int i) {
        return i < theme.series().size() ? null : DASHES;
    }

    private void lines(LinePlot.Panel panel, Places x, Places y, double top) {
        canvas.clip(left - 1, top - 2, WIDTH - RIGHT - left + 3, panelHeight + 3);
        for (int i = 0; i < panel.series().size(); i++) {
            line(panel.series().get(i), x, y, i);
        }
        canvas.unclip();
    }

    /** Of many points in one column of pixels only the first, lowest, highest and last are drawn: it looks the same. */
    private void line(LinePlot.Series series, Places x, Places y, int number) {
        Path2D path = new Path2D.Double();
        double[] values = series.y();
        int i = 0;
        while (i < values.length) {
            if (!isShown(series, i, x, y)) {
                i++;
                continue;
            }
            int first = i;
            while (i < values.length && isShown(series, i, x, y)) {
                i++;
            }
            if (i - first == 1) {
                canvas.dot(x.of(series.x()[first]), y.of(values[first]), LINE, colour(number));
            } else {
                run(path, series, first, i, x, y);
            }
        }
        canvas.stroke(path, LINE, colour(number), dashes(number));
    }

    private static boolean isShown(LinePlot.Series series, int i, Places x, Places y) {
        return x.shows(series.x()[i]) && y.shows(series.y()[i]);
    }

    private static void run(Path2D path, LinePlot.Series series, int first, int end, Places x, Places y) {
        path.moveTo(x.of(series.x()[first]), y.of(series.y()[first]));
        for (int i = first + 1; i < end; ) {
            long column = Math.round(x.of(series.x()[i]) * Canvas.SCALE);
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            int from = i;
            for (; i < end && Math.round(x.of(series.x()[i]) * Canvas.SCALE) == column; i++) {
                low = Math.min(low, series.y()[i]);
                high = Math.max(high, series.y()[i]);
            }
            if (i - from > 4) {
                double at = x.of(series.x()[from]);
                path.lineTo(at, y.of(series.y()[from]));
                path.lineTo(at, y.of(low));
                path.lineTo(at, y.of(high));
                path.lineTo(at, y.of(series.y()[i - 1]));
            } else {
                for (int k = from; k < i; k++) {
                    path.lineTo(x.of(series.x()[k]), y.of(series.y()[k]));
                }
            }
        }
    }
}
