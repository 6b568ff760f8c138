package org.imbrex.runtime.schedule;

/** Hears how far a run is; called by several threads. */
@FunctionalInterface
public interface Progress {
    Progress NONE = (done, total) -> {};

    /** @param done tiles that are finished, of {@code total} in all stages together */
    void tiles(long done, long total);
}
