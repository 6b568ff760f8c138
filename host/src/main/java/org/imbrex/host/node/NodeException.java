package org.imbrex.host.node;

import org.imbrex.kernels.type.ImbrexException;

/** A node that cannot start, or be reached, or be trusted. */
public final class NodeException extends ImbrexException {
    private static final long serialVersionUID = 1L;

    public NodeException(String message) {
        super(message);
    }

    public NodeException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What an exception tells, be it only its name. */
    static String why(Exception e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
