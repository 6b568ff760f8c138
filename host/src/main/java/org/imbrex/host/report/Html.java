package org.imbrex.host.report;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.imbrex.host.plot.Picture;
import org.imbrex.host.plot.Theme;

/** A report's pieces as HTML, its style within. */
final class Html {
    private static final Pattern NUMBER =
            Pattern.compile("[-−+±<>≤≥~]?\\s*[0-9][0-9.,]*([eE][-+]?[0-9]+)?(\\s?\\S{1,8})?");
    /** PNG pictures have two pixels a point; the width stands at byte 16, big-endian. */
    private static final int PIXELS_A_POINT = 2;

    private static final String STYLE = """
            :root {
              color-scheme: light dark;
              --paper: #fff; --ink: #1a1d21; --quiet: #565d66; --line: #dfe3e8; --shade: #f5f6f8;
            }
            @media (prefers-color-scheme: dark) {
              :root { --paper: #15181c; --ink: #e8eaed; --quiet: #a3abb5; --line: #323841; --shade: #1d2126; }
            }
            * { box-sizing: border-box; }
            body {
              margin: 0; background: var(--paper); color: var(--ink);
              font: 16px/1.55 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
            }
            main { max-width: 54rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
            h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .4rem; }
            h2 { font-size: 1.2rem; margin: 2.6rem 0 .6rem; padding-top: 1.1rem; border-top: 1px solid var(--line); }
            p { margin: .5rem 0 1rem; max-width: 42rem; }
            .lead { color: var(--quiet); font-size: 1.05rem; margin-bottom: 1.5rem; }
            .wide { overflow-x: auto; margin: 1rem 0 1.6rem; }
            table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
            caption { text-align: left; color: var(--quiet); padding: 0 0 .45rem; }
            th, td {
              text-align: left; padding: .34rem 1.4rem .34rem 0; border-bottom: 1px solid var(--line);
              white-space: nowrap; vertical-align: baseline;
            }
            th { font-weight: 600; border-bottom: 1.5px solid var(--quiet); }
            th:last-child, td:last-child { padding-right: 0; }
            .number { text-align: right; }
            figure { margin: 1.4rem 0 2rem; }
            figure img { display: block; max-width: 100%; height: auto; }
            figcaption { color: var(--quiet); font-size: .92rem; margin-top: .4rem; max-width: 42rem; }
            pre {
              background: var(--shade); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem;
              overflow-x: auto; font: .86rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
            }
            @media print {
              main { max-width: none; padding: 0; }
              h2 { break-after: avoid; }
              figure, .wide { break-inside: avoid; }
            }
            """;

    private Html() {}

    static String page(String title, String lead, List<Report.Block> blocks) {
        StringBuilder page = new StringBuilder("<!doctype html>\n<html lang=\"en\">\n<head>\n");
        page.append("<meta charset=\"utf-8\">\n");
        page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.append("<title>").append(escape(title)).append("</title>\n<style>\n").append(STYLE);
        page.append("</style>\n</head>\n<body>\n<main>\n<h1>").append(escape(title)).append("</h1>\n");
        if (!lead.isEmpty()) {
            page.append("<p class=\"lead\">").append(escape(lead)).append("</p>\n");
        }
        for (Report.Block block : blocks) {
            switch (block) {
                case Report.Heading heading -> element(page, "h2", heading.text());
                case Report.Paragraph paragraph -> element(page, "p", paragraph.text());
                case Report.Code code -> element(page, "pre", code.text());
                case Report.Table table -> table(page, table);
                case Report.Figure figure -> figure(page, figure);
            }
        }
        return page.append("</main>\n</body>\n</html>\n").toString();
    }

    private static void element(StringBuilder page, String name, String text) {
        page.append('<').append(name).append('>').append(escape(text)).append("</").append(name).append(">\n");
    }

    private static void table(StringBuilder page, Report.Table table) {
        boolean[] numbers = new boolean[table.header().size()];
        for (int column = 0; column < numbers.length; column++) {
            int at = column;
            numbers[column] = !table.rows().isEmpty()
                    && table.rows().stream().allMatch(row -> isNumber(row.get(at)))
                    && table.rows().stream().anyMatch(row -> !row.get(at).isEmpty());
        }
        page.append("<div class=\"wide\"><table>\n");
        if (!table.caption().isEmpty()) {
            element(page, "caption", table.caption());
        }
        page.append("<thead>");
        row(page, "th", table.header(), numbers);
        page.append("</thead>\n<tbody>\n");
        for (List<String> row : table.rows()) {
            row(page, "td", row, numbers);
        }
        page.append("</tbody>\n</table></div>\n");
    }

    private static boolean isNumber(String cell) {
        return cell.isEmpty() || cell.equals("–") || cell.equals("NaN") || NUMBER.matcher(cell).matches();
    }

    private static void row(StringBuilder page, String name, List<String> cells, boolean[] numbers) {
        page.append("<tr>");
        IntStream.range(0, cells.size()).forEach(i -> page.append('<')
                .append(name)
                .append(name.equals("th") ? " scope=\"col\"" : "")
                .append(numbers[i] ? " class=\"number\">" : ">")
                .append(escape(cells.get(i)))
                .append("</")
                .append(name)
                .append('>'));
        page.append("</tr>\n");
    }

    private static void figure(StringBuilder page, Report.Figure figure) {
        Picture picture = figure.picture();
        byte[] light = picture.toPng(Theme.LIGHT);
        int width = integer(light, 16) / PIXELS_A_POINT;
        int height = integer(light, 20) / PIXELS_A_POINT;
        page.append("<figure><picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"");
        embed(page, picture.toPng(Theme.DARK));
        page.append("\"><img width=\"").append(width).append("\" height=\"").append(height).append("\" alt=\"");
        page.append(escape(picture.title())).append("\" src=\"");
        embed(page, light);
        page.append("\"></picture>");
        if (!figure.caption().isEmpty()) {
            page.append("\n<figcaption>").append(escape(figure.caption())).append("</figcaption>");
        }
        page.append("</figure>\n");
    }

    private static int integer(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).getInt(at);
    }

    private static void embed(StringBuilder page, byte[] png) {
        page.append("data:image/png;base64,").append(Base64.getEncoder().encodeToString(png));
    }

    /** Text as HTML text or attribute; what HTML cannot hold at all becomes a replacement character. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            switch (point) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> {
                    boolean control = point < 0x20 && point != '\n' && point != '\t';
                    boolean half = point >= 0xd800 && point < 0xe000;
                    escaped.appendCodePoint(control || half || point == 0x7f ? 0xfffd : point);
                }
            }
        });
        return escaped.toString();
    }
}
