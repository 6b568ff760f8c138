package org.imbrex.runtime.schedule;

import org.imbrex.kernels.type.ImbrexException;

/** A device whose result is not the reference's. */
public final class WrongBitsException extends ImbrexException {
    private static final long serialVersionUID = 1L;

    WrongBitsException(String message) {
        super(message);
    }
}
