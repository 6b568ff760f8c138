package org.imbrex.host.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A file of arrays whose header has been read and checked. Arrays opened from it are owned by the caller and outlive
 * it.
 */
public interface StoredFile extends AutoCloseable {
    Path path();

    FileFormat format();

    /** What holds for the whole file: version, size, global attributes. */
    List<Fact> facts();

    /** All that the file holds, in its order. */
    List<Variable> variables();

    /**
     * The array of that name; of a CSV file one column, or several whose names are joined by commas.
     *
     * @throws FormatException where there is no such array or it cannot be read, naming those that can
     */
    StoredArray open(String variable) throws IOException;

    /**
     * The array meant where none is named: the only one, or a CSV file's numeric columns as rows × columns.
     *
     * @throws FormatException where the file holds several, naming them
     */
    StoredArray open() throws IOException;

    @Override
    void close();
}
