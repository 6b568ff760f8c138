package org.imbrex.host.coordinator;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import org.imbrex.kernels.stage.Program;
import org.imbrex.runtime.memory.Source;

/** An input as the bytes of its flat elements, read part by part. */
record InputBytes(Source source, long bytes, int width) {

    static InputBytes of(Program.Buffer buffer, Source source) {
        return new InputBytes(source, buffer.bytes(), buffer.dtype().bytes());
    }

    /**
     * Some of the bytes.
     *
     * @param at a multiple of an element's width, as {@code count} is
     * @param memory used where the source does not lie in memory
     */
    MemorySegment read(long at, long count, MemorySegment memory) {
        return switch (source) {
            case Source.Resident resident -> resident.memory().asSlice(at, count);
            case Source.Chunked chunked -> {
                MemorySegment part = memory.asSlice(0, count);
                if (count > 0) {
                    chunked.read(at / width, count / width, part);
                }
                yield part;
            }
        };
    }

    /** Reads all of it for its digest. */
    JobSpec.Input described(MemorySegment memory) {
        MessageDigest digest = JobSpec.sha256();
        for (long at = 0; at < bytes; at += memory.byteSize()) {
            digest.update(read(at, Math.min(memory.byteSize(), bytes - at), memory).asByteBuffer());
        }
        return new JobSpec.Input(JobSpec.hex(digest.digest(), JobSpec.DIGEST), bytes);
    }
}
