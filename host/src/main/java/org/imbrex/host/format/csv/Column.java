package org.imbrex.host.format.csv;

/** What a scan has seen in one column. */
final class Column {
    private static final int SHOWN = 40;

    private final String name;
    private final boolean text;
    private long missing;
    private long numbers;
    private long textLine;
    private String textCell = "";

    /** @param text whether its first cell that is not missing is text: it is not looked at further */
    Column(String name, boolean text) {
        this.name = name;
        this.text = text;
    }

    String name() {
        return name;
    }

    boolean text() {
        return text || textLine > 0 && numbers == 0;
    }

    boolean skipped() {
        return text;
    }

    /** Whether it holds numbers and a cell that is none. */
    boolean mixed() {
        return textLine > 0 && numbers > 0;
    }

    boolean numeric() {
        return !text && textLine == 0;
    }

    void number() {
        numbers++;
    }

    void missing() {
        missing++;
    }

    void text(long line, String cell) {
        if (textLine == 0) {
            textLine = line;
            textCell = cell.length() > SHOWN ? cell.substring(0, SHOWN) + "…" : cell;
        }
    }

    long missingCells() {
        return missing;
    }

    /** The first line with a cell that is no number; 0 where there is none. */
    long textLine() {
        return textLine;
    }

    /** That a cell is no number, and what to do. */
    String problem() {
        return "column " + name + ": found '" + printable(textCell)
                + "', expected a number; correct it, leave it empty, or" + " choose other columns";
    }

    private static String printable(String cell) {
        return cell.replaceAll("\\p{Cntrl}", "?");
    }
}
