package org.imbrex.host.format.file;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where a file's bytes go. A regular file is written beside its place and renamed on commit, so a reader sees the old
 * file or the new one, and a mapped input that is overwritten stays what it was. Pipes and devices are written directly
 * and in order.
 *
 * <p>Bytes are written through the channel, not through a mapping: on a full disk a mapped page ends in a fault that
 * takes the JVM down, and a write in an exception.
 */
public final class Target implements AutoCloseable {
    private static final Set<String> STANDARD_OUTPUT = Set.of("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1");

    /** A byte buffer ends at 2 GiB; this is as good for the system and far from that. */
    private static final long PART = 1 << 30;

    /** Below this, asking how much room a disk has costs more than finding out. */
    private static final long ASK_FOR_ROOM = 1 << 20;

    private final Path path;
    private final Path place;
    private final Path partial;
    private final FileChannel channel;
    private final boolean closes;
    private volatile long written;
    private boolean done;

    private Target(Path path, Path place, Path partial, FileChannel channel, boolean closes) {
        this.path = path;
        this.place = place;
        this.partial = partial;
        this.channel = channel;
        this.closes = closes;
    }

    /** @param bytes how many will be written; 0 where that is not known */
    public static Target open(Path path, long bytes) throws IOException {
        if (STANDARD_OUTPUT.contains(path.toString())) {
            // The process's own stream, not the file of that name: it keeps the position after what others wrote.
            return new Target(path, path, path, new FileOutputStream(FileDescriptor.out).getChannel(), false);
        }
        if (Files.isDirectory(path)) {
            throw refused(path, "found a directory, expected a file to write");
        }
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            try {
                return new Target(path, path, path, FileChannel.open(path, StandardOpenOption.WRITE), true);
            } catch (AccessDeniedException e) {
                throw refused(path, "permission denied", e);
            }
        }
        return beside(path, bytes);
    }

    private static Target beside(Path path, long bytes) throws IOException {
        Path place = Files.exists(path) ? path.toRealPath() : path;
        Path folder = place.toAbsolutePath().getParent();
        Path name = place.getFileName();
        if (folder == null || name == null || name.toString().isEmpty()) {
            throw refused(path, "found no file name");
        }
        if (!Files.isDirectory(folder)) {
            throw refused(
                    path,
                    Files.exists(folder)
                            ? folder + " is not a directory"
                            : "the directory " + folder + " does not exist; create it first");
        }
        if (Files.exists(place) && !Files.isWritable(place)) {
            throw refused(path, "the file exists and is read-only; remove it or choose another name");
        }
        long room = bytes < ASK_FOR_ROOM ? 0 : folder.toFile().getUsableSpace();
        if (room > 0 && room < bytes) {
            throw refused(path, "needs " + bytes + " bytes, but " + folder + " has room for " + room);
        }
        Path partial = folder.resolve("." + name + "."
                + Integer.toHexString(ThreadLocalRandom.current().nextInt()) + ".partial");
        try {
            FileChannel channel = FileChannel.open(
                    partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
            Partials.add(partial);
            return new Target(path, place, partial, channel, true);
        } catch (AccessDeniedException e) {
            throw refused(path, "the directory " + folder + " is not writable", e);
        } catch (FileSystemException e) {
            throw refused(path, e.getReason() == null ? "cannot be written" : e.getReason(), e);
        }
    }

    private static FileSystemException refused(Path path, String reason) {
        return new FileSystemException(path.toString(), null, reason);
    }

    private static FileSystemException refused(Path path, String reason, IOException cause) {
        FileSystemException refused = refused(path, reason);
        refused.initCause(cause);
        return refused;
    }

    public Path path() {
        return path;
    }

    /** Whether bytes must come in order: a pipe or a device. */
    public boolean sequential() {
        return partial.equals(place);
    }

    /** Writes bytes at a position; where {@link #sequential()}, right behind those before. */
    public void write(long position, MemorySegment from) throws IOException {
        long bytes = from.byteSize();
        for (long done = 0; done < bytes; ) {
            long now = Math.min(PART, bytes - done);
            write(position + done, from.asSlice(done, now).asByteBuffer());
            done += now;
        }
    }

    /** Writes what remains in the buffer at a position. */
    public void write(long position, ByteBuffer from) throws IOException {
        try {
            if (sequential()) {
                if (position != written) {
                    throw new IllegalStateException(
                            path + ": found a write at byte " + position + ", expected " + written);
                }
                while (from.hasRemaining()) {
                    written += channel.write(from);
                }
                return;
            }
            long at = position;
            while (from.hasRemaining()) {
                at += channel.write(from, at);
            }
        } catch (IOException e) {
            // The system's message alone names no file.
            throw e.getClass() == IOException.class ? refused(path, e.getMessage(), e) : e;
        }
    }

    /** Reads back what was written; not where {@link #sequential()}. */
    public void read(long position, ByteBuffer into) throws IOException {
        for (long at = position; into.hasRemaining(); ) {
            int count = channel.read(into, at);
            if (count < 0) {
                throw refused(path, "ends at byte " + at + " while being written");
            }
            at += count;
        }
    }

    /** Puts the file in its place. */
    public synchronized void commit() throws IOException {
        if (done) {
            throw new IllegalStateException(path + " is closed");
        }
        if (!sequential()) {
            keepPermissions();
            channel.close();
            try {
                Files.move(partial, place, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileSystemException e) {
                throw refused(path, "cannot be put in place: " + e.getReason(), e);
            }
            Partials.remove(partial);
        } else if (closes) {
            channel.close();
        }
        done = true;
    }

    private void keepPermissions() throws IOException {
        if (!Files.exists(place)) {
            return;
        }
        PosixFileAttributeView old = Files.getFileAttributeView(place, PosixFileAttributeView.class);
        PosixFileAttributeView now = Files.getFileAttributeView(partial, PosixFileAttributeView.class);
        if (old != null && now != null) {
            now.setPermissions(old.readAttributes().permissions());
        }
    }

    @Override
    public synchronized void close() {
        if (done) {
            return;
        }
        done = true;
        try {
            if (closes) {
                channel.close();
            }
            if (!sequential()) {
                Files.deleteIfExists(partial);
                Partials.remove(partial);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
