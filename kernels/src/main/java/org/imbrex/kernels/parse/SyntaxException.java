package org.imbrex.kernels.parse;

import org.imbrex.kernels.type.ImbrexException;

/** Text that is no expression; the message ends in the text with a caret under the position. */
public final class SyntaxException extends ImbrexException {
    private static final long serialVersionUID = 1L;

    private final int position;

    public SyntaxException(String message, int position) {
        super(message);
        this.position = position;
    }

    /** Where in the text, in characters from 0. */
    public int position() {
        return position;
    }
}
