package org.imbrex.bench.peer;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.work.Work;

/** Someone else who can do some of the works. */
public interface Peer {

    /** In lower case: {@code numpy}, {@code openblas}, {@code c}; camel case where the JDK has it so. */
    String name();

    /** Name and version, for people. */
    String version();

    /** Whether it runs on the JVM, which compiles it as it goes. */
    default boolean compiled() {
        return false;
    }

    /** What one should know to read its values, in a few words: the kernels it took, that it has one thread. */
    default String note() {
        return "";
    }

    /** Whether it costs next to nothing to have it there: compiled code in this process, on the arrays where they lie. */
    default boolean isCheap() {
        return false;
    }

    /** Whether it has the work at all; a trial may still be empty. */
    boolean takes(Work work);

    /**
     * How it does a work on these inputs with so many threads; empty where it cannot.
     *
     * @param inputs by the names of the work's inputs, in native memory that lives as long as the trial
     */
    Optional<Trial> trial(Work work, Map<String, MemorySegment> inputs, int threads);
}
