package org.imbrex.host.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imbrex.host.plot.Axis;
import org.imbrex.host.plot.LinePlot;
import org.imbrex.kernels.type.ShapeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final String EVIL = "</pre><script>\"x\" & 'y'\u0000";
    private static final String ESCAPED = "&lt;/pre&gt;&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;\ufffd";

    @Test
    void everyTextIsEscaped() {
        LinePlot plot = LinePlot.of(EVIL, Axis.of(EVIL, EVIL), Axis.of(EVIL, EVIL));
        String page = Report.of(EVIL, EVIL)
                .heading(EVIL)
                .paragraph(EVIL)
                .code(EVIL)
                .table(EVIL, List.of(EVIL), List.of(List.of(EVIL)))
                .figure(plot, EVIL)
                .html();
        assertThat(page.contains("<script>")).isFalse();
        assertThat(page.contains("alt=\"" + ESCAPED + "\"")).isTrue();
        assertThat(page.split(ESCAPED, -1).length - 1).isEqualTo(11);
    }

    @Test
    void columnsOfNumbersAreFlushRight() {
        String page = Report.of("T", "")
                .table("", List.of("device", "time", "share"), List.of(
                        List.of("vector", "0.31 s", "−0.5"), List.of("opencl:0", "1,204 ms", "1.2e-3")))
                .html();
        assertThat(page)
                .contains("<th scope=\"col\">device</th><th scope=\"col\" class=\"number\">time</th>")
                .contains("<td>vector</td><td class=\"number\">0.31 s</td><td class=\"number\">−0.5</td>");
    }

    @Test
    void thePageNeedsNothingBesideIt(@TempDir Path folder) throws IOException {
        LinePlot plot = LinePlot.of("P", Axis.of("x", ""), Axis.of("y", ""));
        Path file = folder.resolve("report.html");
        Report.of("T", "lead").figure(plot, "").write(file);
        String page = Files.readString(file);
        assertThat(page).startsWith("<!doctype html>").doesNotContain("http").contains("src=\"data:image/png;base64,");
    }

    @Test
    void aRowNeedsAsManyCellsAsTheHeader() {
        assertThatThrownBy(() -> Report.of("T", "").table("means", List.of("a", "b"), List.of(List.of("1"))))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("table 'means', row 0: found 1 cells, expected 2");
    }
}
