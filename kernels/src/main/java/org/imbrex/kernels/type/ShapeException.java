package org.imbrex.kernels.type;

/** Shapes, axes or indices that do not fit together. */
public final class ShapeException extends ImbrexException {
    private static final long serialVersionUID = 1L;

    public ShapeException(String message) {
        super(message);
    }
}
