package org.imbrex.host.node.wire;

import java.io.IOException;

/** What came over a connection is not what the protocol allows there. The connection is of no further use. */
public final class WireException extends IOException {
    private static final long serialVersionUID = 1L;

    public WireException(String message) {
        super(message);
    }
}
