package org.imbrex.kernels.loop;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What the current thread has allocated: C2's code of a vector loop that does so makes objects of vectors. */
public final class Allocation {
    private static final ThreadMXBean THREADS = threads();

    private Allocation() {}

    private static ThreadMXBean threads() {
        return ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                        && threads.isThreadAllocatedMemorySupported()
                        && threads.isThreadAllocatedMemoryEnabled()
                ? threads
                : null;
    }

    /** Bytes so far, or 0 always on a Java platform that does not count them. */
    public static long bytes() {
        return THREADS == null ? 0 : THREADS.getCurrentThreadAllocatedBytes();
    }
}
