package org.imbrex.runtime.schedule;

import java.util.List;

/**
 * Gives workers their turns: threads of this process, or a simulation that decides who is next. A stage's result does
 * not depend on the order of turns.
 */
public interface Crew extends AutoCloseable {

    /** What a worker did in its turn. */
    enum Turn {
        WORKED,
        /** Nothing: it waits for what others have in hand. */
        WAITS,
        /** Its work is at an end, it is given no more turns. */
        DONE
    }

    /** Works in short turns, one at a time, and never throws. */
    @FunctionalInterface
    interface Worker {
        Turn turn();

        /** Whether its turns are spent waiting for something beyond this machine's processor. */
        default boolean waits() {
            return false;
        }
    }

    /** Gives turns until every worker is done; one that was never given a turn may be left out once another is. */
    void work(List<? extends Worker> workers);

    @Override
    void close();

    /** Threads that stay for the next work; the caller is the first of them, so one worker is handed to nobody. */
    static Crew threads() {
        return new ThreadCrew();
    }
}
