package org.imbrex.kernels.expr;

import org.imbrex.kernels.type.ImbrexException;

/** An expression that cannot be built. */
public final class ExprException extends ImbrexException {
    private static final long serialVersionUID = 1L;

    public ExprException(String message) {
        super(message);
    }
}
