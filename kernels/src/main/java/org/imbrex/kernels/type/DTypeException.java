package org.imbrex.kernels.type;

/** An element type that an operation does not take. */
public final class DTypeException extends ImbrexException {
    private static final long serialVersionUID = 1L;

    public DTypeException(String message) {
        super(message);
    }
}
