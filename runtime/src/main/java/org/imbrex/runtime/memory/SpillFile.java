package org.imbrex.runtime.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.imbrex.kernels.type.ImbrexException;

/** An array that does not fit the budget, as a mapped temporary file that is gone when closed. */
public final class SpillFile implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    public SpillFile(long bytes) {
        try {
            Path file = Files.createTempFile("imbrex-", ".tile");
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
                // A mapped file's page that finds the disk full ends in a fault, not in an exception: ask before.
                // The file itself may be unlinked already.
                long room = Files.getFileStore(file.getParent()).getUsableSpace();
                if (room < bytes) {
                    throw new ImbrexException("an intermediate array of " + bytes + " bytes does not fit the memory"
                            + " budget, and " + file.getParent() + " has room for " + room
                            + " bytes: raise the budget or set -Djava.io.tmpdir to a larger disk");
                }
                memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            }
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException("cannot write an intermediate array to a temporary file: " + e, e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    public MemorySegment memory() {
        return memory;
    }

    @Override
    public void close() {
        arena.close();
    }
}
