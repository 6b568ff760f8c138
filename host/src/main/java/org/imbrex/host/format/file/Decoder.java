package org.imbrex.host.format.file;

import java.lang.foreign.MemorySegment;
import org.imbrex.kernels.type.DType;

/** Turns elements as a file stores them into elements of a dtype in native order. */
public interface Decoder {
    DType dtype();

    /** The size of a stored element, in bytes. */
    int storedBytes();

    /**
     * Decodes the first {@code count} elements.
     *
     * @param from scratch: may be changed; where stored and decoded elements have the same size it may be {@code into}
     */
    void decode(MemorySegment from, MemorySegment into, long count);
}
