package org.imbrex.kernels.loop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A thread's working memory for blocks that stay in cache: a stack, so that a loop that runs inside another's block
 * takes what lies above. Freed when the thread is gone.
 */
public final class Scratch {
    private static final int ALIGN = 64;
    private static final long CHUNK = 1 << 20;
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    /** Chunks that follow one another in the stack's own addresses; a piece never spans two. */
    private final List<MemorySegment> chunks = new ArrayList<>();

    private final List<Long> starts = new ArrayList<>();
    private long top;

    private Scratch() {}

    public static Scratch ofThread() {
        return OF_THREAD.get();
    }

    /** What {@link #release} goes back to. */
    public long mark() {
        return top;
    }

    /** Gives back all that was taken since the mark. */
    public void release(long mark) {
        top = mark;
    }

    /** The address of {@code bytes}, 64-byte aligned. */
    public long take(long bytes) {
        for (int k = 0; ; k++) {
            if (k == chunks.size()) {
                long start = k == 0 ? 0 : starts.get(k - 1) + chunks.get(k - 1).byteSize();
                chunks.add(Arena.ofAuto().allocate(Math.ceilDiv(Math.max(CHUNK, bytes), CHUNK) * CHUNK, ALIGN));
                starts.add(start);
            }
            long at = Math.max(0, top - starts.get(k));
            if (at + bytes <= chunks.get(k).byteSize()) {
                top = starts.get(k) + Math.ceilDiv(at + bytes, ALIGN) * ALIGN;
                return chunks.get(k).address() + at;
            }
        }
    }
}
