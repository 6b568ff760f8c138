package org.imbrex.runtime.tornado;

/** TornadoVM is not there, or not as Imbrex needs it; the message is one line for the user. */
final class TornadoMissing extends Exception {
    private static final long serialVersionUID = 1L;

    TornadoMissing(String message) {
        super(message);
    }

    TornadoMissing(String message, Throwable cause) {
        super(message, cause);
    }
}
