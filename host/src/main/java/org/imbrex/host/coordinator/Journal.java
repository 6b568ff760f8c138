package org.imbrex.host.coordinator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32C;
import org.imbrex.host.node.NodeException;

/**
 * A file that only grows, record by record, each with its length and checksum: what a process was writing when it ended
 * is found by that, and cut. After {@link #append} returns, its records are on the disk.
 *
 * <p>Eight bytes ({@code IBXJ}, the version), then for each record its length, the CRC32C of length and bytes, the bytes.
 */
final class Journal implements AutoCloseable {
    static final int VERSION = 1;
    static final int HEADER = 8;
    static final int RECORD_HEADER = 8;
    private static final int MAGIC = 0x4a584249; // IBXJ
    /** A job's description is the longest record. */
    private static final int MOST = 16 << 20;

    private final Path file;
    private final FileChannel channel;
    private long end;
    private long cutBytes;

    /** Takes one record; the bytes are its own. */
    @FunctionalInterface
    interface Reader {
        void record(byte[] record) throws IOException;
    }

    private Journal(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens a journal, made if there is none, and reads its records to the first that is not whole, which is cut off
     * with all that follows.
     *
     * @throws NodeException where the file is of another version, or none of ours
     */
    static Journal open(Path file, Reader reader) throws IOException {
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Journal journal = new Journal(file, channel);
        try {
            journal.read(reader);
            return journal;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void read(Reader reader) throws IOException {
        long size = channel.size();
        ByteBuffer header = part(0, (int) Math.min(size, HEADER));
        if (size >= Integer.BYTES && header.getInt(0) != MAGIC) {
            throw new NodeException(file + ": found no journal of Imbrex's; move the file away");
        }
        if (size < HEADER) {
            write(0, buffer(HEADER).putInt(MAGIC).putInt(VERSION).flip());
            channel.truncate(HEADER);
            channel.force(true);
            end = HEADER;
            return;
        }
        int version = header.getInt(4);
        if (version != VERSION) {
            throw new NodeException(file + ": found a journal of version " + version + ", expected " + VERSION
                    + "; finish the job with the version of Imbrex that began it, or remove the folder "
                    + file.toAbsolutePath().getParent() + " and submit the job again");
        }
        end = HEADER;
        while (size - end >= RECORD_HEADER) {
            ByteBuffer start = part(end, RECORD_HEADER);
            int length = start.getInt(0);
            if (length < 0 || length > MOST || length > size - end - RECORD_HEADER) {
                break;
            }
            byte[] record = part(end + RECORD_HEADER, length).array();
            if (start.getInt(4) != sum(record)) {
                break;
            }
            reader.record(record);
            end += RECORD_HEADER + length;
        }
        cutBytes = size - end;
        if (cutBytes > 0) {
            channel.truncate(end);
            channel.force(true);
        }
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer part(long at, int bytes) throws IOException {
        ByteBuffer part = buffer(bytes);
        while (part.hasRemaining()) {
            if (channel.read(part, at + part.position()) < 0) {
                throw new FileSystemException(file.toString(), null, "grew shorter while it was read");
            }
        }
        return part.flip();
    }

    private static int sum(byte[] record) {
        CRC32C sum = new CRC32C();
        sum.update(buffer(Integer.BYTES).putInt(record.length).flip());
        sum.update(record);
        return (int) sum.getValue();
    }

    /** How many bytes were cut when it was opened. */
    long cutBytes() {
        return cutBytes;
    }

    /** Where it ends. */
    synchronized long bytes() {
        return end;
    }

    /**
     * Writes records and waits until they are on the disk.
     *
     * @throws IOException where they are not; then none of them is in the journal
     */
    synchronized void append(List<byte[]> records) throws IOException {
        int bytes = records.stream().mapToInt(record -> RECORD_HEADER + record.length).sum();
        ByteBuffer all = buffer(bytes);
        for (byte[] record : records) {
            all.putInt(record.length).putInt(sum(record)).put(record);
        }
        try {
            write(end, all.flip());
            channel.force(false);
        } catch (IOException e) {
            channel.truncate(end);
            throw Disk.named(file, e);
        }
        end += bytes;
    }

    private void write(long at, ByteBuffer from) throws IOException {
        while (from.hasRemaining()) {
            at += channel.write(from, at);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
