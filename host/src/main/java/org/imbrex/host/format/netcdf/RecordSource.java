package org.imbrex.host.format.netcdf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.imbrex.host.format.file.Bytes;
import org.imbrex.host.format.file.Decoder;
import org.imbrex.runtime.memory.Source;

/**
 * A record variable: a run of elements in each record, the other variables' between.
 *
 * @param begin the offset of the first element
 * @param recordBytes from one run's start to the next one's
 * @param runElements in one record
 */
record RecordSource(Bytes bytes, long begin, long recordBytes, long runElements, long elements, Decoder decoder)
        implements Source.Chunked {
    private static final int BLOCK_BYTES = 256 << 10;

    /** Records that are smaller are read several at a time, with what lies between. */
    private static final long SMALL_RECORD = BLOCK_BYTES / 8;

    @Override
    public void read(long first, long count, MemorySegment into) {
        Objects.checkFromIndexSize(first, count, elements);
        int stored = decoder.storedBytes();
        int size = decoder.dtype().bytes();
        long block = BLOCK_BYTES / stored;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment scratch = arena.allocate(Math.min(block, count) * stored + 8, 8);
            MemorySegment window = recordBytes <= SMALL_RECORD ? arena.allocate(BLOCK_BYTES) : MemorySegment.NULL;
            for (long done = 0; done < count; done += block) {
                long now = Math.min(block, count - done);
                if (window.byteSize() > 0) {
                    gather(first + done, now, window, scratch);
                } else {
                    readRuns(first + done, now, scratch);
                }
                decoder.decode(scratch, into.asSlice(done * size, now * size), now);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long position(long element) {
        return begin + element / runElements * recordBytes + element % runElements * decoder.storedBytes();
    }

    private void readRuns(long first, long count, MemorySegment into) throws IOException {
        int stored = decoder.storedBytes();
        for (long done = 0; done < count; ) {
            long run = Math.min(count - done, runElements - (first + done) % runElements);
            bytes.read(position(first + done), into.asSlice(done * stored, run * stored));
            done += run;
        }
    }

    private void gather(long first, long count, MemorySegment window, MemorySegment into) throws IOException {
        int stored = decoder.storedBytes();
        long end = position(first + count - 1) + stored;
        for (long done = 0; done < count; ) {
            long start = position(first + done);
            long length = Math.min(window.byteSize(), end - start);
            bytes.read(start, window.asSlice(0, length));
            while (done < count) {
                long at = position(first + done) - start;
                long run = Math.min(count - done, runElements - (first + done) % runElements);
                if (at + run * stored > length) {
                    break;
                }
                MemorySegment.copy(window, at, into, done * stored, run * stored);
                done += run;
            }
        }
    }
}
