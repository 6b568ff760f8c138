package org.imbrex.host.plot;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.imbrex.kernels.type.ShapeException;

/**
 * Series of values as lines, on one panel or on several that share their x axis. NaN leaves a gap.
 *
 * @param x the axis below all panels
 * @param panels from top to bottom, at least one
 */
public record LinePlot(String title, Axis x, List<Panel> panels) implements Picture {
    /** Lines on one y axis. */
    public record Panel(Axis y, List<Series> series) {
        public Panel {
            series = List.copyOf(series);
        }

        public static Panel of(Axis y, Series... series) {
            return new Panel(y, List.of(series));
        }
    }

    /**
     * One line: a value y at every x. The values are not copied.
     *
     * @param name what the legend calls it; a panel whose only series has none has no legend
     */
    public record Series(String name, double[] x, double[] y) {
        /** @throws ShapeException where x and y differ in length */
        public Series {
            if (x.length != y.length) {
                throw new ShapeException("series '" + name + "': found " + x.length + " places and " + y.length
                        + " values, expected as many");
            }
        }

        /** Values at 0, 1, 2 … */
        public static Series of(String name, double[] y) {
            double[] x = new double[y.length];
            for (int i = 0; i < x.length; i++) {
                x[i] = i;
            }
            return new Series(name, x, y);
        }

        /** Values at dates, for an axis of {@link Axis#time}. */
        public static Series of(String name, List<LocalDate> dates, double[] y) {
            double[] x = dates.stream()
                    .mapToDouble(date -> date.atStartOfDay().toEpochSecond(ZoneOffset.UTC))
                    .toArray();
            return new Series(name, x, y);
        }
    }

    /** @throws IllegalArgumentException where there is no panel */
    public LinePlot {
        panels = List.copyOf(panels);
        if (panels.isEmpty()) {
            throw new IllegalArgumentException("found no panel, expected at least one");
        }
    }

    public static LinePlot of(String title, Axis x, Axis y, Series... series) {
        return new LinePlot(title, x, List.of(Panel.of(y, series)));
    }

    @Override
    public byte[] toPng(Theme theme) {
        return new LineDrawing(this, theme).toPng();
    }
}
