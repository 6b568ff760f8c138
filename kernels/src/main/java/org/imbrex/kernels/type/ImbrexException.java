package org.imbrex.kernels.type;

/** The root of every error that Imbrex tells a user; its message says what was found, what was expected, what to do. */
public class ImbrexException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ImbrexException(String message) {
        super(message);
    }

    public ImbrexException(String message, Throwable cause) {
        super(message, cause);
    }
}
