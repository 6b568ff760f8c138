package org.imbrex.host.format;

import java.io.IOException;
import java.nio.file.Path;
import org.imbrex.runtime.memory.Sink;

/**
 * A result on its way into a file. It is written beside its target and takes the target's place on commit; closed
 * without commit, or when the JVM ends, it is gone and the target is as it was. A pipe or a device is written directly.
 */
public interface OutputFile extends AutoCloseable {
    Path path();

    /** Where the elements of the only array go. */
    Sink sink();

    /** Where the elements of the array of that name go. */
    Sink sink(String name);

    /**
     * Completes the file and puts it in place.
     *
     * @throws IllegalStateException where elements are missing
     */
    void commit() throws IOException;

    /** Removes what was written, unless committed. */
    @Override
    void close();
}
