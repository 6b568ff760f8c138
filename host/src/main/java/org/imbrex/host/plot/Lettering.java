package org.imbrex.host.plot;

import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;

/**
 * Text as strokes of a pen. A fresh server has no fonts, and without them AWT's text throws; strokes need nothing and
 * look the same everywhere. Capitals are 20 units high, small letters 14, and descend 6.
 */
final class Lettering {
    private static final double CAPITAL = 20;
    /** A capital's height as a share of the size, as in common typefaces. */
    private static final double CAPITAL_SHARE = 0.70;
    /** How near a quarter ellipse's control points come to its corner: a little squarer than an ellipse (0.5523). */
    private static final double ROUND = 0.58;
    private static final double SPACE = 7.4;
    private static final double RAISED = 0.62;
    private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺";
    private static final String RAISABLE = "0123456789−+";
    private static final String SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

    private record Glyph(Path2D strokes, double advance) {}

    private static final Map<Integer, Glyph> GLYPHS = read();

    private Lettering() {}

    /** The width of a text at a size, both in points. */
    static double width(String text, double size) {
        double advance = 0;
        for (int point : codePoints(text)) {
            advance += isMark(point) ? 0 : glyph(point).advance;
        }
        return advance * scale(size);
    }

    /** A capital's height at a size, both in points. */
    static double capitals(double size) {
        return size * CAPITAL_SHARE;
    }

    /** The strokes of a text that starts at x on a baseline y. */
    static Path2D strokes(String text, double x, double y, double size) {
        Path2D all = new Path2D.Double();
        double scale = scale(size);
        double at = 0;
        double before = 0;
        boolean tall = false;
        for (int point : codePoints(text)) {
            Glyph glyph = glyph(point);
            double left = at;
            double lift = 0;
            if (isMark(point)) {
                left = at - before / 2 - glyph.advance / 2;
                lift = tall && point < 0x327 ? 5 : 0;
            }
            AffineTransform place = new AffineTransform(scale, 0, 0, -scale, x + left * scale, y - lift * scale);
            all.append(glyph.strokes.getPathIterator(place), false);
            if (!isMark(point)) {
                at += glyph.advance;
                before = glyph.advance;
                tall = Character.isUpperCase(point);
            }
        }
        return all;
    }

    private static double scale(double size) {
        return size * CAPITAL_SHARE / CAPITAL;
    }

    /** Letters with accents come apart into letter and mark; an i or j under a mark loses its dot. */
    private static int[] codePoints(String text) {
        int[] points = Normalizer.normalize(text, Normalizer.Form.NFD).codePoints().toArray();
        for (int i = 0; i + 1 < points.length; i++) {
            if (points[i] == 'i' && isMark(points[i + 1])) {
                points[i] = 'ı';
            }
        }
        return points;
    }

    private static boolean isMark(int point) {
        return point >= 0x300 && point < 0x370;
    }

    /** A character that has no strokes is drawn as an empty box: told, and no failure. */
    private static Glyph glyph(int point) {
        Glyph glyph = GLYPHS.get(point);
        return glyph == null ? GLYPHS.get(0xfffd) : glyph;
    }

    // ---- the table: character, left bearing, advance, strokes

    private static Map<Integer, Glyph> read() {
        Map<Integer, Glyph> glyphs = new HashMap<>();
        try (InputStream in = Lettering.class.getResourceAsStream("strokes.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("##")) {
                    String[] words = line.split(" ");
                    boolean byNumber = words[0].startsWith("U+");
                    int point = byNumber ? Integer.parseInt(words[0].substring(2), 16) : words[0].codePointAt(0);
                    glyphs.put(point, glyph(words));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the letters' strokes", e);
        }
        for (int blank : new int[] {' ', '\t', '\n', 0xa0, 0x202f, 0x2009}) {
            glyphs.put(blank, new Glyph(new Path2D.Double(), blank < 0x2000 ? SPACE : SPACE / 2));
        }
        for (int i = 0; i < SUPERSCRIPTS.length(); i++) {
            glyphs.put((int) SUPERSCRIPTS.charAt(i), small(glyphs.get((int) RAISABLE.charAt(i)), 9.6));
        }
        for (int i = 0; i < SUBSCRIPTS.length(); i++) {
            glyphs.put((int) SUBSCRIPTS.charAt(i), small(glyphs.get((int) RAISABLE.charAt(i)), -4));
        }
        glyphs.put(0x3bc, glyphs.get((int) 'µ'));
        return glyphs;
    }

    private static Glyph small(Glyph of, double lift) {
        AffineTransform place = new AffineTransform(RAISED, 0, 0, RAISED, 0, lift);
        return new Glyph(new Path2D.Double(of.strokes, place), of.advance * RAISED);
    }

    /**
     * {@code m} moves, {@code l} draws a line, {@code c} a cubic curve, {@code h} and {@code v} a quarter ellipse that
     * starts along the x or the y axis.
     */
    private static Glyph glyph(String[] words) {
        double left = Double.parseDouble(words[1]);
        Path2D path = new Path2D.Double();
        double x = 0;
        double y = 0;
        for (int i = 3; i < words.length; ) {
            char command = words[i++].charAt(0);
            double[] at = new double[command == 'c' ? 6 : 2];
            for (int k = 0; k < at.length; k++) {
                at[k] = Double.parseDouble(words[i++]) + (k % 2 == 0 ? left : 0);
            }
            double toX = at[at.length - 2];
            double toY = at[at.length - 1];
            double dx = (toX - x) * ROUND;
            double dy = (toY - y) * ROUND;
            switch (command) {
                case 'm' -> path.moveTo(toX, toY);
                case 'l' -> path.lineTo(toX, toY);
                case 'c' -> path.curveTo(at[0], at[1], at[2], at[3], toX, toY);
                case 'h' -> path.curveTo(x + dx, y, toX, toY - dy, toX, toY);
                case 'v' -> path.curveTo(x, y + dy, toX - dx, toY, toX, toY);
                default -> throw new IllegalStateException("strokes.txt: found the command " + command);
            }
            x = toX;
            y = toY;
        }
        return new Glyph(path, Double.parseDouble(words[2]));
    }
}
