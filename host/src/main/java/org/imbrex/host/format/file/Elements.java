package org.imbrex.host.format.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Objects;
import org.imbrex.host.format.StoredArray;
import org.imbrex.host.format.Variable;
import org.imbrex.runtime.memory.Source;

/** Elements that lie one after another in a file: used in place where their bytes allow it, decoded otherwise. */
public final class Elements {
    /** Decoded at a time, so that what was read is still in the cache. */
    private static final long BLOCK_BYTES = 256 << 10;

    private Elements() {}

    /**
     * Opens the array that starts at a byte.
     *
     * @param bytes kept by the array until it is closed
     * @param strides of the flat buffer, in elements
     */
    public static StoredArray open(
            Variable variable, long[] strides, Bytes bytes, long offset, StoredType stored, ByteOrder order)
            throws IOException {
        long elements = variable.type().orElseThrow().shape().elements();
        if (stored.direct(order)) {
            return resident(variable, strides, bytes, offset, elements * stored.bytes());
        }
        Source source = new Decoded(bytes, offset, elements, stored.decoder(order));
        return new StoredArray(variable, strides, source, bytes.share()::close);
    }

    private static StoredArray resident(Variable variable, long[] strides, Bytes bytes, long offset, long length)
            throws IOException {
        Arena arena = Arena.ofShared();
        try {
            MemorySegment memory = bytes.map(offset, length, arena);
            Bytes owned = bytes.share();
            return new StoredArray(variable, strides, new Source.Resident(memory), () -> {
                arena.close();
                owned.close();
            });
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /** The elements as a source that decodes what is asked for. */
    public static Source.Chunked decoded(Bytes bytes, long offset, long elements, Decoder decoder) {
        return new Decoded(bytes, offset, elements, decoder);
    }

    private record Decoded(Bytes bytes, long offset, long elements, Decoder decoder) implements Source.Chunked {
        @Override
        public void read(long first, long count, MemorySegment into) {
            Objects.checkFromIndexSize(first, count, elements);
            int stored = decoder.storedBytes();
            int size = decoder.dtype().bytes();
            long block = BLOCK_BYTES / stored;
            try (Arena arena = Arena.ofConfined()) {
                boolean inPlace = stored == size;
                MemorySegment scratch = inPlace ? into : arena.allocate(Math.min(block, count) * stored + 8, 8);
                for (long done = 0; done < count; done += block) {
                    long now = Math.min(block, count - done);
                    MemorySegment target = into.asSlice(done * size, now * size);
                    MemorySegment from = inPlace ? target : scratch.asSlice(0, now * stored);
                    bytes.read(offset + (first + done) * stored, from);
                    decoder.decode(from, target, now);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
