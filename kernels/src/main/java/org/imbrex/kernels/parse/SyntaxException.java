package org.imbrex.kernels.parse;

import org.imbrex.kernels.type.ImbrexException;

/** Text that is no expression; the message is one line, {@link #picture} shows the place. */
public final class SyntaxException extends ImbrexException {
    private static final long serialVersionUID = 1L;
    private static final int WINDOW = 60;

    private final int position;
    private final String picture;

    private SyntaxException(String message, int position, String picture) {
        super(message);
        this.position = position;
        this.picture = picture;
    }

    static SyntaxException at(String text, int position, String message) {
        int from = Math.max(0, position - WINDOW / 2);
        int to = Math.min(text.length(), from + WINDOW);
        StringBuilder shown = new StringBuilder(from > 0 ? "…" : "");
        int caret = shown.length() + position - from;
        for (int i = from; i < to; i++) {
            shown.append(Character.isISOControl(text.charAt(i)) ? ' ' : text.charAt(i));
        }
        shown.append(to < text.length() ? "…" : "");
        String line = message + ", at character " + (position + 1) + " of the expression";
        return new SyntaxException(line, position, shown + "\n" + " ".repeat(caret) + "^");
    }

    /** Where in the text, in characters from 0. */
    public int position() {
        return position;
    }

    /** Two lines: the text around the position, and a caret under it. */
    public String picture() {
        return picture;
    }
}
