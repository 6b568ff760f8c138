package org.imbrex.host.plot;

/** Draws a map: the field, the land's edge, degrees along two sides, the colour bar at the right. */
final class MapDrawing {
    private static final double WIDTH = 820;
    private static final double LARGEST_HEIGHT = 420;
    private static final double LEFT = 58;
    private static final double GAP = 18;

    private final WorldMap map;
    private final Theme theme;

    MapDrawing(WorldMap map, Theme theme) {
        this.map = map;
        this.theme = theme;
    }

    byte[] toPng() {
        ColourScale scale = ColourScale.over(map.colours(), map.field(), theme.missing());
        Meridians across = Meridians.longitudes(map.longitudes(), map.centre());
        Meridians up = Meridians.latitudes(map.latitudes());
        double ratio = (up.high() - up.low()) / (across.high() - across.low());
        double barWidth = new ColourBar(scale, 300).width();
        double width = Math.floor(WIDTH - 16 - barWidth - GAP - LEFT);
        double height = Math.max(60, Math.round(width * ratio));
        if (height > LARGEST_HEIGHT) {
            height = LARGEST_HEIGHT;
            width = Math.max(120, Math.round(height / ratio));
        }
        ColourBar bar = new ColourBar(scale, height);
        double top = map.title().isEmpty() ? 34 : 62;
        double sheet = LEFT + width + GAP + bar.width() + 16;
        double words = Math.max(
                Lettering.width(map.title(), Canvas.TITLE), Lettering.width(bar.label(), Canvas.LABEL));
        Canvas canvas = new Canvas(Math.max(sheet, Math.ceil(words) + 40), top + height + 34, theme);
        canvas.bold(map.title(), 16, 28, Canvas.TITLE, Canvas.Align.LEFT, theme.ink());
        double barEnd = Math.max(sheet - 16, Lettering.width(bar.label(), Canvas.LABEL) + 16);
        canvas.text(bar.label(), barEnd, top - 13, Canvas.LABEL, Canvas.Align.RIGHT, theme.ink());

        int columns = (int) width * Canvas.SCALE;
        int rows = (int) height * Canvas.SCALE;
        int[] pixels =
                Cells.paint(map.field(), up.cells(rows, true), across.cells(columns, false), scale, coast());
        canvas.pixels(LEFT, top, columns, pixels);
        parallels(canvas, up, top, width, height);
        meridians(canvas, across, top, width, height);
        canvas.frame(LEFT, top, width, height, 1, theme.ink());
        bar.draw(canvas, LEFT + width + GAP, top, height);
        return canvas.toPng();
    }

    /** Between the colours of land and ink. */
    private int coast() {
        return mix(theme.missing(), theme.ink(), 0.55);
    }

    private static int mix(int a, int b, double share) {
        int mixed = 0;
        for (int shift = 0; shift <= 16; shift += 8) {
            double channel = (a >> shift & 0xff) * (1 - share) + (b >> shift & 0xff) * share;
            mixed |= (int) Math.round(channel) << shift;
        }
        return mixed;
    }

    private static double step(double degrees, double points, double apart) {
        double rough = degrees / (points / apart);
        for (double step : new double[] {0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30}) {
            if (step >= rough * 0.8) {
                return step;
            }
        }
        return 60;
    }

    private void parallels(Canvas canvas, Meridians up, double top, double width, double height) {
        double step = step(up.high() - up.low(), height, 55);
        for (double at = Math.ceil(up.low() / step) * step; at <= up.high() + 1e-9; at += step) {
            double y = top + height * (up.high() - at) / (up.high() - up.low());
            line(canvas, LEFT, y, LEFT + width, y, Math.abs(at) < 90);
            canvas.rule(LEFT - 5, y, LEFT, y, 1, theme.ink());
            double base = y + Lettering.capitals(Canvas.TICK) / 2;
            String label = degrees(Math.abs(at), step) + (Math.abs(at) < 1e-9 ? "" : at > 0 ? "N" : "S");
            canvas.text(label, LEFT - 9, base, Canvas.TICK, Canvas.Align.RIGHT, theme.quiet());
        }
    }

    private void meridians(Canvas canvas, Meridians across, double top, double width, double height) {
        double step = step(across.high() - across.low(), width, 95);
        for (double at = Math.ceil(across.low() / step) * step; at <= across.high() + 1e-9; at += step) {
            double x = LEFT + width * (at - across.low()) / (across.high() - across.low());
            line(canvas, x, top, x, top + height, x > LEFT + 1 && x < LEFT + width - 1);
            canvas.rule(x, top + height, x, top + height + 5, 1, theme.ink());
            double turned = at - 360 * Math.floor((at + 180) / 360);
            boolean plain = Math.abs(turned) < 1e-9 || Math.abs(Math.abs(turned) - 180) < 1e-9;
            String label = degrees(Math.abs(turned), step) + (plain ? "" : turned > 0 ? "E" : "W");
            canvas.text(label, x, top + height + 20, Canvas.TICK, Canvas.Align.CENTRE, theme.quiet());
        }
    }

    private void line(Canvas canvas, double x0, double y0, double x1, double y1, boolean inside) {
        if (map.graticule() && inside) {
            canvas.veil(x0, y0, x1, y1);
        }
    }

    private static String degrees(double at, double step) {
        return Ticks.number(at, step < 1 ? 1 : 0) + "°";
    }
}
