package org.imbrex.host.coordinator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.runtime.schedule.TileLog;

/** What tiles have written, a file for each stage, tile behind tile in the order in which they came. */
final class StageFiles implements AutoCloseable {
    private static final int BUFFER = 64 << 10;
    /** What is written or read at once of a long run: its digest finds it in cache. */
    private static final long CHUNK = 256 << 10;

    private final Path folder;
    private final Map<Integer, Open> open = new ConcurrentHashMap<>();
    private final ArrayDeque<ByteBuffer> buffers = new ArrayDeque<>();

    /** Where a tile's bytes are, and their SHA-256. */
    record Kept(long offset, long bytes, byte[] digest) {
        long end() {
            return offset + bytes;
        }
    }

    private record Open(FileChannel channel, AtomicLong end) {}

    StageFiles(Path folder) {
        this.folder = folder;
    }

    private Path file(int stage) {
        return folder.resolve("stage-" + stage + ".tiles");
    }

    private Open open(int stage) {
        return open.computeIfAbsent(stage, number -> {
            try {
                FileChannel channel = FileChannel.open(
                        file(number), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                return new Open(channel, new AtomicLong());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** How many bytes there are of a stage. */
    long size(int stage) throws IOException {
        return Files.exists(file(stage)) ? Files.size(file(stage)) : 0;
    }

    /** What lies behind {@code end} is of tiles that were never finished. */
    void cut(int stage, long end) throws IOException {
        Open file = open(stage);
        file.channel.truncate(end);
        file.end.set(end);
    }

    /** Writes what a tile has written; on the disk it is only after {@link #force}. */
    Kept write(int stage, TileLog.Memory from) throws IOException {
        Open file = open(stage);
        long bytes = from.bytes();
        Kept kept = new Kept(file.end.getAndAdd(bytes), bytes, new byte[0]);
        byte[] digest = pass(file.channel, kept, from, true);
        return new Kept(kept.offset, bytes, digest);
    }

    /** Reads what a tile has written; false where that is not what was written once. */
    boolean read(int stage, Kept kept, TileLog.Memory into) throws IOException {
        return into.bytes() == kept.bytes
                && size(stage) >= kept.end()
                && Arrays.equals(pass(open(stage).channel, kept, into, false), kept.digest);
    }

    private byte[] pass(FileChannel channel, Kept kept, TileLog.Memory memory, boolean write) throws IOException {
        Pass pass = new Pass(channel, kept, write, buffer());
        try {
            memory.each(pass::run);
            return pass.end();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            synchronized (buffers) {
                buffers.push(pass.buffer);
            }
        }
    }

    private ByteBuffer buffer() {
        synchronized (buffers) {
            return buffers.isEmpty() ? ByteBuffer.allocateDirect(BUFFER) : buffers.pop().clear();
        }
    }

    /** One tile's runs between memory and the file; short ones by way of a buffer. */
    private final class Pass {
        private final FileChannel channel;
        private final boolean write;
        private final ByteBuffer buffer;
        private final MemorySegment staged;
        private final MessageDigest digest = JobSpec.sha256();
        private final long end;
        private long at;

        Pass(FileChannel channel, Kept kept, boolean write, ByteBuffer buffer) {
            this.channel = channel;
            this.write = write;
            this.buffer = buffer;
            this.staged = MemorySegment.ofBuffer(buffer.duplicate().clear());
            this.at = kept.offset();
            this.end = kept.end();
            buffer.limit(write ? BUFFER : 0);
        }

        void run(MemorySegment run) {
            try {
                for (long done = 0; done < run.byteSize(); ) {
                    long left = run.byteSize() - done;
                    if (left >= BUFFER && (write ? buffer.position() == 0 : !buffer.hasRemaining())) {
                        long now = Math.min(CHUNK, left);
                        ByteBuffer chunk = run.asSlice(done, now).asByteBuffer();
                        digest.update(move(chunk));
                        done += now;
                    } else {
                        if (!buffer.hasRemaining()) {
                            turn();
                        }
                        int now = (int) Math.min(buffer.remaining(), left);
                        if (write) {
                            MemorySegment.copy(run, done, staged, buffer.position(), now);
                        } else {
                            MemorySegment.copy(staged, buffer.position(), run, done, now);
                        }
                        buffer.position(buffer.position() + now);
                        done += now;
                        if (write && left > now) {
                            turn();
                        }
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(Disk.named(folder, e));
            }
        }

        /** Writes the full buffer, or fills the empty one. */
        private void turn() throws IOException {
            if (write) {
                digest.update(move(buffer.flip()));
                buffer.clear();
            } else {
                if (at == end) {
                    throw new IOException("found fewer bytes than a tile writes");
                }
                buffer.clear().limit((int) Math.min(BUFFER, end - at));
                digest.update(move(buffer));
            }
        }

        /** All of it, at the next place in the file; left as it was for the digest. */
        private ByteBuffer move(ByteBuffer bytes) throws IOException {
            int start = bytes.position();
            ByteBuffer moved = bytes.duplicate();
            while (moved.hasRemaining()) {
                int count = write ? channel.write(moved, at) : channel.read(moved, at);
                if (count < 0) {
                    throw new IOException("a file of tiles ends too early");
                }
                at += count;
            }
            return bytes.duplicate().position(start);
        }

        byte[] end() throws IOException {
            if (write && buffer.position() > 0) {
                turn();
            }
            if (at != end) {
                throw new IOException("found " + (end - at) + " bytes less than a tile writes");
            }
            return digest.digest();
        }
    }

    /** Waits until what was written of a stage is on the disk. */
    void force(int stage) throws IOException {
        try {
            open(stage).channel.force(false);
        } catch (IOException e) {
            throw Disk.named(file(stage), e);
        }
    }

    void remove(int stage) throws IOException {
        Open file = open.remove(stage);
        if (file != null) {
            file.channel.close();
        }
        Files.deleteIfExists(file(stage));
    }

    @Override
    public void close() throws IOException {
        for (Open file : open.values()) {
            file.channel.close();
        }
        open.clear();
    }
}
