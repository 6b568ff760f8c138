package org.imbrex.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.imbrex.bench.limit.Limit;

/** The findings as one HTML page that needs nothing beside it: plots, tables, the machine, how it was measured. */
public final class Page {
    private final StringBuilder page = new StringBuilder();
    private final Findings findings;
    private final int threads;

    private Page(Findings findings) {
        this.findings = findings;
        this.threads = findings.outcomes().stream().mapToInt(Outcome::threads).max().orElse(1);
    }

    public static String of(Findings findings) {
        return new Page(findings).html();
    }

    private String html() {
        page.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.append("<title>imbrex bench</title>\n<style>\n").append(style()).append("</style>\n</head>\n<body>\n<main>\n");
        page.append("<h1>imbrex bench</h1>\n");
        paragraph("lead", findings.machine().getOrDefault("processor", "") + ". Each work ran by turns with its limit and its"
                + " peers in one process, on the same data and as many threads; values are medians of the rounds.");
        if (!findings.isFinished()) {
            paragraph("mark", "This run is " + findings.state() + ": what follows is what it had found by then.");
        }
        section("Roofline");
        paragraph("", "Each kernel by what it computes for a byte that it moves, below what this machine can do: the slope is"
                + " triad's bandwidth from main memory, the ceiling its peak of fma (an fma counts as two operations there and"
                + " in products, as one elsewhere). Works whose arrays stay in cache may lie above the slope.");
        figures("figures large", List.of(
                Plots.roofline(findings, "f32", threads), "float32, " + count(threads),
                Plots.roofline(findings, "f64", threads), "float64, " + count(threads)));
        section("Beside the peers");
        paragraph("", "Longer is better, except for times. The dashed line is the machine's bound for that work.");
        peers();
        section("By size");
        sizes();
        section("By threads");
        scaling();
        section("All figures");
        outcomes();
        section("This machine's limits");
        limits();
        section("Who took part");
        people();
        return page.append("</main>\n</body>\n</html>\n").toString();
    }

    private static String style() {
        try (InputStream text = Page.class.getResourceAsStream("page.css")) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void section(String title) {
        page.append("<h2>").append(Svg.escape(title)).append("</h2>\n");
    }

    private void paragraph(String style, String text) {
        page.append(style.isEmpty() ? "<p>" : "<p class=\"" + style + "\">").append(Svg.escape(text)).append("</p>\n");
    }

    /** Drawings side by side where there is room, each followed by its caption; empty ones are left out. */
    private void figures(String... drawingsAndCaptions) {
        figures("figures", List.of(drawingsAndCaptions));
    }

    private void figures(String style, List<String> drawingsAndCaptions) {
        page.append("<div class=\"").append(style).append("\">\n");
        for (int k = 0; k < drawingsAndCaptions.size(); k += 2) {
            if (!drawingsAndCaptions.get(k).isEmpty()) {
                page.append("<figure>").append(drawingsAndCaptions.get(k)).append("<figcaption>");
                page.append(Svg.escape(drawingsAndCaptions.get(k + 1))).append("</figcaption></figure>\n");
            }
        }
        page.append("</div>\n");
    }

    private void peers() {
        Map<String, List<Outcome>> byWork = new LinkedHashMap<>();
        for (Outcome outcome : findings.outcomes()) {
            if (outcome.threads() == threads && !outcome.unit().equals("times")) {
                byWork.computeIfAbsent(outcome.work(), work -> new ArrayList<>()).add(outcome);
            }
        }
        List<String> drawn = new ArrayList<>();
        byWork.forEach((work, list) -> {
            drawn.add(Plots.bars(work, list));
            drawn.add(work + ", " + grouped(list.getFirst().size()) + " " + list.getFirst().dtype() + ", " + list.getFirst().unit()
                    + (list.getFirst().isTime() ? " (shorter is better)" : ""));
        });
        figures(drawn.toArray(String[]::new));
    }

    private void sizes() {
        List<Plots.Curve> bandwidth = new ArrayList<>();
        for (String name : List.of("read", "triad")) {
            Map<Integer, List<double[]>> byThreads = new TreeMap<>();
            for (Limit limit : findings.limits()) {
                if (limit.name().equals(name) && limit.device().equals("host")) {
                    byThreads.computeIfAbsent(limit.threads(), t -> new ArrayList<>()).add(new double[] {limit.size(), limit.value()});
                }
            }
            byThreads.forEach((t, points) -> bandwidth.add(new Plots.Curve(name + ", " + count(t), points)));
        }
        List<String> drawn = new ArrayList<>(List.of(
                Plots.curves("Bandwidth by size", "bytes of all arrays", "GB/s", bandwidth), "Bandwidth by bytes of all arrays, GB/s"));
        for (String family : List.of("matmul-f32-", "matmul-f64-", "fft-2^")) {
            drawn.add(Plots.curves(family, family.startsWith("fft") ? "elements" : "rows of a square matrix", "GF/s", bySize(family)));
            drawn.add(family.startsWith("fft") ? "Complex float64 transforms by size" : "Products by size, " + family.substring(7, 10));
        }
        figures(drawn.toArray(String[]::new));
    }

    private List<Plots.Curve> bySize(String family) {
        Map<String, List<double[]>> points = new LinkedHashMap<>();
        for (Outcome outcome : findings.outcomes()) {
            if (outcome.work().startsWith(family)) {
                double n = Double.parseDouble(outcome.size().split("x", 2)[0]);
                String who = outcome.device() + (outcome.threads() == threads ? "" : ", " + count(outcome.threads()));
                points.computeIfAbsent(who, name -> new ArrayList<>()).add(new double[] {n, outcome.value()});
                if (outcome.threads() == threads && outcome.device().equals(findings.outcomes().getFirst().device())) {
                    outcome.bestPeer().ifPresent(ignored -> outcome.peers().forEach((peer, value) -> {
                        if (List.of("openblas", "fftw", "jtransforms").contains(peer)) {
                            points.computeIfAbsent(peer, name -> new ArrayList<>()).add(new double[] {n, value});
                        }
                    }));
                }
            }
        }
        return points.entrySet().stream().map(entry -> new Plots.Curve(entry.getKey(), entry.getValue())).toList();
    }

    private static String count(int threads) {
        return threads + (threads == 1 ? " thread" : " threads");
    }

    /** Thousands apart, of each of the extents. */
    private static String grouped(String size) {
        return size.replaceAll("(?<=\\d)(?=(\\d{3})+(?!\\d))", "\u202f");
    }

    private void scaling() {
        List<Outcome> gains = findings.outcomes().stream().filter(o -> o.unit().equals("times")).toList();
        List<Plots.Curve> bySize = new ArrayList<>();
        for (String family : List.of("matmul-f32-", "matmul-f64-", "fft-2^")) {
            bySize.addAll(gainsBySize(family));
        }
        String curves = Plots.curves("Threads by size", "rows, or elements of a transform", "times", bySize);
        if (gains.isEmpty() && curves.isEmpty()) {
            paragraph("", "One number of threads alone was measured.");
            return;
        }
        paragraph("", "How many times as fast " + count(threads) + " are as one, each work by turns with itself; by size, from"
                + " the table below.");
        List<String> drawn = new ArrayList<>();
        drawn.add(curves);
        drawn.add("Products and transforms by size, " + count(threads) + " against one");
        for (Outcome gain : gains) {
            drawn.add(Plots.bars(gain.work(), List.of(gain)));
            drawn.add(gain.work() + ": " + count(threads) + " against one, times as fast");
        }
        figures(drawn.toArray(String[]::new));
    }

    /** Of a family's sizes that ran on one thread too, what more threads gain: ours, and the peer's that is measured most. */
    private List<Plots.Curve> gainsBySize(String family) {
        String peer = family.startsWith("fft") ? "fftw" : "openblas";
        List<double[]> ours = new ArrayList<>();
        List<double[]> theirs = new ArrayList<>();
        for (Outcome all : findings.outcomes()) {
            if (!all.work().startsWith(family) || all.threads() != threads || threads == 1) {
                continue;
            }
            double n = Double.parseDouble(all.size().split("x", 2)[0]);
            for (Outcome one : findings.outcomes()) {
                if (one.threads() == 1 && one.work().equals(all.work()) && one.device().equals(all.device())) {
                    ours.add(new double[] {n, all.value() / one.value()});
                    if (all.peers().containsKey(peer) && one.peers().containsKey(peer)) {
                        theirs.add(new double[] {n, all.peers().get(peer) / one.peers().get(peer)});
                    }
                }
            }
        }
        String name = family.replaceAll("[-^2]+$", "");
        return List.of(new Plots.Curve(name, ours), new Plots.Curve(name + ", " + peer, theirs));
    }

    private void outcomes() {
        table(List.of("work", "device", "threads", "value", "least", "most", "unit", "limit", "bound", "of it", "peers"),
                findings.outcomes().stream().map(Page::row).toList());
    }

    private static List<String> row(Outcome o) {
        StringBuilder peers = new StringBuilder();
        o.peers().forEach((name, value) -> peers.append(peers.isEmpty() ? "" : ", ").append(name).append(' ').append(TextTable.number(value)));
        return List.of(
                o.work(), o.device(), Integer.toString(o.threads()), TextTable.number(o.value()), TextTable.number(o.least()),
                TextTable.number(o.most()), o.unit(), TextTable.number(o.limit()), o.bound(),
                Double.isNaN(o.limit()) ? "" : String.format(Locale.ROOT, "%.2f", o.ofLimit()), peers.toString());
    }

    private void limits() {
        List<List<String>> rows = new ArrayList<>();
        for (Limit l : findings.limits()) {
            rows.add(List.of(l.name(), l.device(), l.dtype(), l.size() == 0 ? "" : Long.toString(l.size()),
                    l.threads() == 0 ? "" : Integer.toString(l.threads()), TextTable.number(l.value()), TextTable.number(l.least()),
                    TextTable.number(l.most()), l.unit()));
        }
        table(List.of("limit", "device", "dtype", "bytes", "threads", "value", "least", "most", "unit"), rows);
    }

    private void people() {
        List<List<String>> rows = new ArrayList<>();
        findings.machine().forEach((name, value) -> rows.add(List.of(name, value)));
        findings.peers().forEach((name, value) -> rows.add(List.of(name, value)));
        findings.missing().forEach(line -> rows.add(List.of("missing", line)));
        findings.skipped().forEach(line -> rows.add(List.of("skipped", line)));
        findings.cut().forEach(cut -> rows.add(List.of("cut for time", cut.part() + ": " + cut.text())));
        page.append("<div class=\"facts\">\n");
        for (List<String> row : rows) {
            page.append("<p><b>").append(Svg.escape(row.getFirst())).append("</b> ").append(Svg.escape(row.getLast())).append("</p>\n");
        }
        page.append("</div>\n");
    }

    private void table(List<String> header, List<List<String>> rows) {
        page.append("<div class=\"wide\"><table><thead><tr>");
        header.forEach(cell -> page.append("<th scope=\"col\">").append(Svg.escape(cell)).append("</th>"));
        page.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows) {
            page.append("<tr>");
            row.forEach(cell -> page.append(cell.matches("[-0-9.]+") ? "<td class=\"number\">" : "<td>")
                    .append(Svg.escape(cell)).append("</td>"));
            page.append("</tr>\n");
        }
        page.append("</tbody></table></div>\n");
    }
}
