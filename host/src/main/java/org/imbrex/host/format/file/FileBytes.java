package org.imbrex.host.format.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** A regular file open for reading; the last owner to close it closes the file. */
public final class FileBytes implements Bytes {
    /** A byte buffer ends at 2 GiB; this is as good for the system and far from that. */
    private static final long PART = 1 << 30;

    private final Path path;
    private final FileChannel channel;
    private final long size;
    private int owners = 1;

    private FileBytes(Path path, FileChannel channel, long size) {
        this.path = path;
        this.channel = channel;
        this.size = size;
    }

    public static FileBytes open(Path path) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (attributes.isDirectory()) {
                throw new FileSystemException(path.toString(), null, "found a directory, expected an array file");
            }
            if (!attributes.isRegularFile()) {
                throw new FileSystemException(
                        path.toString(),
                        null,
                        "found a pipe or a device, expected a file; save its content to one first");
            }
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            return new FileBytes(path, channel, channel.size());
        } catch (NoSuchFileException e) {
            throw told(new NoSuchFileException(path.toString(), null, "no such file"), e);
        } catch (AccessDeniedException e) {
            throw told(new AccessDeniedException(path.toString(), null, "permission denied"), e);
        }
    }

    private static IOException told(IOException told, IOException cause) {
        told.initCause(cause);
        return told;
    }

    public Path path() {
        return path;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(long position, MemorySegment into) throws IOException {
        long bytes = into.byteSize();
        for (long done = 0; done < bytes; ) {
            ByteBuffer part = into.asSlice(done, Math.min(PART, bytes - done)).asByteBuffer();
            int count = channel.read(part, position + done);
            if (count < 0) {
                throw new EOFException(path + ": ends at byte " + channel.size() + ", expected " + (bytes - done)
                        + " more bytes from byte " + (position + done) + " on; was it changed while in use?");
            }
            done += count;
        }
    }

    @Override
    public MemorySegment map(long position, long bytes, Arena arena) throws IOException {
        if (bytes == 0) {
            return arena.allocate(0, 64);
        }
        return channel.map(FileChannel.MapMode.READ_ONLY, position, bytes, arena);
    }

    @Override
    public synchronized FileBytes share() {
        if (owners == 0) {
            throw new IllegalStateException(path + " is closed");
        }
        owners++;
        return this;
    }

    @Override
    public synchronized void close() {
        if (owners > 0 && --owners == 0) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
