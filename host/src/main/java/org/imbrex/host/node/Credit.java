package org.imbrex.host.node;

import java.util.concurrent.atomic.AtomicLong;

/** What a client may take of a node's memory, and what of it is taken. */
final class Credit {
    private final long most;
    private final AtomicLong taken = new AtomicLong();

    Credit(long most) {
        this.most = most;
    }

    long most() {
        return most;
    }

    long free() {
        return most - taken.get();
    }

    /** Takes so many bytes where they are free. */
    boolean take(long bytes) {
        while (true) {
            long before = taken.get();
            if (bytes > most - before) {
                return false;
            }
            if (taken.compareAndSet(before, before + bytes)) {
                return true;
            }
        }
    }

    void give(long bytes) {
        taken.addAndGet(-bytes);
    }
}
