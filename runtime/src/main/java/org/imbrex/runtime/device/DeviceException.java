package org.imbrex.runtime.device;

import java.util.List;
import org.imbrex.kernels.type.ImbrexException;

/** A device that could not be found, compile, launch or finish. */
public class DeviceException extends ImbrexException {
    private static final long serialVersionUID = 1L;

    /** What the scheduler may do about it. */
    public enum Kind {
        /** The device has no room for the tile: split it. */
        OUT_OF_MEMORY,
        /** The kernel does not build or the device lacks a capability: another device may take the stage. */
        UNSUPPORTED,
        /** The launch failed: the tile may be tried again, here or elsewhere. */
        FAILED,
        /** The device is gone: its tiles go elsewhere. */
        LOST
    }

    private final Kind kind;
    private String[] before = {};

    public DeviceException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public DeviceException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** The same after other faults, which were worked around before it came to this one: they are told as well. */
    public DeviceException after(List<String> others) {
        before = others.toArray(String[]::new);
        return this;
    }

    public Kind kind() {
        return kind;
    }

    /** Faults before this one, which its message does not name. */
    public List<String> before() {
        return List.of(before);
    }
}
