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

    private final String text = name().toLowerCase(Locale.ROOT);

    String text() {
        return text;
    }
}
