package org.imbrex.host.format;

import java.util.List;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.runtime.memory.Source;

/** An array in a file: its type, how its elements lie, and where they come from. Closing it unmaps the file. */
public final class StoredArray implements AutoCloseable {
    private final Variable variable;
    private final ArrayType type;
    private final long[] strides;
    private final Source source;
    private final Runnable release;
    private boolean closed;

    /**
     * @param strides of the flat buffer that the source gives, in elements, one per axis
     * @param release frees what the source holds; called once
     */
    public StoredArray(Variable variable, long[] strides, Source source, Runnable release) {
        this.variable = variable;
        this.type = variable.type().orElseThrow();
        this.strides = strides.clone();
        this.source = source;
        this.release = release;
    }

    public String name() {
        return variable.name();
    }

    public ArrayType type() {
        return type;
    }

    /** The strides of the flat buffer, in elements; an array in Fortran order has them ascending. */
    public long[] strides() {
        return strides.clone();
    }

    /** Resident where the elements can be used where they lie; chunked where they must be converted or parsed. */
    public Source source() {
        return source;
    }

    /** The axes' names, outermost first; empty where the file names none. */
    public List<String> dimensions() {
        return variable.dimensions();
    }

    public List<Fact> facts() {
        return variable.facts();
    }

    /** Ends every use of the source. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            release.run();
        }
    }
}
