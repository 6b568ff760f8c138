package org.imbrex.runtime.schedule;

import org.imbrex.kernels.type.ImbrexException;

/** A device whose result is not the reference's. */
public final class WrongBitsException extends ImbrexException {
    private static final long serialVersionUID = 1L;

    private final String device;

    WrongBitsException(String device, String message) {
        super(message);
        this.device = device;
    }

    /** Who gave the wrong bits: a device's id, or that of a place of it. */
    public String device() {
        return device;
    }
}
