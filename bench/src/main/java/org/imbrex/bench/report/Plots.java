package org.imbrex.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.imbrex.bench.limit.Limit;

/** The page's drawings. */
final class Plots {
    private static final double LEFT = 42;
    private static final double RIGHT = Svg.WIDTH - 8;
    private static final int HEIGHT = 260;
    private static final double BOTTOM = HEIGHT - 34;
    private static final int BAR = 15;
    private static final int NAME = 96;
    private static final int STYLES = 6;

    private Plots() {}

    /** A line of a plot, by name. */
    record Curve(String name, List<double[]> points) {}

    /** Operations per second over operations per byte, below the machine's roof. */
    static String roofline(Findings findings, String dtype, int threads) {
        List<Outcome> points = findings.outcomes().stream()
                .filter(o -> o.dtype().equals(dtype) && o.threads() == threads && o.operations() > 0 && o.bytes() > 0)
                .filter(o -> !o.isTime() && !o.unit().equals("times"))
                .toList();
        Optional<Limit> peak = limit(findings, "peak-" + dtype, threads);
        Optional<Limit> memory = limit(findings, "triad", threads);
        if (points.isEmpty() || peak.isEmpty() || memory.isEmpty()) {
            return "";
        }
        double roof = peak.get().value();
        double slope = memory.get().value();
        double least = points.stream().mapToDouble(Plots::rate).min().orElseThrow();
        double most = points.stream().mapToDouble(Plots::rate).max().orElseThrow();
        double thin = points.stream().mapToDouble(Plots::intensity).min().orElseThrow();
        double dense = Math.max(roof / slope * 4, points.stream().mapToDouble(Plots::intensity).max().orElseThrow());
        Scale x = Scale.of(Math.min(thin, 0.2), dense, LEFT, RIGHT);
        Scale y = Scale.of(Math.min(least, slope * thin), Math.max(roof, most), BOTTOM, 12);
        Svg svg = new Svg(HEIGHT, "Roofline, " + dtype);
        axes(svg, x, y, "operations per byte", "Gop/s");
        double left = Math.pow(10, x.from());
        double right = Math.pow(10, x.to());
        double ridge = roof / slope;
        svg.path(List.of(
                new double[] {x.at(left), y.at(Math.max(slope * left, Math.pow(10, y.from())))},
                new double[] {x.at(ridge), y.at(roof)},
                new double[] {x.at(right), y.at(roof)}), "roof");
        svg.label(RIGHT - 2, y.at(roof) - 4, "end", "small", "fma " + TextTable.number(roof) + " GF/s");
        svg.label(x.at(ridge / 3) - 8, y.at(roof / 3) - 4, "end", "small",
                "triad " + TextTable.number(slope) + " GB/s");
        List<String> devices = points.stream().map(Outcome::device).distinct().toList();
        List<double[]> taken = new ArrayList<>();
        taken.add(new double[] {RIGHT - 74, y.at(roof) - 4});
        taken.add(new double[] {x.at(ridge / 3) - 60, y.at(roof / 3) - 4});
        for (Outcome point : points) {
            double px = x.at(intensity(point));
            double py = y.at(rate(point));
            svg.dot(px, py, "s" + devices.indexOf(point.device()) % STYLES, tip(point));
            if (devices.indexOf(point.device()) == 0) {
                boolean right1 = px < Svg.WIDTH - 100;
                double ly = free(taken, px, py + 3.5);
                svg.label(right1 ? px + 6 : px - 6, ly, right1 ? "start" : "end", "tiny", point.work());
            }
        }
        return svg.end() + legend(devices);
    }

    /** A place for a label near one, where no other stands. */
    private static double free(List<double[]> taken, double x, double y) {
        double at = y;
        for (int k = 1; k < 14; k++) {
            double candidate = at;
            if (taken.stream().noneMatch(t -> Math.abs(t[0] - x) < 74 && Math.abs(t[1] - candidate) < 8.5)) {
                break;
            }
            at = y + (k % 2 == 0 ? -1 : 1) * (k + 1) / 2 * 9;
        }
        double placed = Math.clamp(at, 10, BOTTOM - 2);
        taken.add(new double[] {x, placed});
        return placed;
    }

    private static double intensity(Outcome o) {
        return o.operations() / o.bytes();
    }

    private static double rate(Outcome o) {
        return o.operations() / o.seconds() / 1e9;
    }

    private static String tip(Outcome o) {
        return String.format(Locale.ROOT, "%s on %s: %.2f operations a byte, %.1f Gop/s", o.work(), o.device(), intensity(o), rate(o));
    }

    private static Optional<Limit> limit(Findings findings, String name, int threads) {
        return findings.limits().stream()
                .filter(l -> l.name().equals(name) && l.device().equals("host") && l.threads() == threads)
                .max(Comparator.comparingLong(Limit::size));
    }

    /** A bar for each device and peer, and a line where the limit is. */
    static String bars(String work, List<Outcome> outcomes) {
        Outcome first = outcomes.getFirst();
        Map<String, Double> values = new LinkedHashMap<>();
        outcomes.forEach(o -> values.put(o.device(), o.value()));
        int ours = values.size();
        Map<String, Double> peers = new LinkedHashMap<>();
        outcomes.forEach(o -> peers.putAll(o.peers()));
        peers.entrySet().stream()
                .sorted(Comparator.comparingDouble(peer -> first.isTime() ? peer.getValue() : -peer.getValue()))
                .forEach(peer -> values.put(peer.getKey(), peer.getValue()));
        double most = values.values().stream().mapToDouble(Double::doubleValue).max().orElse(1);
        boolean limited = !Double.isNaN(first.limit());
        most = Math.max(most, limited ? first.limit() : 0);
        int height = values.size() * (BAR + 4) + 18;
        Svg svg = new Svg(height, work + " beside its peers");
        double room = Svg.WIDTH - NAME - 52;
        int row = 0;
        for (Map.Entry<String, Double> value : values.entrySet()) {
            double y = row * (BAR + 4) + 2;
            double width = value.getValue() / most * room;
            svg.label(NAME - 6, y + BAR - 3.5, "end", row < ours ? "small strong" : "small", value.getKey());
            svg.box(NAME, y, width, BAR, row < ours ? "s" + row % STYLES : "peer");
            svg.label(NAME + width + 4, y + BAR - 3.5, "start", "small", TextTable.number(value.getValue()));
            row++;
        }
        if (limited) {
            double x = NAME + first.limit() / most * room;
            svg.line(x, 0, x, height - 14, "limit");
            svg.label(Math.min(x, Svg.WIDTH - 60), height - 3, "middle", "tiny",
                    first.bound() + " " + TextTable.number(first.limit()));
        }
        return svg.end();
    }

    /** Curves over a logarithmic axis. */
    static String curves(String title, String xName, String yName, List<Curve> curves) {
        List<Curve> drawn = curves.stream().filter(curve -> curve.points().size() > 1).toList();
        List<double[]> all = drawn.stream().flatMap(curve -> curve.points().stream()).toList();
        if (all.isEmpty()) {
            return "";
        }
        Scale x = Scale.of(least(all, 0), most(all, 0), LEFT, RIGHT);
        Scale y = Scale.of(least(all, 1), most(all, 1), BOTTOM, 12);
        Svg svg = new Svg(HEIGHT, title);
        axes(svg, x, y, xName, yName);
        for (int k = 0; k < drawn.size(); k++) {
            String style = "s" + k % STYLES;
            svg.path(drawn.get(k).points().stream().map(p -> new double[] {x.at(p[0]), y.at(p[1])}).toList(), "curve " + style);
            for (double[] p : drawn.get(k).points()) {
                svg.dot(x.at(p[0]), y.at(p[1]), style, drawn.get(k).name() + ": " + TextTable.number(p[1]) + " at " + axis(p[0]));
            }
        }
        return svg.end() + legend(drawn.stream().map(Curve::name).toList());
    }

    private static double least(List<double[]> points, int k) {
        return points.stream().mapToDouble(p -> p[k]).min().orElseThrow();
    }

    private static double most(List<double[]> points, int k) {
        return points.stream().mapToDouble(p -> p[k]).max().orElseThrow();
    }

    private static void axes(Svg svg, Scale x, Scale y, String xName, String yName) {
        for (double tick : x.ticks()) {
            svg.line(x.at(tick), 12, x.at(tick), BOTTOM, "grid");
            svg.label(x.at(tick), BOTTOM + 13, "middle", "small", axis(tick));
        }
        for (double tick : y.ticks()) {
            svg.line(LEFT, y.at(tick), RIGHT, y.at(tick), "grid");
            svg.label(LEFT - 4, y.at(tick) + 4, "end", "small", axis(tick));
        }
        svg.line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis");
        svg.label(RIGHT, HEIGHT - 5, "end", "small", xName);
        svg.label(4, 9, "start", "small", yName);
    }

    private static String axis(double value) {
        String[] units = {"", "k", "M", "G"};
        double shown = value;
        int unit = 0;
        while (shown >= 1000 && unit < units.length - 1) {
            shown /= 1000;
            unit++;
        }
        String text = String.format(Locale.ROOT, shown < 1 ? "%.2f" : shown < 10 ? "%.1f" : "%.0f", shown);
        return (text.contains(".") ? text.replaceAll("\\.?0+$", "") : text) + units[unit];
    }

    private static String legend(List<String> names) {
        StringBuilder text = new StringBuilder("<p class=\"legend\">");
        for (int k = 0; k < names.size(); k++) {
            text.append("<span><i class=\"s").append(k % STYLES).append("\"></i>").append(Svg.escape(names.get(k))).append("</span> ");
        }
        return text.append("</p>\n").toString();
    }
}
