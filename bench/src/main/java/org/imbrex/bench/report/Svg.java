package org.imbrex.bench.report;

import java.util.Locale;

/** A drawing 360 units wide, so that its text is readable on a narrow screen; colours come from the page's style. */
final class Svg {
    static final int WIDTH = 360;

    private final StringBuilder text = new StringBuilder();

    Svg(int height, String title) {
        text.append(String.format(
                Locale.ROOT, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n", WIDTH, height, escape(title)));
    }

    Svg line(double x1, double y1, double x2, double y2, String style) {
        text.append(String.format(
                Locale.ROOT, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>%n", x1, y1, x2, y2, style));
        return this;
    }

    Svg box(double x, double y, double width, double height, String style) {
        text.append(String.format(Locale.ROOT, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"%s\"/>%n",
                x, y, Math.max(0.5, width), height, style));
        return this;
    }

    /** A point with a text that shows where a pointer rests on it. */
    Svg dot(double x, double y, String style, String tip) {
        text.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" class=\"%s\"><title>%s</title></circle>%n",
                x, y, style, escape(tip)));
        return this;
    }

    Svg path(Iterable<double[]> points, String style) {
        StringBuilder d = new StringBuilder();
        for (double[] point : points) {
            d.append(d.isEmpty() ? "M" : "L").append(String.format(Locale.ROOT, "%.1f %.1f", point[0], point[1]));
        }
        text.append("<path d=\"").append(d).append("\" class=\"").append(style).append("\"/>\n");
        return this;
    }

    /** @param anchor start, middle or end */
    Svg label(double x, double y, String anchor, String style, String words) {
        text.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">%s</text>%n", x, y,
                anchor, style, escape(words)));
        return this;
    }

    String end() {
        return text + "</svg>\n";
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
