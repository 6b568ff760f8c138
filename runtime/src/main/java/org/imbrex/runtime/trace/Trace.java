package org.imbrex.runtime.trace;

/** Hears of each piece of work; called by several threads. */
@FunctionalInterface
public interface Trace {
    Trace NONE = (name, category, began, ended) -> {};

    /**
     * A piece of work that the calling thread has done.
     *
     * @param category {@code plan}, {@code read}, {@code kernel}, {@code merge}, {@code write} or {@code verify}
     * @param began in {@link System#nanoTime} terms, as {@code ended}
     */
    void span(String name, String category, long began, long ended);
}
