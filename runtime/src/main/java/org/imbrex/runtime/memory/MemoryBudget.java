package org.imbrex.runtime.memory;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the memory that one run holds against what it may hold. The tiler makes tiles that fit, so nothing waits
 * here; the peak is what the summary shows.
 */
public final class MemoryBudget {
    private final long bytes;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();

    public MemoryBudget(long bytes) {
        this.bytes = bytes;
    }

    public long bytes() {
        return bytes;
    }

    public long used() {
        return used.get();
    }

    public long peak() {
        return peak.get();
    }

    public void take(long count) {
        long now = used.addAndGet(count);
        if (now > peak.get()) {
            peak.accumulateAndGet(now, Math::max);
        }
    }

    public void give(long count) {
        used.addAndGet(-count);
    }
}
