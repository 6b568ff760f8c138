package org.imbrex.runtime.schedule;

/** Time, as a run sees it; a simulation gives its own. */
@FunctionalInterface
public interface Clock {
    Clock SYSTEM = System::nanoTime;

    /** Nanoseconds since any moment. */
    long nanos();
}
