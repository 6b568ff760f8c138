package org.imbrex.host.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.host.format.file.Target;
import org.imbrex.host.plot.Picture;
import org.imbrex.kernels.type.ShapeException;

/**
 * A page that is filled from top to bottom. Every text is taken as it is and escaped; pictures are embedded, on light
 * and on dark paper as the reader prefers.
 */
public final class Report {
    /** A piece of the page. */
    sealed interface Block {}

    record Heading(String text) implements Block {}

    record Paragraph(String text) implements Block {}

    record Code(String text) implements Block {}

    record Table(String caption, List<String> header, List<List<String>> rows) implements Block {}

    record Figure(Picture picture, String caption) implements Block {}

    private final String title;
    private final String lead;
    private final List<Block> blocks = new ArrayList<>();

    private Report(String title, String lead) {
        this.title = title;
        this.lead = lead;
    }

    /** An empty page. {@code lead} says below the title what the page is about; it may be empty. */
    public static Report of(String title, String lead) {
        return new Report(title, lead);
    }

    /** Starts a section. */
    public Report heading(String text) {
        blocks.add(new Heading(text));
        return this;
    }

    public Report paragraph(String text) {
        blocks.add(new Paragraph(text));
        return this;
    }

    /** Commands or expressions, with their line breaks. */
    public Report code(String text) {
        blocks.add(new Code(text));
        return this;
    }

    /**
     * A table; columns whose cells are all numbers, with or without units, are set flush right.
     *
     * @param caption above the table; may be empty
     * @throws ShapeException where a row has not as many cells as the header
     */
    public Report table(String caption, List<String> header, List<List<String>> rows) {
        List<List<String>> copied = new ArrayList<>();
        for (List<String> row : rows) {
            if (row.size() != header.size()) {
                throw new ShapeException("table '" + caption + "', row " + copied.size() + ": found " + row.size()
                        + " cells, expected " + header.size() + " as in the header");
            }
            copied.add(List.copyOf(row));
        }
        blocks.add(new Table(caption, List.copyOf(header), copied));
        return this;
    }

    /** A picture and what there is to see; the caption may be empty. */
    public Report figure(Picture picture, String caption) {
        blocks.add(new Figure(picture, caption));
        return this;
    }

    /** The whole page. */
    public String html() {
        return Html.page(title, lead, blocks);
    }

    /**
     * Writes the page; the file appears only when it is complete.
     *
     * @throws IOException where it cannot be written
     */
    public void write(Path file) throws IOException {
        byte[] page = html().getBytes(StandardCharsets.UTF_8);
        try (Target target = Target.open(file, page.length)) {
            target.write(0, ByteBuffer.wrap(page));
            target.commit();
        }
    }
}
