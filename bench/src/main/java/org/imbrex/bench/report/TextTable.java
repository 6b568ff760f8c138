package org.imbrex.bench.report;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.imbrex.bench.measure.Cut;

/** The findings for a terminal, in at most 80 columns. */
public final class TextTable {
    private static final String ROW = "%-18s %-8s %3s %7s %-8s %6s %4s %-12s %5s%n";

    private TextTable() {}

    public static String of(Findings findings) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT, ROW, "work", "device", "thr", "value", "unit", "limit", "of", "best peer", "ratio"));
        for (Outcome outcome : findings.outcomes()) {
            Optional<String> best = outcome.bestPeer();
            text.append(String.format(
                    Locale.ROOT,
                    ROW,
                    outcome.work(),
                    outcome.device(),
                    outcome.threads(),
                    number(outcome.value()),
                    outcome.unit(),
                    number(outcome.limit()),
                    Double.isNaN(outcome.limit()) ? "" : String.format(Locale.ROOT, "%.2f", outcome.ofLimit()),
                    best.orElse(""),
                    best.map(name -> String.format(Locale.ROOT, outcome.against(name) < 10 ? "%.2f" : "%.0f", outcome.against(name)))
                            .orElse("")));
        }
        cut(text, findings.cut());
        findings.skipped().forEach(line -> wrap(text, "skipped  ", line));
        findings.missing().forEach(line -> wrap(text, "missing  ", line));
        return text.toString();
    }

    /** By what was cut: a line for each of many works would hide the figures. */
    private static void cut(StringBuilder text, List<Cut> cut) {
        String turns = cut.stream().filter(c -> c.turns() < c.of()).map(c -> c.part() + " " + c.turns()).collect(joining("; "));
        String cold = cut.stream().filter(c -> !c.cold().isEmpty()).map(Cut::part).collect(joining("; "));
        String out = cut.stream()
                .filter(c -> !c.out().isEmpty())
                .map(c -> c.part() + " " + String.join(", ", c.out()))
                .collect(joining("; "));
        if (!turns.isEmpty()) {
            wrap(text, "cut      ", "fewer than " + cut.getFirst().of() + " turns: " + turns);
        }
        if (!cold.isEmpty()) {
            wrap(text, "cut      ", "shorter warm-ups: " + cold);
        }
        if (!out.isEmpty()) {
            wrap(text, "cut      ", "no time for: " + out);
        }
    }

    /** Three digits or so. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size < 10 ? "%.2f" : size < 100 ? "%.1f" : "%.0f", value);
    }

    private static void wrap(StringBuilder text, String head, String line) {
        int width = 80 - head.length();
        String rest = line;
        String before = head;
        while (rest.length() > width) {
            int cut = rest.lastIndexOf(' ', width);
            cut = cut < width / 2 ? width : cut;
            text.append(before).append(rest, 0, cut).append(System.lineSeparator());
            rest = rest.substring(cut).strip();
            before = " ".repeat(head.length());
        }
        text.append(before).append(rest).append(System.lineSeparator());
    }
}
