package org.imbrex.host.job;

import java.nio.file.Path;
import org.imbrex.kernels.type.ImbrexException;

/** A job file that does not say what to do; the message starts with file and line. */
public final class JobException extends ImbrexException {
    private static final long serialVersionUID = 1L;

    JobException(Path file, int line, String message) {
        super(file + (line > 0 ? ":" + line : "") + ": " + message);
    }
}
