package org.imbrex.host.plot;

import java.awt.geom.Path2D;

/** The bar that tells what the colours mean: upright, at the right of a picture. */
final class ColourBar {
    static final double THICK = 14;
    private static final double POINT = 12;

    private final ColourScale scale;
    private final Ticks ticks;

    ColourBar(ColourScale scale, double height) {
        this.scale = scale;
        this.ticks = Ticks.of(
                scale.colours().axis().scale(), scale.places().low(), scale.places().high(), (int) (height / 48));
    }

    String label() {
        return scale.colours().axis().text(ticks);
    }

    /** The room that bar and tick labels take. */
    double width() {
        double widest = 0;
        for (Ticks.Tick tick : ticks.ticks()) {
            widest = Math.max(widest, Lettering.width(tick.label(), Canvas.TICK));
        }
        return THICK + 9 + Math.ceil(widest);
    }

    void draw(Canvas canvas, double x, double y, double height) {
        Theme theme = canvas.theme();
        double top = y + (scale.above() ? POINT : 0);
        double bottom = y + height - (scale.below() ? POINT : 0);
        int columns = (int) THICK * Canvas.SCALE;
        int rows = (int) Math.round((bottom - top) * Canvas.SCALE);
        int[] pixels = new int[columns * rows];
        for (int row = 0; row < rows; row++) {
            int colour = scale.colours().map().of(1 - (row + 0.5) / rows);
            for (int column = 0; column < columns; column++) {
                pixels[row * columns + column] = colour;
            }
        }
        canvas.pixels(x, top, columns, pixels);
        Path2D outline = new Path2D.Double();
        outline.moveTo(x, top);
        if (scale.above()) {
            Path2D point = triangle(x, top, y);
            canvas.fill(point, scale.colours().map().of(1));
            outline.lineTo(x + THICK / 2, y);
        }
        outline.lineTo(x + THICK, top);
        outline.lineTo(x + THICK, bottom);
        if (scale.below()) {
            canvas.fill(triangle(x, bottom, y + height), scale.colours().map().of(0));
            outline.lineTo(x + THICK / 2, y + height);
        }
        outline.lineTo(x, bottom);
        outline.closePath();
        canvas.stroke(outline, 0.8, theme.ink());
        Places places = scale.places().at(bottom, top);
        for (Ticks.Tick tick : ticks.ticks()) {
            double at = places.of(tick.at());
            if (at < top - 0.5 || at > bottom + 0.5) {
                continue;
            }
            boolean major = tick.isMajor();
            canvas.rule(x + THICK, at, x + THICK + (major ? 4 : 2.5), at, major ? 1 : 0.5, theme.ink());
            double base = at + Lettering.capitals(Canvas.TICK) / 2;
            canvas.text(tick.label(), x + THICK + 8, base, Canvas.TICK, Canvas.Align.LEFT, theme.quiet());
        }
    }

    private static Path2D triangle(double x, double base, double tip) {
        Path2D path = new Path2D.Double();
        path.moveTo(x, base);
        path.lineTo(x + THICK / 2, tip);
        path.lineTo(x + THICK, base);
        path.closePath();
        return path;
    }
}
