package org.imbrex.host.plot;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;

/** A sheet that is drawn on in points; y goes down. */
final class Canvas {
    /** Pixels a point: sharp on dense screens and in print. */
    static final int SCALE = 2;

    static final double TITLE = 16;
    static final double LABEL = 13;
    static final double TICK = 12;

    enum Align {
        LEFT,
        CENTRE,
        RIGHT
    }

    private final Theme theme;
    private final BufferedImage image;
    private final Graphics2D pen;

    Canvas(double width, double height, Theme theme) {
        this.theme = theme;
        int columns = (int) Math.round(width * SCALE);
        int rows = (int) Math.round(height * SCALE);
        this.image = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
        this.pen = image.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        pen.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        pen.setColor(new Color(theme.paper()));
        pen.fillRect(0, 0, columns, rows);
        pen.scale(SCALE, SCALE);
    }

    Theme theme() {
        return theme;
    }

    void text(String text, double x, double y, double size, Align align, int colour) {
        letters(text, x, y, size, align, colour, 0.082);
    }

    void bold(String text, double x, double y, double size, Align align, int colour) {
        letters(text, x, y, size, align, colour, 0.122);
    }

    private void letters(String text, double x, double y, double size, Align align, int colour, double weight) {
        double left = switch (align) {
            case LEFT -> x;
            case CENTRE -> x - Lettering.width(text, size) / 2;
            case RIGHT -> x - Lettering.width(text, size);
        };
        stroke(Lettering.strokes(text, left, y, size), size * weight, colour);
    }

    /** Draws a shape's outline with round ends. */
    void stroke(Shape shape, double width, int colour) {
        stroke(shape, width, colour, null);
    }

    /** Draws a shape's outline; {@code dashes} in points, or null for a full line. */
    void stroke(Shape shape, double width, int colour, float[] dashes) {
        pen.setColor(new Color(colour));
        pen.setStroke(new BasicStroke(
                (float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 10, dashes, 0));
        pen.draw(shape);
    }

    /** A thin straight line whose ends are square and that lies on whole pixels. */
    void rule(double x0, double y0, double x1, double y1, double width, int colour) {
        pen.setColor(new Color(colour));
        pen.setStroke(new BasicStroke((float) width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER));
        pen.draw(new Line2D.Double(snap(x0, width), snap(y0, width), snap(x1, width), snap(y1, width)));
    }

    /** A hair line that lets the picture below it through. */
    void veil(double x0, double y0, double x1, double y1) {
        pen.setComposite(AlphaComposite.SrcOver.derive(0.28f));
        rule(x0, y0, x1, y1, 0.5, theme.ink());
        pen.setComposite(AlphaComposite.SrcOver);
    }

    private static double snap(double at, double width) {
        double half = width * SCALE / 2;
        return (Math.round(at * SCALE - half) + half) / SCALE;
    }

    void fill(Shape shape, int colour) {
        pen.setColor(new Color(colour));
        pen.fill(shape);
    }

    void frame(double x, double y, double width, double height, double line, int colour) {
        rule(x, y, x + width, y, line, colour);
        rule(x, y + height, x + width, y + height, line, colour);
        rule(x, y - line / 2, x, y + height + line / 2, line, colour);
        rule(x + width, y - line / 2, x + width, y + height + line / 2, line, colour);
    }

    void dot(double x, double y, double radius, int colour) {
        Path2D path = new Path2D.Double();
        path.moveTo(x, y);
        path.lineTo(x, y);
        stroke(path, 2 * radius, colour);
    }

    /** Sets whole pixels, {@code pixels[row * columns + column]}, from a corner at whole points. */
    void pixels(double x, double y, int columns, int[] pixels) {
        int left = (int) Math.round(x * SCALE);
        int top = (int) Math.round(y * SCALE);
        image.setRGB(left, top, columns, pixels.length / columns, pixels, 0, columns);
    }

    /** Draws only inside a box from here on. */
    void clip(double x, double y, double width, double height) {
        pen.setClip(new Rectangle2D.Double(x, y, width, height));
    }

    void unclip() {
        pen.setClip(null);
    }

    byte[] toPng() {
        pen.dispose();
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        return Png.of(pixels, image.getWidth(), 72 * SCALE);
    }
}
