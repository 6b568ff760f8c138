package org.imbrex.runtime.schedule;

import java.util.Locale;

/** Where a run's time goes. */
enum Phase {
    READ,
    UPLOAD,
    KERNEL,
    DOWNLOAD,
    MERGE,
    WRITE,
    VERIFY;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
