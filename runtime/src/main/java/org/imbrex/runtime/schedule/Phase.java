package org.imbrex.runtime.schedule;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

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

    /** Nanoseconds by phase, in this order; made when it is looked at, which few of a run's summaries are. */
    static Map<String, Long> nanos(long[] phases) {
        long[] of = phases.clone();
        return new AbstractMap<>() {
            @Override
            public Set<Entry<String, Long>> entrySet() {
                Map<String, Long> all = new LinkedHashMap<>();
                for (Phase phase : Phase.values()) {
                    all.put(phase.text, of[phase.ordinal()]);
                }
                return Collections.unmodifiableMap(all).entrySet();
            }
        };
    }
}
